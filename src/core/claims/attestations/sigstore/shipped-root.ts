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

/** Root metadata of Sigstore's TUF repository in the same package: where an update begins. */
const PINNED_ROOT = {
  sha256: '27aea7e372aa7864065174f0661784fcf8b0e28b1dbfebeada31a0f1fb19167f',
  version: 16,
} as const;

/** Sigstore's TUF repository. */
export const PUBLIC_GOOD = 'https://tuf-repo-cdn.sigstore.dev/';

/** The package was published on this day; its targets are as old or older. */
const DATE = '2026-11-05';

/** What is shipped, without loading it. */
export const SHIPPED = {
  date: DATE,
  sha256: PINNED['trusted_root.json'].sha256,
  name: PINNED['trusted_root.json'].name,
  rootVersion: PINNED_ROOT.version,
} as const;

/** @throws AppError ATTEST_TRUST_ROOT when the package holds something else than what is pinned */
export async function shippedTarget(name: keyof typeof PINNED): Promise<Supplied> {
  const { sha256, name: shown } = PINNED[name];
  const bytes = await pinned((await seeds()).targets[name], sha256);
  return { bytes, origin: { from: 'shipped', name: shown, date: DATE, sha256 } };
}

/** @throws AppError ATTEST_TRUST_ROOT when the package holds something else than what is pinned */
export async function shippedTufRoot(): Promise<Uint8Array> {
  return pinned((await seeds())['root.json'], PINNED_ROOT.sha256);
}

async function seeds() {
  const { default: all } = await import('@sigstore/tuf/seeds.json');
  return all['https://tuf-repo-cdn.sigstore.dev'];
}

async function pinned(base64: string, sha256: string): Promise<Uint8Array> {
  const bytes = fromBase64(base64);
  if ((await sha256Hex(bytes)) === sha256) return bytes;
  throw new AppError('ATTEST_TRUST_ROOT', { why: 'its digest is not the pinned one' });
}
