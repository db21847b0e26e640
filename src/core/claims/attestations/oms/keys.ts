/** Which of the given keys an OpenSSF model signature may be by. What a person supplied never speaks against a signature. */
import { sha256Hex } from '../../../crypto/digest.ts';
import { toPem } from '../../../crypto/pem.ts';
import type { PublicKey } from '../../../crypto/public-key.ts';
import { AppError } from '../../../errors.ts';
import { KEYS_TRIED_MAX } from '../../../limits.ts';
import type { TrustOrigin } from '../attestation.ts';
import { keysOf } from '../detached/given-keys.ts';
import type { Supplied } from '../kind.ts';

export interface OmsKey {
  readonly key: PublicKey & { readonly type: 'ec' };
  readonly origin: TrustOrigin;
}

const WANTS = 'the publisher’s public key as a PEM file (P-256, P-384 or P-521)';

/**
 * The key whose PEM text has the digest that a signature names, or, for the old form that names none, all that could be it.
 *
 * @throws AppError ATTEST_NO_KEY; ATTEST_NO_USABLE_KEY {name, why}: no file given holds such a key; ATTEST_OTHER_KEY {hint}
 */
export async function candidateKeys(given: readonly Supplied[], hint: string | undefined): Promise<readonly OmsKey[]> {
  if (given.length === 0) throw new AppError('ATTEST_NO_KEY', hint === undefined ? {} : { hint });
  const keys = keysOf(given, ['pem'], WANTS);
  const usable: OmsKey[] = [];
  for (const { key, origin } of keys) {
    const named =
      hint === undefined || (await sha256Hex(new TextEncoder().encode(toPem('PUBLIC KEY', key.spki)))) === hint;
    if (key.type === 'ec' && named && (await isOnCurve(key))) usable.push({ key, origin });
    else if (hint !== undefined && named) throw unfit(origin);
  }
  if (usable.length > 0) return usable.slice(0, KEYS_TRIED_MAX);
  const curves = keys.filter(({ key }) => key.type === 'ec');
  if (hint === undefined || curves.length === 0) throw unfit(keys[0]!.origin);
  throw new AppError('ATTEST_OTHER_KEY', { hint });
}

async function isOnCurve(key: PublicKey & { readonly type: 'ec' }): Promise<boolean> {
  const { ecdsaIsPoint } = await import('../../../crypto/digest-signature.ts');
  return ecdsaIsPoint(key);
}

function unfit({ name }: TrustOrigin): AppError {
  return new AppError('ATTEST_NO_USABLE_KEY', {
    name,
    why: 'model signatures are made with NIST curves',
    wants: WANTS,
  });
}
