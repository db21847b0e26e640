/** Examines one attestation over and over, as a worker of the app does, and says how long each time took. */
import { NO_EXPECTATIONS, type Expectations, type Supplied } from '../../src/core/claims/attestations/kind.ts';
import { attest } from '../../src/core/scan/attest.ts';
import { wasmHashes } from '../../src/core/hash/wasm.ts';
import type { PlannedArtifact } from '../../src/core/scan/model.ts';

export interface BenchCase {
  readonly name: string;
  /** Of the attestation, among `files`. */
  readonly path: string;
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  readonly keys?: readonly Uint8Array[];
  readonly roots?: readonly Uint8Array[];
  readonly trustedRoots?: readonly Uint8Array[];
  readonly signer?: { readonly identity: string; readonly issuer?: string };
}

/** @returns milliseconds of each time, the first with everything that is loaded on the way @throws when it does not hold */
export async function examineOften(one: BenchCase, times: number): Promise<number[]> {
  const given = (list: readonly Uint8Array[] = []): Supplied[] =>
    list.map((bytes) => ({ bytes, origin: { from: 'given', name: 'given' } }));
  const expect: Expectations = {
    ...NO_EXPECTATIONS,
    keys: given(one.keys),
    roots: given(one.roots),
    trustedRoots: given(one.trustedRoots),
    signers: one.signer === undefined ? [] : [one.signer],
  };
  const artifacts = one.files.map(({ path, bytes }): PlannedArtifact => {
    const spec = { kind: 'bytes', name: path, bytes } as const;
    return { path, size: bytes.length, spec, role: 'other', algorithms: [], tensorAlgorithms: [] };
  });
  const input = { artifacts, scans: new Map(), depth: 'full', expect, now: new Date().toISOString() } as const;
  const taken: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const started = performance.now();
    const { attestations } = await attest(
      { ...input, only: one.path },
      { hashes: wasmHashes() },
      new AbortController().signal,
    );
    taken.push(performance.now() - started);
    const [found] = attestations;
    if (found?.outcome !== 'matches') throw new Error(`${one.name}: ${JSON.stringify(found?.steps)}`);
  }
  return taken;
}
