/** One line on a terminal that shows bytes, rate and time left; nothing at all in a pipe. */
import type { WriteStream } from 'node:tty';
import { formatBytes, formatSeconds } from '../core/report/words/units.ts';

const REDRAW_MS = 100;

export interface ProgressBar {
  /** `done` and `total` in bytes over everything; `label`: what is at hand. */
  update(done: number, total: number, label: string): void;
  clear(): void;
}

/** A bar on `stream` when it is a terminal, else one that writes nothing. */
export function createProgressBar(
  stream: WriteStream | NodeJS.WriteStream,
  now: () => number = () => performance.now(),
): ProgressBar {
  if (!stream.isTTY) return { update() {}, clear() {} };
  const started = now();
  let drawn = Number.NEGATIVE_INFINITY;
  return {
    update(done, total, label) {
      const time = now();
      if (time - drawn < REDRAW_MS && done < total) return;
      drawn = time;
      stream.write(`\r\x1b[2K${line(done, total, (time - started) / 1000, label, stream.columns ?? 80)}`);
    },
    clear() {
      if (drawn !== Number.NEGATIVE_INFINITY) stream.write('\r\x1b[2K');
    },
  };
}

/** The text of the bar, never wider than the terminal. `seconds`: since the start. */
export function line(done: number, total: number, seconds: number, label: string, columns: number): string {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const width = 20;
  const full = Math.floor(share * width);
  const bar = '█'.repeat(full) + '░'.repeat(width - full);
  const rate = seconds > 0.2 ? done / seconds : 0;
  const left = rate > 0 && total > done ? `, ${formatSeconds((total - done) / rate)} left` : '';
  const text = `${bar} ${formatBytes(done)} of ${formatBytes(total)}${rate > 0 ? `, ${formatBytes(rate)}/s` : ''}${left}  `;
  const room = columns - text.length - 1;
  // A file's name is the file's own text: control characters must not reach the terminal.
  const name = printable(label);
  return room < 8 ? text.slice(0, columns - 1) : text + (name.length > room ? `…${name.slice(-(room - 1))}` : name);
}

/** Text from a file or a network, made safe for a terminal: control and direction-changing characters become `\u{…}`. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`);
}
