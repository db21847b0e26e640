/** Rates, times and dates as people read them. Sizes and counts come from the report's own words, so that all agree. */
import { formatBytes, formatCount, formatSeconds } from '../../core/report/words/units.ts';

/** `5,368,709,120 bytes`, where every digit matters. */
export function exactBytes(n: number): string {
  return n === 1 ? '1 byte' : `${formatCount(n)} bytes`;
}

/** `under a second`, `34 s`, `3 min 20 s`. */
export function duration(seconds: number): string {
  return seconds >= 0 && seconds < 1 ? 'under a second' : formatSeconds(seconds);
}

/** `390.2 MB/s`. */
export function rate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
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
