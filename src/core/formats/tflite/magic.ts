import { has } from '../magic.ts';

/** The file identifier stands behind the root offset. */
export function looksLikeTflite(head: Uint8Array): boolean {
  return has(head, 'TFL3', 4);
}
