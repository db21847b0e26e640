/** Choosing among the given minisign and signify keys by the number that a signature names. */
import { ed25519Spki } from '../../../crypto/spki.ts';
import { AppError } from '../../../errors.ts';
import type { TrustOrigin } from '../attestation.ts';
import type { Supplied } from '../kind.ts';
import { keysOf, unusableKey } from './given-keys.ts';

export interface NumberedKey {
  readonly point: Uint8Array;
  readonly spki: Uint8Array;
  readonly origin: TrustOrigin;
}

/**
 * @param shown the number as the tool prints it, for the words
 * @throws AppError ATTEST_NO_KEY, ATTEST_NO_USABLE_KEY, ATTEST_OTHER_KEY {hint}
 */
export async function chooseNumbered(
  given: readonly Supplied[],
  number: string,
  shown: string,
  wants: string,
): Promise<NumberedKey> {
  const found = keysOf(given, ['numbered'], wants).find((key) => key.number === number);
  if (found === undefined) throw new AppError('ATTEST_OTHER_KEY', { hint: shown });
  const { isEd25519Key } = await import('../../../crypto/ed25519-stream.ts');
  if (!isEd25519Key(found.point)) {
    throw unusableKey(found.origin.name, new AppError('ATTEST_KEY', { why: 'its point is none that signs' }), wants);
  }
  return { point: found.point, spki: ed25519Spki(found.point), origin: found.origin };
}
