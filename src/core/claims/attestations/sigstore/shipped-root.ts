/** Sigstore's public-good trust root as it is shipped with this program: the targets of the pinned npm package. */
import { fromBase64 } from '../../../bytes/base64.ts';
import { sha256Hex } from '../../../crypto/digest.ts';
import { AppError } from '../../../errors.ts';
import type { Supplied } from '../kind.ts';

/** Digests of the targets of @sigstore/tuf 5.0.1: another file under the same name is not used. */
const PINNED = {
  'trusted_root.json': {
    sha256: '6494e21ea73fa7ee769f85f57d5a3e6a08725eae1e38c755fc3517c9e6bc0b66',
    name: 'Sigstore’s public-good trust root',
  },
  'registry.npmjs.org%2Fkeys.json': {
    sha256: '160677eb6e1c7083c89b166b20f8fe4e837fb71181506aff1991b80b89184f7d',
    name: 'the npm registry’s signing keys',
  },
} as const;

/** The package was published on this day; its targets are as old or older. */
const DATE = '2026-11-05';

/** @throws AppError ATTEST_TRUST_ROOT when the package holds something else than what is pinned */
export async function shippedTarget(name: keyof typeof PINNED): Promise<Supplied> {
  const { default: seeds } = await import('@sigstore/tuf/seeds.json');
  const bytes = fromBase64(seeds['https://tuf-repo-cdn.sigstore.dev'].targets[name]);
  const sha256 = await sha256Hex(bytes);
  const pinned = PINNED[name];
  if (sha256 !== pinned.sha256) throw new AppError('ATTEST_TRUST_ROOT', { why: 'its digest is not the pinned one' });
  return { bytes, origin: { from: 'shipped', name: pinned.name, date: DATE, sha256 } };
}
