/** Signed and recorded statements about files, and the keys and certificates they are checked with. */
import type { Folder } from '../../../src/core/claims/folder.ts';
import { parseEnvelope } from '../../../src/core/claims/attestations/dsse.ts';
import { parseStatement } from '../../../src/core/claims/attestations/in-toto/statement.ts';
import { NO_EXPECTATIONS, type AttestationKind } from '../../../src/core/claims/attestations/kind.ts';
import { parseOmsStatement } from '../../../src/core/claims/attestations/oms/statement.ts';
import { ATTESTATION_KINDS } from '../../../src/core/claims/attestations/registry.ts';
import { certificateKey, readCertificates } from '../../../src/core/crypto/certificates.ts';
import { derElements } from '../../../src/core/crypto/der.ts';
import { pemOrDer } from '../../../src/core/crypto/pem.ts';
import { parsePublicKey, verifySignature } from '../../../src/core/crypto/public-key.ts';
import { AppError } from '../../../src/core/errors.ts';
import { wasmHashes } from '../../../src/core/hash/wasm.ts';
import { textSeed, type Corpus } from '../corpus.ts';
import type { Seed } from '../seed.ts';
import { must, type Target } from '../target.ts';

const DIGEST = 'a1'.repeat(32);
const KEY = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEsA3FfG1//ncP8FWpxbIgldknAzeN
jSew9obZ9ufZMniucvg5dnSApPDPbfnQOBT4bGgk9DKBnLQBw3X9PWOp4Q==
-----END PUBLIC KEY-----
`;
/** Those of `fixtures/attestations/detached`, so that changed signatures come as far as being checked. */
const KEYS = [
  KEY,
  'RWQCkSsg0lXuOE5JMKcnB6a4u+22TMoUmiPzfN6K3xrD2GzRYkRADdV3',
  'RWQKiQwb1OrFL03WHMmqYMCF6X50SogF1S4ZtKO8Gdh1G7jGZIQI2jKp',
  'a@b.c namespaces="file" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPoSJfkX4IW7pr6gSt4uAZOQhkKe+NF3Jqwy0kwzuu01',
];
const STATEMENT = JSON.stringify({
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'model', digest: { sha256: DIGEST } }],
  predicateType: 'https://model_signing/signature/v1.0',
  predicate: {
    serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false, ignore_paths: [] },
    resources: [{ name: 'model.bin', algorithm: 'sha256', digest: DIGEST }],
  },
});
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const BUNDLE = JSON.stringify({
  mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  verificationMaterial: { publicKey: { hint: '' }, tlogEntries: [] },
  dsseEnvelope: {
    payload: base64(STATEMENT),
    payloadType: 'application/vnd.in-toto+json',
    signatures: [{ sig: base64('0'.repeat(70)), keyid: '' }],
  },
});
const WORDS = [
  '"tlogEntries":[{}]',
  '"rawBytes":"AAAA"',
  '"x509CertificateChain":{"certificates":[]}',
  '"integratedTime":"9"',
  '"publicKey":',
  '"sha512"',
  '../',
  'MEUCIQ',
  '==',
];

/** A path of each kind, and a record of its own. */
const RECORDS: Readonly<Record<string, readonly [path: string, seed: string, others: RegExp]>> = {
  oms: ['model.sig', BUNDLE, /\.sig$|oms.*\.json$/],
  sigstore: ['model.bin.sigstore.json', BUNDLE, /sigstore.*\.json$/],
  dvc: [
    'model.bin.dvc',
    `outs:\n- md5: ${'a'.repeat(32)}\n  size: 3\n  hash: md5\n  path: model.bin\n`,
    /\.dvc$|\.dir$/,
  ],
  c2pa: ['model.c2pa', '\0\0\0\x2ejumb\0\0\0\x26jumdc2pa\0\x11\0\x10', /\.c2pa$|signed-.*\.(?:safetensors|onnx)$/],
  manifest: [
    'model.manifest.json',
    `{"model":{"files":[{"path":"model.bin","size":3,"sha256":"${DIGEST}"}],"root_sha256":"${DIGEST}"},"signature":{"alg":"ECDSA-P256-SHA256","value":"MEUCIQ=="}}`,
    /manifest.*\.json$/,
  ],
  minisign: [
    'model.bin.minisig',
    `untrusted comment: a\nRUQ${'A'.repeat(97)}\ntrusted comment: file:model.bin\n${'A'.repeat(86)}==\n`,
    /\.minisig$/,
  ],
  signify: [
    'model.bin.sig',
    `untrusted comment: a\nRWQ${'A'.repeat(97)}\nSHA256 (model.bin) = ${DIGEST}\n`,
    /SHA256\.sig$/,
  ],
  openssh: ['model.bin.sig', '-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n', /ssh-.*\.sig$/],
  openpgp: [
    'model.bin.asc',
    '-----BEGIN PGP SIGNATURE-----\n\niIo=\n-----END PGP SIGNATURE-----\n',
    /\.(?:asc|gpg|gpg\.sig)$/,
  ],
  'raw-signature': ['model.bin.sig', `0${'A'.repeat(63)}`, /(?:p\d+|rsa.*|ed25519)\.sig$/],
  cyclonedx: [
    'model.cdx.json',
    `{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"file","name":"model.bin","hashes":[{"alg":"SHA-256","content":"${DIGEST}"}]}]}`,
    /\.cdx\.json$|bom.*\.json$/,
  ],
  mlem: [
    'model.bin.mlem',
    `artifacts:\n  data:\n    hash: ${'a'.repeat(32)}\n    size: 3\n    uri: model.bin\nobject_type: model\n`,
    /\.mlem$/,
  ],
};

function found(corpus: Corpus, pattern: RegExp): readonly Seed[] {
  try {
    return corpus.named(pattern);
  } catch {
    return [];
  }
}

function attestation(kind: AttestationKind): Target {
  const [path, seed, others] = RECORDS[kind.id] ?? ['model.json', BUNDLE, /attest.*\.json$/];
  const digest = DIGEST;
  const folder = {
    files: ['model.bin', path].map((name) => ({ path: name, size: 3 })),
    digest: async () => digest,
    read: async (name: string) => {
      if (name !== 'model.bin') throw new AppError('SOURCE_NOT_FOUND', { name });
      return Uint8Array.of(1, 2, 3);
    },
    async *stream() {
      yield Uint8Array.of(1, 2, 3);
    },
  } satisfies Folder & Record<string, unknown>;
  const keys = KEYS.map((text) => ({
    bytes: new TextEncoder().encode(text),
    origin: { from: 'given', name: 'k' } as const,
  }));
  return {
    id: `attest-${kind.id}`,
    seeds: (corpus) => [textSeed(seed), ...found(corpus, others)],
    words: WORDS,
    refuses: /^(?:ATTEST|SOURCE|CLAIM)_/,
    async run(bytes) {
      kind.recognises(path, bytes);
      const results = await kind.examine({
        path,
        bytes,
        // A model that carries its own statement is read in pieces.
        folder: {
          ...folder,
          files: [
            { path: 'model.bin', size: 3 },
            { path, size: bytes.length },
          ],
          range: async (_: string, start: number, end: number) => bytes.slice(start, end),
        },
        expect: { ...NO_EXPECTATIONS, keys, signers: [{ identity: 'a@b.c' }] },
        hashes: wasmHashes(),
        now: '2026-11-21T00:00:00Z',
        signal: new AbortController().signal,
      });
      structuredClone(results);
      // Nothing that was changed at random is signed by a key that only the tests know.
      for (const { outcome, signer } of results)
        must(outcome !== 'matches' || signer === undefined, 'a forgery is no match');
    },
  };
}

export const ATTESTATIONS: readonly Target[] = [
  ...ATTESTATION_KINDS.map(attestation),
  {
    id: 'attest-statement',
    seeds: () => [textSeed(STATEMENT)],
    words: [...WORDS, '"shards"', '"shard_size":1', ':0:10"'],
    refuses: /^ATTEST_/,
    async run(bytes) {
      const envelope = { payloadType: 'application/vnd.in-toto+json', payload: bytes, signatures: [] };
      try {
        parseStatement(envelope.payloadType, bytes);
      } catch (error) {
        if (!(error instanceof AppError) || !error.code.startsWith('ATTEST_')) throw error;
      }
      structuredClone(parseOmsStatement(envelope));
    },
  },
  {
    id: 'attest-envelope',
    seeds: () => [textSeed(JSON.stringify((JSON.parse(BUNDLE) as { dsseEnvelope: unknown }).dsseEnvelope))],
    refuses: /^ATTEST_/,
    async run(bytes) {
      let value: unknown;
      try {
        value = JSON.parse(new TextDecoder().decode(bytes));
      } catch {
        throw new AppError('ATTEST_JSON');
      }
      parseEnvelope(value);
    },
  },
  {
    id: 'keys',
    seeds: (corpus) => [
      textSeed(KEY),
      ...pemOrDer(new TextEncoder().encode(KEY), 'PUBLIC KEY').map((der) => ({ name: 'der', bytes: der })),
      ...found(corpus, /\.(?:pub|pem|crt|der)$/),
    ],
    words: ['-----BEGIN CERTIFICATE-----\n', '\x30\x82', '\x30\x80', '\x02\x01\x00', '\x06\x03', '\x03\x42\x00\x04'],
    refuses: /^ATTEST_/,
    async run(bytes) {
      for (const label of ['PUBLIC KEY', 'CERTIFICATE']) {
        for (const der of pemOrDer(bytes, label)) {
          await coded(async () => derElements(der));
          await coded(async () => verifySignature(parsePublicKey(der), bytes, bytes.slice(0, 64), { hash: 'SHA-256' }));
          await coded(async () => readCertificates([der]).map(certificateKey));
        }
      }
    },
  },
];

async function coded(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith('ATTEST_')) throw error;
  }
}
