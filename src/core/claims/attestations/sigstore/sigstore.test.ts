import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wasmHashes } from '../../../hash/wasm.ts';
import { NO_EXPECTATIONS } from '../kind.ts';
import { examineSigstore } from './sigstore.ts';

const FOLDER = join(import.meta.dirname, '../../../../../../shared/corpora/sigstore-conformance');
const here = existsSync(FOLDER);
if (!here) console.info('skipped: managed keys of the Sigstore conformance suite need ../shared');

describe.runIf(here)('a bundle signed with a key that the person gave', () => {
  it('bears the person’s name for the key, not the one the bundle has for it', async () => {
    const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(FOLDER, name)));
    const bundle = JSON.parse(new TextDecoder().decode(read('managed-key-happy-path/bundle.sigstore.json'))) as {
      verificationMaterial: { publicKey: { hint: string } };
    };
    bundle.verificationMaterial.publicKey.hint = 'release@well-known.example';
    const artifact = read('a.txt');
    const found = await examineSigstore(
      {
        path: 'a.txt.sigstore.json',
        bytes: new TextEncoder().encode(JSON.stringify(bundle)),
        folder: {
          files: [{ path: 'a.txt', size: artifact.length }],
          async digest(_, algorithm) {
            const hasher = await wasmHashes().create(algorithm, artifact.length);
            hasher.update(artifact);
            return hasher.digest();
          },
          read: async () => artifact,
          async *stream() {
            yield artifact;
          },
        },
        expect: {
          ...NO_EXPECTATIONS,
          keys: [{ bytes: read('managed-key-happy-path/key.pub'), origin: { from: 'given', name: 'release.pub' } }],
        },
        hashes: wasmHashes(),
        now: '2026-11-21T10:00:00.000Z',
        signal: new AbortController().signal,
      },
      'sigstore',
    );
    expect(found.outcome).toBe('matches');
    expect(found.signer?.name).toBe('release.pub');
    expect(JSON.stringify(found)).not.toContain('well-known');
  });
});
