import { existsSync } from 'node:fs';

/** The built file that threads run, beside the command line's own; null when run from source. */
export function threadEntry(): URL | null {
  const url = new URL('./thread.js', import.meta.url);
  return existsSync(url) ? url : null;
}
