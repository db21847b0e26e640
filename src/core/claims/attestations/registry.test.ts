import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kindTitle } from '../../../app/text/attestation-screen.ts';
import { STEP_WORDS } from '../../../app/text/attestations.ts';
import { wasmHashes } from '../../hash/wasm.ts';
import { newKey, signed, statementOver } from './oms/sign.suite.ts';
import { NO_EXPECTATIONS, type AttestationInput } from './kind.ts';
import { ATTESTATION_KINDS, attestationKind, isAttestationName } from './registry.ts';

const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const envelope = { payload: 'e30=', payloadType: 'application/vnd.in-toto+json', signatures: [{ sig: 'AA==' }] };
const bundle = {
  mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  verificationMaterial: {},
  dsseEnvelope: envelope,
};

/** A file that each kind takes for its own, whose content is broken, and one that is none of its kind. */
const EXAMPLES: Readonly<
  Record<string, { readonly path: string; readonly own: Uint8Array; readonly other: Uint8Array }>
> = {
  oms: {
    path: 'model.sig',
    own: signed(statementOver({ a: bytes('x') }, { subject: [] }), newKey()),
    other: bytes(bundle),
  },
  sigstore: { path: 'a.sigstore.json', own: bytes(bundle), other: bytes({ mediaType: 'text/html' }) },
  'in-toto': { path: 'a.intoto.jsonl', own: bytes(envelope), other: bytes({ payload: 'x' }) },
  aicert: {
    path: 'proof.json',
    own: bytes({ event_log: [], remote_attestation: { simulation_mode: true } }),
    other: bytes({ event_log: [] }),
  },
  c2pa: {
    path: 'model.c2pa',
    own: Uint8Array.from([0, 0, 0, 12, ...bytes('jumb'), 0, 0, 0, 0]),
    other: bytes('{"c2pa":"jumb"}'),
  },
  dvc: { path: 'a.bin.dvc', own: bytes('outs: []'), other: bytes('') },
  manifest: {
    path: 'model.manifest.json',
    own: bytes({ model: { files: [{ path: 'a', size: 1, sha256: '00' }] }, signature: 'AA==' }),
    other: bytes({ name: 'app', files: ['index.html'] }),
  },
  cyclonedx: {
    path: 'a.cdx.json',
    own: bytes({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [{ type: 'file' }] }),
    other: bytes({ spdxVersion: 'SPDX-2.3' }),
  },
  spdx: {
    path: 'a.spdx3.json',
    own: bytes({ '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld', '@graph': [{ type: 'software_File' }] }),
    other: bytes({ bomFormat: 'CycloneDX' }),
  },
  'checkpoint-chain': {
    path: 'chain.jsonl',
    own: bytes('{"step":0,"parent_manifest_hash":"00","files":[]}\n{"step":1}'),
    other: bytes('{"seal":1}'),
  },
  mlem: { path: 'a.mlem', own: bytes('object_type: 1'), other: bytes('') },
  openssh: {
    path: 'a.bin.sig',
    own: bytes('-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n'),
    other: bytes('-----BEGIN SSH\n'),
  },
  minisign: {
    path: 'a.bin.minisig',
    own: bytes('untrusted comment: a\nUkQ=\ntrusted comment: b\nAA==\n'),
    other: bytes('untrusted comment: a\nUkQ=\n'),
  },
  signify: { path: 'a.bin.sig', own: bytes('untrusted comment: a\nUkQ=\n'), other: bytes('comment: a\n') },
  openpgp: {
    path: 'a.bin.asc',
    own: bytes('-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n'),
    other: bytes('-----BEGIN PGP PRIVATE KEY BLOCK-----\n'),
  },
  'raw-signature': { path: 'a.bin.sig', own: new Uint8Array(256).fill(1), other: new Uint8Array(255).fill(1) },
};

function inputOf(path: string, content: Uint8Array): AttestationInput {
  return {
    path,
    bytes: content,
    folder: {
      files: [{ path, size: content.length }],
      digest: async () => '0'.repeat(64),
      read: async () => content,
      async *stream() {
        yield content;
      },
    },
    expect: NO_EXPECTATIONS,
    hashes: wasmHashes(),
    now: '2026-11-21T10:00:00.000Z',
    signal: new AbortController().signal,
  };
}

describe('every kind of attestation', () => {
  it.each(ATTESTATION_KINDS.map((kind) => [kind.id, kind] as const))(
    '%s knows its own, says where a broken one breaks, and has a row in docs/attestations.md',
    async (id, kind) => {
      const { path, own, other } = EXAMPLES[id]!;
      expect(isAttestationName(`folder/${path}`)).toBe(true);
      expect(kind.recognises(path, own)).toBe(true);
      if (id !== 'dvc' && id !== 'mlem') expect(kind.recognises(path, other)).toBe(false);
      const [found] = await kind.examine(inputOf(path, own));
      expect(found?.outcome).not.toBe('matches');
      expect(found?.signer).toBeUndefined();
      for (const { id: step } of found!.steps) expect(STEP_WORDS[step].title).not.toBe('');
      const docs = readFileSync(join(import.meta.dirname, '../../../../docs/attestations.md'), 'utf8');
      expect(docs).toContain(`| \`${id}\` |`);
    },
  );

  it.each(ATTESTATION_KINDS.map(({ id }) => id))('%s has a title of its own on screen', (id) => {
    expect(kindTitle(id)).not.toBe(id);
  });
  it('is asked the narrower before the wider: a model signature is no mere bundle', () => {
    expect(attestationKind('model.sig', EXAMPLES['oms']!.own)?.id).toBe('oms');
    expect(attestationKind('a.sigstore.json', EXAMPLES['sigstore']!.own)?.id).toBe('sigstore');
    expect(attestationKind('a.sig', bytes('x'))).toBe(null);
  });

  it('refuses any bytes with steps, not with errors of its own', async () => {
    for (const kind of ATTESTATION_KINDS) {
      for (const content of [
        bytes(''),
        bytes('{'),
        bytes('[]'),
        bytes('{"a":1,"a":2}'),
        new Uint8Array(1000).fill(0xff),
      ]) {
        const found = await kind.examine(inputOf('a.sig', content));
        for (const one of found) expect(one.outcome).not.toBe('matches');
      }
    }
  });
});
