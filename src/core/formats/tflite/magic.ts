import { has } from '../magic.ts';

/** The file identifier stands behind the root offset; a file by that name without it is refused as a damaged one. */
export function looksLikeTflite(head: Uint8Array, name: string): boolean {
  return has(head, 'TFL3', 4) || (/\.tflite$/i.test(name) && !has(head, 'PK') && head[0] !== 0x80);
}
