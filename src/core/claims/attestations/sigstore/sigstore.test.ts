import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createHash } from 'node:crypto';
import { wasmHashes } from '../../../hash/wasm.ts';
import type { Attestation } from '../attestation.ts';
import { NO_EXPECTATIONS, type AttestationInput, type Expectations } from '../kind.ts';
import { newInstance, type Instance, type SignOptions } from './instance.suite.ts';
import { SIGSTORE, examineSigstore } from './sigstore.ts';

const FILE = new TextEncoder().encode('weights');
const IDENTITY = 'release@example.test';
const ISSUER = 'https://accounts.example.test';

function inputOf(bundle: unknown, file: Uint8Array, expect: Partial<Expectations>): AttestationInput {
  return {
    path: 'model.bin.sigstore.json',
    bytes: new TextEncoder().encode(JSON.stringify(bundle)),
    folder: {
      files: [{ path: 'model.bin', size: file.length }],
      digest: async (_, algorithm) => createHash(algorithm).update(file).digest('hex'),
      read: async () => file,
      async *stream() {
        yield file;
      },
    },
    expect: { ...NO_EXPECTATIONS, ...expect },
    hashes: wasmHashes(),
    now: '2026-11-21T10:00:00.000Z',
    signal: new AbortController().signal,
  };
}

type Json = Record<string, unknown>;

/** The one log entry of a bundle. */
function entryOf(bundle: Json): Json {
  return ((bundle['verificationMaterial'] as Json)['tlogEntries'] as Json[])[0]!;
}

const flipped = (text: string): string => {
  const bytes = Buffer.from(text, 'base64');
  bytes[bytes.length >> 1]! ^= 1;
  return bytes.toString('base64');
};

describe('bundles of a private instance', () => {
  let instance: Instance;
  let other: Instance;
  beforeAll(async () => {
    [instance, other] = await Promise.all([newInstance(), newInstance()]);
  });

  const root = (from: Instance) => ({
    trustedRoots: [{ bytes: from.trustedRoot, origin: { from: 'given' as const, name: 'instance.json' } }],
  });
  const expecting = (from = instance): Partial<Expectations> => ({
    ...root(from),
    signers: [{ identity: IDENTITY, issuer: ISSUER }],
  });
  const examined = async (bundle: unknown, more = expecting(), file = FILE): Promise<Attestation> => {
    const [found] = await SIGSTORE.examine(inputOf(bundle, file, more));
    return found!;
  };
  const said = ({ steps }: Attestation): string[] => steps.map(({ id, outcome }) => `${id} ${outcome}`);
  const statement = (digest = createHash('sha256').update(FILE).digest('hex'), more: Json = {}): Json => ({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'model.bin', digest: { sha256: digest } }],
    predicateType: 'https://example.test/any',
    predicate: {},
    ...more,
  });

  it('hold in every step when the file, the signer and the issuer are the expected ones', async () => {
    const found = await examined(await instance.signFile(FILE));
    expect(said(found)).toEqual([
      'bundle matches',
      'signature matches',
      'time matches',
      'certificate matches',
      'sct matches',
      'log matches',
      'files matches',
      'identity matches',
    ]);
    expect(found.signer).toMatchObject({ method: 'sigstore', name: IDENTITY, issuer: ISSUER });
    expect(found.steps.find(({ id }) => id === 'certificate')?.trust?.name).toBe('instance.json');
  });

  it('over a statement name the file they are about by its digest', async () => {
    const found = await examined(await instance.signStatement(statement()));
    expect(found.outcome).toBe('matches');
    expect(found.files).toMatchObject([{ path: 'model.bin', state: 'same' }]);
  });

  it('leave the signer open while nobody was expected', async () => {
    const found = await examined(await instance.signFile(FILE), root(instance));
    expect(said(found).at(-1)).toBe('identity could-not-check');
    expect(found.outcome).toBe('could-not-check');
  });

  it.each<readonly [what: string, step: string, change: (bundle: Json) => void]>([
    [
      'a media type of no published version',
      'bundle',
      (b) => (b['mediaType'] = 'application/vnd.dev.sigstore.bundle.v0.9+json'),
    ],
    [
      'a bit of the signature',
      'signature',
      (b) => {
        const message = b['messageSignature'] as Json;
        message['signature'] = flipped(message['signature'] as string);
      },
    ],
    ['no promise of the time', 'time', (b) => delete entryOf(b)['inclusionPromise']],
    ['a time that the promise is not about', 'log', (b) => (entryOf(b)['integratedTime'] = '1772359300')],
    [
      'a proof with another neighbour',
      'log',
      (b) => {
        const proof = entryOf(b)['inclusionProof'] as Json;
        proof['hashes'] = [flipped((proof['hashes'] as string[])[0]!)];
      },
    ],
    ['a proof without a checkpoint', 'log', (b) => delete (entryOf(b)['inclusionProof'] as Json)['checkpoint']],
    [
      'a checkpoint over another tree',
      'log',
      (b) => {
        const proof = entryOf(b)['inclusionProof'] as { checkpoint: { envelope: string } };
        proof.checkpoint.envelope = proof.checkpoint.envelope.replace('\n2\n', '\n3\n');
      },
    ],
  ])('with %s fail at the step %s', async (_, step, change) => {
    const bundle = await instance.signFile(FILE);
    change(bundle);
    const found = await examined(bundle);
    expect(said(found)).toContain(`${step} contradicts`);
    expect(found.signer).toBeUndefined();
  });

  it.each<readonly [what: string, step: string, options: SignOptions]>([
    ['without the promise of the certificate log', 'sct', { withoutSct: true }],
    [
      'logged for another digest',
      'log',
      {
        entry: (body) => {
          const changed = structuredClone(body) as { spec: { data: { hash: { value: string } } } };
          changed.spec.data.hash.value = '0'.repeat(64);
          return changed;
        },
      },
    ],
    ['by somebody else', 'identity', { identity: 'release@example.test.attacker.test' }],
    ['vouched for by another issuer', 'identity', { issuer: 'https://accounts.example.test/' }],
    ['from before the authority existed', 'certificate', { at: new Date('2023-06-01T00:00:00Z') }],
  ])('%s fail at the step %s', async (_, step, options) => {
    const found = await examined(await instance.signFile(FILE, options));
    expect(said(found)).toContain(`${step} contradicts`);
  });

  it('of another instance with the same names are not believed', async () => {
    const found = await examined(await other.signFile(FILE));
    expect(found.outcome).toBe('contradicts');
    expect((await examined(await other.signFile(FILE), expecting(other))).outcome).toBe('matches');
  });

  it('stay open while nobody said that their instance counts, and never name a signer', async () => {
    const found = await examined(await instance.signFile(FILE), {});
    expect(found.steps.find(({ outcome }) => outcome !== 'matches')?.reason?.code).toBe('ATTEST_NO_INSTANCE');
    expect(found.outcome).toBe('could-not-check');
    expect(found.signer).toBeUndefined();
    const changed = await examined(await instance.signFile(FILE), {}, new Uint8Array(7));
    expect(said(changed)).toContain('signature contradicts');
  });

  it('over other bytes say so', async () => {
    const found = await examined(await instance.signFile(FILE), expecting(), new Uint8Array(7));
    expect(said(found)).toContain('signature contradicts');
    const stated = await examined(await instance.signStatement(statement('0'.repeat(64))));
    expect(said(stated)).toContain('files contradicts');
  });

  it('of a workflow that claims another builder do not satisfy a policy for that builder', async () => {
    const builder = 'https://github.com/slsa-framework/slsa-github-generator/.github/workflows/builder_go_slsa3.yml';
    const github = 'https://token.actions.githubusercontent.com';
    const provenance = statement(undefined, {
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: { buildType: 'x' },
        runDetails: { builder: { id: `${builder}@refs/tags/v2.1.0` } },
      },
    });
    const policies = [
      { bytes: new TextEncoder().encode(JSON.stringify({ builder })), origin: { from: 'given' as const, name: 'p' } },
    ];
    const attempt = async (identity: string): Promise<Attestation> =>
      examined(await instance.signStatement(provenance, { identity, issuer: github }), {
        ...root(instance),
        policies,
        signers: [{ identity, issuer: github }],
      });
    const forged = await attempt('https://github.com/attacker/r/.github/workflows/w.yml@refs/heads/main');
    expect(said(forged)).toContain('policy contradicts');
    const genuine = await attempt(`${builder}@refs/tags/v2.1.0`);
    expect(genuine.outcome).toBe('matches');
    expect(genuine.facts['level']).toBe('SLSA_BUILD_LEVEL_3');
  });

  it('with a policy file that cannot be used stay open: the file speaks against nobody', async () => {
    const found = await examined(await instance.signStatement(statement()), {
      ...expecting(),
      policies: [{ bytes: new TextEncoder().encode('{"bulider": "x"}'), origin: { from: 'given', name: 'p' } }],
    });
    expect(said(found)).toContain('policy could-not-check');
    expect(found.outcome).toBe('could-not-check');
  });

  it('about something else than a policy asks stay open', async () => {
    const found = await examined(await instance.signStatement(statement()), {
      ...expecting(),
      policies: [{ bytes: new TextEncoder().encode('{"source": "x"}'), origin: { from: 'given', name: 'p' } }],
    });
    expect(found.steps.find(({ id }) => id === 'policy')?.reason?.code).toBe('ATTEST_NO_ANSWER');
  });
});

const FOLDER = join(import.meta.dirname, '../../../../../../shared/corpora/sigstore-conformance');
const here = existsSync(FOLDER);

describe.skipIf(!here)('a bundle of the conformance suite (skipped when ../shared is not there)', () => {
  it('signed with a given key bears the person’s name for it, not the one the bundle has for it', async () => {
    const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(FOLDER, name)));
    const bundle = JSON.parse(new TextDecoder().decode(read('managed-key-happy-path/bundle.sigstore.json'))) as {
      verificationMaterial: { publicKey: { hint: string } };
    };
    bundle.verificationMaterial.publicKey.hint = 'release@well-known.example';
    const keys = [
      { bytes: read('managed-key-happy-path/key.pub'), origin: { from: 'given' as const, name: 'release.pub' } },
    ];
    const found = await examineSigstore(inputOf(bundle, read('a.txt'), { keys }), 'sigstore');
    expect(found.outcome).toBe('matches');
    expect(found.signer?.name).toBe('release.pub');
    expect(JSON.stringify(found)).not.toContain('well-known');
  });

  it('of a public authority that names an unknown log is not taken for one of another instance', async () => {
    const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(FOLDER, name)));
    const bundle = JSON.parse(new TextDecoder().decode(read('happy-path-v0.3/bundle.sigstore.json'))) as Json;
    (entryOf(bundle)['logId'] as Json)['keyId'] = Buffer.alloc(32, 7).toString('base64');
    const proof = entryOf(bundle)['inclusionProof'] as { checkpoint: { envelope: string } };
    proof.checkpoint.envelope = proof.checkpoint.envelope.replace(/^[^\n]*/, 'log.example.test');
    const found = await examineSigstore(inputOf(bundle, read('a.txt'), {}), 'sigstore');
    expect(found.outcome).toBe('contradicts');
  });
});
