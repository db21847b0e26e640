import { AppError } from '../../src/core/errors.ts';
import type { Corpus } from './corpus.ts';
import type { Repair } from './repair.ts';
import type { Seed } from './seed.ts';

/** A parser, and how it is fed. */
export interface Target {
  /** Begins the name of its crashers. */
  readonly id: string;
  /** What mutants are made of. */
  seeds(corpus: Corpus): readonly Seed[];
  /** Pieces that mean something to this parser. */
  readonly words?: readonly (string | Uint8Array)[];
  readonly repair?: Repair;
  /** Puts a changed seed into the wrapping in which it arrives (deflated, base64). */
  readonly wrap?: (bytes: Uint8Array) => Uint8Array;
  /** Codes with which it may refuse. */
  readonly refuses: RegExp;
  /**
   * Reads one input and everything it offers.
   * @throws AppError as a reader does; anything else, and any other code, is a defect
   */
  run(bytes: Uint8Array): Promise<unknown>;
}

export type Outcome = 'described' | 'refused';

/** Runs one input. @throws what is a defect: an uncoded error, or a code that does not belong here */
export async function outcomeOf(target: Target, bytes: Uint8Array): Promise<Outcome> {
  try {
    await target.run(bytes);
    return 'described';
  } catch (error) {
    if (error instanceof AppError && target.refuses.test(error.code)) return 'refused';
    throw error;
  }
}

/** A property that does not hold. */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`broken promise: ${what}`);
}
