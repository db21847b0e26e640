/** Trust roots that were read, for as long as one job lasts: a folder may hold hundreds of bundles under one of them. */
import type { Supplied } from '../kind.ts';
import type { TrustMaterial } from './engine.ts';
import type { SigstoreEngine } from './load.ts';
import { shippedTarget } from './shipped-root.ts';
import { readMaterial, trustWith, type BundleKey, type SigstoreTrust } from './trust.ts';

export class TrustMemory {
  readonly #read = new Map<Uint8Array, Omit<TrustMaterial, 'publicKey'>>();
  /** Chains of which the platform's crypto was asked. */
  readonly #answered = new Set<object>();
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
      this.#read.set(root.bytes, material);
    }
    return { ...trustWith(engine, material, root, keys), answered: this.#answered };
  }
}
