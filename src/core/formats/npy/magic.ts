import { looksLikeZip } from '../zip/archive.ts';

/** `\x93NUMPY` */
export const NPY_MAGIC: readonly number[] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

export function looksLikeNpy(head: Uint8Array, name: string): boolean {
  const known = Math.min(NPY_MAGIC.length, head.length);
  // A file cut inside the magic is a damaged array only when its name says so.
  if (known < NPY_MAGIC.length && (known === 0 || !/\.npy$/i.test(name))) return false;
  return NPY_MAGIC.every((byte, i) => i >= known || head[i] === byte);
}

/** A zip of arrays: by its name, or because the first of its files is one. */
export function looksLikeNpz(head: Uint8Array, name: string): boolean {
  return looksLikeZip(head) && (/\.npz$/i.test(name) || firstName(head).endsWith('.npy'));
}

/** Name of the first entry of a zip, as far as it lies in the head. */
export function firstName(head: Uint8Array): string {
  if (head.length < 30) return '';
  const length = head[26]! + 256 * head[27]!;
  return new TextDecoder().decode(head.subarray(30, 30 + length));
}
