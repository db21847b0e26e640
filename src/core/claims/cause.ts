/** The likely cause of bytes that are not the stated ones, as facts for the words. */
import type { Check } from './check.ts';
import type { DigestStatement } from './claim.ts';
import type { Evidence } from './evidence.ts';

/**
 * `instead`: what the file is in place of a model. `shorter`, `longer`, `same-size`: against the stated size.
 * `truncated`: the file ends before its own header says. `swapped`: it is another file of the same claim.
 */
export type Cause = 'instead' | 'truncated' | 'swapped' | 'shorter' | 'longer' | 'same-size' | 'unknown';

type Detail = NonNullable<Check['detail']>;

/** @param twin path of another file of the same claim that states exactly these bytes */
export function likelyCause(evidence: Evidence, stated: DigestStatement, twin: string | undefined): Detail {
  const sizes = stated.size === undefined ? {} : { sizeStated: stated.size };
  const facts = { sizeHere: evidence.size, ...sizes };
  if (evidence.notAModel !== undefined) return { cause: 'instead', instead: evidence.notAModel.kind, ...facts };
  if (twin !== undefined) return { cause: 'swapped', twin, ...facts };
  const missing =
    evidence.formatError?.code === 'FORMAT_TRUNCATED' ? evidence.formatError.detail['missing'] : undefined;
  if (missing !== undefined) return { cause: 'truncated', missing, ...facts };
  if (stated.size === undefined) return { cause: 'unknown', ...facts };
  const order = Math.sign(evidence.size - stated.size);
  return { cause: order < 0 ? 'shorter' : order > 0 ? 'longer' : 'same-size', ...facts };
}
