/** Numbers for people. Decimal units (1 GB = 10^9 bytes), as hubs and file managers show them. */
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `4.9 GB`, `601 B`: at most one decimal, never scientific. Negative or non-finite input is shown as `?`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 0) return '?';
  let value = bytes;
  let unit = 0;
  // 999.95 kB would round to 1000.0 kB; it is 1.0 MB.
  while (unit < UNITS.length - 1 && value >= (unit === 0 ? 1000 : 999.95)) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? String(Math.round(value)) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** `1,234,567`: digits grouped by three. */
export function formatCount(count: number): string {
  return Math.trunc(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '?';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `1 file`, `3 files`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A digest in groups of eight hex digits, for reading aloud and comparing by eye. */
export function groupDigest(hex: string): string {
  return hex.replace(/.{8}(?=.)/g, '$& ');
}

/** `the file`, `both files`, `all 4 files`. */
export function allOf(count: number, one: string): string {
  if (count === 1) return `the ${one}`;
  return count === 2 ? `both ${one}s` : `all ${plural(count, one)}`;
}

/** A sentence begun with a capital, for texts that do not begin with a name. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
