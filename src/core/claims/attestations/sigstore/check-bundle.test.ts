import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pemOrDer } from '../../../crypto/pem.ts';
import type { Supplied } from '../kind.ts';
import { Steps } from '../steps.ts';
import { checkBundle } from './check-bundle.ts';
import type { SignedArtifact } from './content.ts';
import { loadSigstore } from './load.ts';
import { readTrustRoot } from './trust.ts';

const CORPORA = join(import.meta.dirname, '../../../../../../shared/corpora');
const here = existsSync(CORPORA);

interface Case {
  readonly id: string;
  readonly expect: string;
  readonly step?: string;
  readonly bundle: string;
  readonly artifact?: string;
  readonly trusted_root: string;
  readonly identity?: string;
  readonly issuer?: string;
  readonly key?: string;
}

function casesOf(corpus: string): readonly (Case & { readonly folder: string })[] {
  if (!here) return [];
  const path = join(CORPORA, corpus, 'cases.json');
  const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { readonly cases: readonly Case[] };
  return cases.map((one) => ({ ...one, folder: dirname(path) }));
}

function artifactOf(path: string): SignedArtifact {
  const bytes = readFileSync(path);
  return {
    digest: async (algorithm) => createHash(algorithm).update(bytes).digest('hex'),
    bytes: async () => new Uint8Array(bytes),
  };
}

async function run(one: Case & { readonly folder: string }) {
  const engine = await loadSigstore();
  const bytes = (path: string) => new Uint8Array(readFileSync(join(one.folder, path)));
  const root: Supplied = { bytes: bytes(one.trusted_root), origin: { from: 'given', name: 'root' } };
  const steps = new Steps();
  const keys = one.key === undefined ? [] : pemOrDer(bytes(one.key), 'PUBLIC KEY').map((spki) => ({ spki }));
  const trust = readTrustRoot(engine, root, keys);
  const options = one.artifact === undefined ? {} : { artifact: artifactOf(join(one.folder, one.artifact)) };
  const verified = await checkBundle(engine, bytes(one.bundle), trust, steps, options);
  return { steps, verified };
}

describe.skipIf(!here)('the corpus of own and derived bundles', () => {
  it.each(casesOf('sigstore-generated').map((one) => [one.id, one] as const))('%s', async (_, one) => {
    const { steps, verified } = await run(one);
    const identity = verified?.identity === one.identity && verified?.issuer === one.issuer;
    const failed = steps.failed ?? (verified === null || identity ? null : 'identity');
    expect(failed === 'sct' ? 'certificate' : (failed ?? 'all')).toBe(one.expect === 'pass' ? 'all' : one.step);
  });
});
describe.skipIf(!here)('the conformance suite', () => {
  it.each(casesOf('sigstore-conformance').map((one) => [one.id, one] as const))('%s', async (_, one) => {
    let ok = false;
    try {
      const { verified } = await run(one);
      ok =
        verified !== null &&
        (one.key !== undefined || (verified.identity === one.identity && verified.issuer === one.issuer));
    } catch (error) {
      expect(error).toMatchObject({ code: 'ATTEST_TRUST_ROOT' });
    }
    expect(ok).toBe(one.expect === 'pass');
  });
});
