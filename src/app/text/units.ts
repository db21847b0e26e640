/** Sizes, rates, times and dates as people read them. Decimal units: what file managers, hosts and disks count in. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `601 B`, `84 kB`, `13.4 GB`: at most three digits that mean something. */
export function bytes(n: number): string {
  if (!Number.isFinite(n) || n < 0) return 'an unknown size';
  let unit = 0;
  let value = n;
  // 999.5 kB would round to "1000 kB": it is "1 MB".
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  const text = value.toFixed(digits);
  return `${digits === 1 && text.endsWith('.0') ? text.slice(0, -2) : text} ${UNITS[unit]}`;
}

/** `5,368,709,120 bytes`, where every digit matters. */
export function exactBytes(n: number): string {
  return n === 1 ? '1 byte' : `${count(n)} bytes`;
}

/** `26,905`. English grouping whatever the locale: the words around it are English. */
export function count(n: number): string {
  return n.toLocaleString('en-GB');
}

/** `1 file`, `4 files`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** `under a second`, `34 s`, `3 min 20 s`, `1 h 12 min`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return 'an unknown time';
  if (seconds < 1) return 'under a second';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) {
    const rest = whole % 60;
    return `${Math.floor(whole / 60)} min${rest > 0 && whole < 600 ? ` ${rest} s` : ''}`;
  }
  const minutes = Math.floor((whole % 3600) / 60);
  return `${Math.floor(whole / 3600)} h${minutes > 0 ? ` ${minutes} min` : ''}`;
}

/** `390 MB/s`. */
export function rate(bytesPerSecond: number): string {
  return `${bytes(bytesPerSecond)}/s`;
}

/** `20 November 2026`, from an ISO date; the text itself when it is none. */
export function date(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso.slice(0, 40);
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
}

/** `20 November 2026, 14:03 UTC`. */
export function dateTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso.slice(0, 40);
  return `${date(iso)}, ${at.toISOString().slice(11, 16)} UTC`;
}

const DAY = 86_400_000;

/** `today`, `yesterday`, `Tuesday`, `3 May`, `3 May 2025`: for lists of recent things, in local time. */
export function recently(iso: string, now: Date = new Date()): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '';
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const days = Math.ceil((midnight - at.getTime()) / DAY);
  if (days <= 0) return 'today';
  if (days === 1) return 'yesterday';
  if (days < 7) return at.toLocaleDateString('en-GB', { weekday: 'long' });
  const sameYear = at.getFullYear() === now.getFullYear();
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', ...(sameYear ? {} : { year: 'numeric' }) });
}
