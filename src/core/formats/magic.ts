import { SAFETENSORS_HEADER_MAX } from '../limits.ts';

/** Do the bytes at `at` spell this text (one byte a character)? */
export function has(bytes: Uint8Array, text: string, at = 0): boolean {
  if (at + text.length > bytes.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/**
 * A length that fits, then `{`. Looked at before two-byte signatures: a header of 23,117 bytes begins with `MZ`, one of
 * 35,615 like gzip.
 */
export function looksLikeSafetensors(head: Uint8Array, size: number): boolean {
  if (head.length < 9 || size < 10) return false;
  const high = head.subarray(4, 8).some((byte) => byte !== 0);
  const length = new DataView(head.buffer, head.byteOffset, 4).getUint32(0, true);
  return !high && length >= 2 && length <= SAFETENSORS_HEADER_MAX && head[8] === 0x7b;
}

export function looksLikeGguf(head: Uint8Array): boolean {
  return has(head, 'GGUF');
}

/** Containers of weights whose first bytes name them, read here or not. Order matters only where one is a prefix. */
const SIGNATURES: readonly (readonly [format: string, text: string, at?: number])[] = [
  ['GGUF', 'GGUF'],
  ['HDF5', '\x89HDF\r\n\x1a\n'],
  ['NumPy', '\x93NUMPY'],
  ['TensorFlow Lite', 'TFL3', 4],
  ['ZIP', 'PK\x03\x04'],
  ['ExecuTorch', 'ET12', 4],
];

/** A container recognised by its first bytes, in words; null when none is. */
export function containerName(head: Uint8Array, size: number): string | null {
  if (looksLikeSafetensors(head, size)) return 'safetensors';
  return SIGNATURES.find(([, text, at]) => has(head, text, at ?? 0))?.[0] ?? null;
}
