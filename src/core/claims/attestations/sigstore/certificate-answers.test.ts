import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NO_EXPECTATIONS } from '../kind.ts';
import { Steps } from '../steps.ts';
import { answerAhead } from './certificate-answers.ts';
import { checkSigstore } from './check.ts';
import { loadSigstore, type SigstoreEngine } from './load.ts';
import { shippedTarget } from './shipped-root.ts';
import { TrustMemory } from './trust-memory.ts';
import { readTrustRoot, type SigstoreTrust } from './trust.ts';

const VECTORS = join(import.meta.dirname, '../../../../../../shared/corpora/oms-reference/vectors');
const bundle = (version: string): Uint8Array =>
  new Uint8Array(readFileSync(join(VECTORS, `${version}-sigstore/model.sig`)));

async function shipped(engine: SigstoreEngine): Promise<SigstoreTrust> {
  return readTrustRoot(engine, await shippedTarget('trusted_root.json'));
}

describe('answers about certificates', () => {
  it('are those of the package for every pair of the shipped trust root, and are given without it', async () => {
    const engine = await loadSigstore();
    const [theirs, ours] = [await shipped(engine), await shipped(engine)];
    const chains = (trust: SigstoreTrust) => trust.material.certificateAuthorities.map(({ certChain }) => certChain);
    for (const [i, chain] of chains(ours).entries()) {
      const leaf = chain[0]!;
      await answerAhead({ key: { $case: 'certificate', certificate: leaf }, timestamps: [] } as never, ours);
      for (const [a, certificate] of chain.entries()) {
        for (const [b, issuer] of chain.entries()) {
          expect(certificate.verify(issuer)).toBe(chains(theirs)[i]![a]!.verify(chains(theirs)[i]![b]!));
        }
      }
    }
  });

  it('tell an authority of the same name that did not sign', async () => {
    const engine = await loadSigstore();
    const trust = await shipped(engine);
    const [, root] = trust.material.certificateAuthorities.find(({ certChain }) => certChain.length === 2)!.certChain;
    const copy = engine.readCertificate(new Uint8Array(root!.root.toDER()));
    // The last byte of its signature is another one now.
    copy.signatureValue[copy.signatureValue.length - 1]! ^= 1;
    await answerAhead({ key: { $case: 'certificate', certificate: copy }, timestamps: [] } as never, trust);
    expect(copy.verify(root)).toBe(false);
  });
});

describe.skipIf(!existsSync(VECTORS))('a trust root in one job', () => {
  it('is read once, whatever the number of bundles, and each holds', async () => {
    const memory = new TrustMemory();
    const root = await memory.shipped();
    const engine = await loadSigstore();
    const first = memory.read(engine, root, []);
    expect(memory.read(engine, root, []).material.tlogs).toBe(first.material.tlogs);
    for (const version of ['v1.0.0', 'v1.0.1', 'v1.1.0']) {
      const steps = new Steps();
      const input = {
        bytes: bundle(version),
        expect: NO_EXPECTATIONS,
        now: '2026-11-21T00:00:00Z',
        trustMemory: memory,
      };
      expect([version, (await checkSigstore(input, steps))?.identity]).toEqual([version, 'stefanb@us.ibm.com']);
    }
  });
});
