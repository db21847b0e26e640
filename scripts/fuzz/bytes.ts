/** Bytes put together and taken apart. */
const KiB = 1024;
/** Repeats of one piece stay below this. */
export const REPEATED_MAX = 64 * KiB;

/** `piece` as often as asked, while that stays below `REPEATED_MAX`. */
export function repeated(piece: Uint8Array, times: number): Uint8Array {
  return tile(piece, Math.min(Math.floor(REPEATED_MAX / Math.max(1, piece.length)), times));
}

function tile(piece: Uint8Array, times: number): Uint8Array {
  const out = new Uint8Array(piece.length * times);
  for (let i = 0; i < times; i += 1) out.set(piece, i * piece.length);
  return out;
}

export function insertAt(bytes: Uint8Array, at: number, piece: Uint8Array): Uint8Array {
  return concat(bytes.subarray(0, at), piece, bytes.subarray(at));
}

export function without(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return concat(bytes.subarray(0, start), bytes.subarray(end));
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let filled = 0;
  for (const part of parts) {
    out.set(part, filled);
    filled += part.length;
  }
  return out;
}
