/** What the generated validators call. Nothing else of Ajv is shipped. */
import { FORMATS } from './formats.ts';

/** Unicode code points, as JSON Schema counts. */
function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** By the names of Ajv's own runtime modules. `equal` is for `enum` and `const`, which hold scalars here. */
export const RUNTIME = {
  formats: FORMATS,
  equal: { default: (a: unknown, b: unknown): boolean => a === b },
  length: { default: codePoints },
};
