/** The map of a file as a bar: hundreds of thousands of parts in a thousand columns, with no gap too small to be seen. */
import type { FileMap, MapPart, PartKind } from '../../../core/report/file-map.ts';

export const COLUMNS = 1000;
/** A gap is this wide at least, in columns, however large the file. */
const GAP_WIDTH = 4;

export interface Strip {
  readonly kind: PartKind;
  /** In columns. */
  readonly x: number;
  readonly width: number;
  /** Neighbouring tensors take turns, so that their borders are seen. */
  readonly turn: boolean;
}

/** The part of a file that is in sight: bytes [from, to). */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Strips from left to right, then all gaps over them. */
export function strips({ parts }: FileMap, { from, to }: Span): Strip[] {
  const scale = COLUMNS / Math.max(1, to - from);
  const list: Strip[] = [];
  const gaps: Strip[] = [];
  let turn = false;
  let last: { kind: PartKind; x: number; end: number; turn: boolean } | null = null;
  const flush = (): void => {
    if (last !== null) list.push({ kind: last.kind, x: last.x, width: last.end - last.x, turn: last.turn });
    last = null;
  };
  for (const { kind, start, end } of inSight(parts, { from, to })) {
    const x = (Math.max(start, from) - from) * scale;
    const right = (Math.min(end, to) - from) * scale;
    if (kind === 'tensor') turn = !turn;
    if (kind === 'unclaimed') {
      const width = Math.max(GAP_WIDTH, right - x);
      gaps.push({ kind, x: Math.min(x, COLUMNS - width), width, turn: false });
    }
    // What is narrower than a column melts into the strip that was begun there.
    if (last !== null && right - last.x < 1) {
      last.end = right;
      continue;
    }
    flush();
    last = { kind, x, end: right, turn };
  }
  flush();
  return [...list, ...gaps.slice(0, COLUMNS)];
}

/** Parts that touch the span. */
export function inSight(parts: readonly MapPart[], { from, to }: Span): readonly MapPart[] {
  const first = lower(parts, (part) => part.end > from);
  const end = lower(parts, (part) => part.start >= to);
  return parts.slice(first, end);
}

/** The first place where `holds` is true; parts are in order, so it stays true after. */
function lower(parts: readonly MapPart[], holds: (part: MapPart) => boolean): number {
  let low = 0;
  let high = parts.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(parts[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A quarter of what is in sight, or four times as much, around a byte; never beyond the file, never below 64 bytes. */
export function zoom({ from, to }: Span, size: number, around: number, closer: boolean): Span {
  const width = Math.min(size, Math.max(64, Math.round((to - from) * (closer ? 0.25 : 4))));
  const start = Math.min(Math.max(0, Math.round(around - width / 2)), size - width);
  return { from: start, to: start + width };
}

/** Bytes as rows of `width`: offset, hex, and text with a dot for everything that is not printable ASCII. */
export function hexRows(
  bytes: Uint8Array,
  start: number,
  width: number,
): { readonly offset: string; readonly hex: string; readonly text: string }[] {
  const digits = Math.max(8, (start + bytes.length).toString(16).length);
  const rows = [];
  for (let at = 0; at < bytes.length; at += width) {
    const row = bytes.subarray(at, at + width);
    rows.push({
      offset: (start + at).toString(16).padStart(digits, '0'),
      hex: Array.from(row, (byte) => byte.toString(16).padStart(2, '0')).join(' '),
      text: Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join(''),
    });
  }
  return rows;
}
