/** Trust roots that were read, for as long as one job lasts: a folder may hold hundreds of bundles under one of them. */
import type { Supplied } from '../kind.ts';
import type { SignedEntity, TrustMaterial } from './engine.ts';
import type { SigstoreEngine } from './load.ts';
import { shippedTarget } from './shipped-root.ts';
import { readMaterial, trustWith, type BundleKey, type SigstoreTrust } from './trust.ts';

type Certificate = TrustMaterial['certificateAuthorities'][number]['certChain'][number];

export class TrustMemory {
  readonly #read = new Map<Uint8Array, Omit<TrustMaterial, 'publicKey'>>();
  #shipped: Promise<Supplied> | null = null;

  /** The shipped public-good root. @throws AppError ATTEST_TRUST_ROOT */
  shipped(): Promise<Supplied> {
    this.#shipped ??= shippedTarget('trusted_root.json');
    return this.#shipped;
  }

  /** As `readTrustRoot`. @throws AppError ATTEST_TRUST_ROOT */
  read(engine: SigstoreEngine, root: Supplied, keys: readonly BundleKey[]): SigstoreTrust {
    let material = this.#read.get(root.bytes);
    if (material === undefined) {
      material = readMaterial(engine, root.bytes);
      for (const { certChain } of [...material.certificateAuthorities, ...material.timestampAuthorities]) {
        certChain.forEach(rememberAnswers);
      }
      this.#read.set(root.bytes, material);
    }
    return trustWith(engine, material, root, keys);
  }
}

/** The signer's certificate is asked about once for each timestamp. */
export function rememberLeaf({ key }: SignedEntity): void {
  if (key.$case === 'certificate') rememberAnswers(key.certificate);
}

/**
 * Whether one certificate was signed by another never changes, and the package asks it of the same two again and again: of
 * the authorities for every bundle, of the leaf for every timestamp. On P-384 each answer takes some milliseconds.
 */
function rememberAnswers(certificate: Certificate): void {
  const ask = certificate.verify.bind(certificate);
  const known = new Map<Certificate | undefined, boolean>();
  certificate.verify = (issuer) => {
    const answer = known.get(issuer) ?? ask(issuer);
    known.set(issuer, answer);
    return answer;
  };
}
