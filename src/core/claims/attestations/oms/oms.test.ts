import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { wasmHashes } from '../../../hash/wasm.ts';
import type { Attestation } from '../attestation.ts';
import { NO_EXPECTATIONS, type AttestedFolder, type Expectations } from '../kind.ts';
import { pythonBytes } from './legacy.ts';
import { OMS } from './oms.ts';
import { newKey, signed, statementOver } from './sign.suite.ts';

type Files = Readonly<Record<string, Uint8Array>>;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const MODEL: Files = { 'config.json': bytes('{}'), 'weights.bin': bytes('weights of some length') };
const KEY = newKey();

function folderOf(files: Files): AttestedFolder {
  return {
    files: Object.entries(files).map(([path, content]) => ({ path, size: content.length })),
    digest: async (path, algorithm, range) =>
      createHash(algorithm)
        .update(files[path]!.subarray(...(range ?? [0])))
        .digest('hex'),
    read: async (path) => files[path]!,
    async *stream(path) {
      yield files[path]!;
    },
  };
}

async function examine(
  bundle: Uint8Array,
  files: Files = MODEL,
  expect: Partial<Expectations> = {},
): Promise<Attestation> {
  const [found] = await OMS.examine({
    path: 'model.sig',
    bytes: bundle,
    folder: folderOf({ ...files, 'model.sig': bundle }),
    expect: {
      ...NO_EXPECTATIONS,
      keys: [{ bytes: bytes(KEY.pem), origin: { from: 'given', name: 'key.pem' } }],
      ...expect,
    },
    hashes: wasmHashes(),
    now: '2026-11-21T10:00:00.000Z',
    signal: new AbortController().signal,
  });
  return found!;
}

const failure = ({ steps }: Attestation): string | undefined => {
  const step = steps.find(({ outcome }) => outcome === 'contradicts');
  return step && `${step.id} ${step.reason?.code}`;
};

describe('a model signature', () => {
  it.each(['P-256', 'P-384', 'P-521'] as const)('by the given %s key over these files matches', async (curve) => {
    const key = newKey(curve);
    const hash = { 'P-256': 'sha256', 'P-384': 'sha384', 'P-521': 'sha512' }[curve];
    const keys = [{ bytes: bytes(key.pem), origin: { from: 'given', name: 'release.pem' } as const }];
    const found = await examine(signed(statementOver(MODEL), key, hash), MODEL, { keys });
    expect(found.outcome).toBe('matches');
    expect(found.signer).toMatchObject({ method: 'key', name: 'release.pem' });
    expect(found.warnings).toEqual([]);
  });

  it('without a key says that the files fit and the signer is open', async () => {
    const found = await examine(signed(statementOver(MODEL), KEY), MODEL, { keys: [] });
    expect(found.outcome).toBe('could-not-check');
    expect(found.signer).toBeUndefined();
    expect(found.steps.find(({ id }) => id === 'files')?.outcome).toBe('matches');
    expect(found.steps.some(({ reason }) => reason?.code === 'ATTEST_NO_KEY')).toBe(true);
  });

  it('by another key is refused by its hint, and by its signature when the hint is forged', async () => {
    const other = newKey();
    expect(failure(await examine(signed(statementOver(MODEL), other)))).toBe('material ATTEST_OTHER_KEY');
    const forged = signed(statementOver(MODEL), { ...other, pem: KEY.pem });
    expect(failure(await examine(forged))).toBe('signature ATTEST_SIGNATURE');
  });

  const suppliedAs = (content: string, name: string) => ({
    bytes: bytes(content),
    origin: { from: 'given', name } as const,
  });
  const withoutHint = (bundle: Uint8Array): Uint8Array => {
    const parsed = JSON.parse(new TextDecoder().decode(bundle)) as { verificationMaterial: Record<string, unknown> };
    parsed.verificationMaterial['publicKey'] = { rawBytes: 'AA==' };
    return bytes(JSON.stringify(parsed));
  };
  it('that names no key holds with whichever of the given keys made it', async () => {
    const others = [newKey('P-384'), newKey(), newKey()].map(({ pem }, i) => suppliedAs(pem, `other${i}.pem`));
    const keys = [...others, suppliedAs(KEY.pem, 'right.pem')];
    const found = await examine(withoutHint(signed(statementOver(MODEL), KEY)), MODEL, { keys });
    expect(found).toMatchObject({ outcome: 'matches', signer: { name: 'right.pem' } });
    const none = await examine(withoutHint(signed(statementOver(MODEL), KEY)), MODEL, { keys: others });
    expect(failure(none)).toBe('signature ATTEST_SIGNATURE');
  });

  const pemOf = (type: 'rsa' | 'ed25519' | 'ec'): string => {
    const pair =
      type === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : type === 'ec'
          ? generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
          : generateKeyPairSync('ed25519');
    return pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  };
  it.each([
    ['text that is no key', 'nothing of the kind'],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ['a curve that is not allowed', pemOf('ec')],
    ['RSA', pemOf('rsa')],
    ['Ed25519', pemOf('ed25519')],
    ['a minisign key', `RWQ${'A'.repeat(53)}`],
  ])('with %s given as the key is open and names that file', async (_, content) => {
    for (const bundle of [signed(statementOver(MODEL), KEY), withoutHint(signed(statementOver(MODEL), KEY))]) {
      const found = await examine(bundle, MODEL, { keys: [suppliedAs(content, 'odd.pub')] });
      expect(found.outcome).toBe('could-not-check');
      const step = found.steps.find(({ id }) => id === 'material');
      expect(step?.reason).toMatchObject({ code: 'ATTEST_NO_USABLE_KEY', detail: { name: 'odd.pub' } });
      const both = [suppliedAs(content, 'odd.pub'), suppliedAs(KEY.pem, 'right.pem')];
      expect((await examine(bundle, MODEL, { keys: both })).signer?.name).toBe('right.pem');
    }
  });

  it('names files that changed, that are missing and that nobody signed', async () => {
    const bundle = signed(statementOver(MODEL), KEY);
    const here = { 'weights.bin': bytes('other weights'), 'adapter.bin': bytes('more') };
    const found = await examine(bundle, here);
    expect(failure(found)).toBe('files ATTEST_FILES');
    expect(Object.fromEntries(found.files.map(({ path, state }) => [path, state]))).toEqual({
      'config.json': 'missing',
      'weights.bin': 'changed',
      'adapter.bin': 'extra',
      'model.sig': 'ignored',
    });
  });

  const right = statementOver(MODEL);
  const resources = right.predicate.resources;
  const withResources = (changed: readonly unknown[]) => ({
    ...right,
    predicate: { ...right.predicate, resources: changed },
  });
  const withSerialization = (serialization: unknown) => ({
    ...right,
    predicate: { ...right.predicate, serialization },
  });
  it.each([
    [
      'another statement type',
      { ...right, _type: 'https://in-toto.io/Statement/v0.1' },
      'statement ATTEST_STATEMENT_TYPE',
    ],
    [
      'another predicate',
      { ...right, predicateType: 'https://slsa.dev/provenance/v1' },
      'statement ATTEST_PREDICATE_TYPE',
    ],
    ['two subjects', { ...right, subject: [...right.subject, ...right.subject] }, 'statement ATTEST_SUBJECT'],
    ['no subject', { ...right, subject: [] }, 'statement ATTEST_SUBJECT'],
    ['no files', withResources([]), 'statement ATTEST_RESOURCES'],
    ['a file twice', withResources([resources[0], resources[0]]), 'statement ATTEST_RESOURCE_NAME'],
    ['a path upwards', withResources([{ ...resources[0], name: '../a' }]), 'statement ATTEST_RESOURCE_NAME'],
    ['an absolute path', withResources([{ ...resources[0], name: '/a' }]), 'statement ATTEST_RESOURCE_NAME'],
    ['a backslash', withResources([{ ...resources[0], name: 'a\\b' }]), 'statement ATTEST_RESOURCE_NAME'],
    ['a short digest', withResources([{ ...resources[0], digest: 'ab' }]), 'statement ATTEST_RESOURCE_DIGEST'],
    [
      'another hash than stated',
      withResources([{ ...resources[0], algorithm: 'blake3' }]),
      'statement ATTEST_RESOURCE_DIGEST',
    ],
    ['an unknown hash', withSerialization({ method: 'files', hash_type: 'md5' }), 'statement ATTEST_SERIALIZATION'],
    ['no serialization', withSerialization(undefined), 'statement ATTEST_SERIALIZATION'],
    [
      'shards without a size',
      withSerialization({ method: 'shards', hash_type: 'sha256' }),
      'statement ATTEST_SERIALIZATION',
    ],
    [
      'another root',
      { ...right, subject: [{ name: 'm', digest: { sha256: '0'.repeat(64) } }] },
      'root-digest ATTEST_ROOT_DIGEST',
    ],
  ])('that holds over a statement with %s is refused', async (_, statement, where) => {
    expect(failure(await examine(signed(statement, KEY)))).toBe(where);
  });

  it('is not recognised in other JSON', () => {
    expect(OMS.recognises('model.sig', bytes('{"a":1}'))).toBe(false);
    expect(OMS.recognises('model.sig', bytes('untrusted comment: x'))).toBe(false);
    expect(OMS.recognises('model.sig', signed(right, KEY))).toBe(true);
  });
});

describe('the bytes literal of release 0.2.0', () => {
  it('is written as Python writes it', () => {
    expect(pythonBytes(bytes(`a'b\n\\\u00e9`))).toBe(String.raw`b"a'b\n\\\xc3\xa9"`);
    expect(pythonBytes(bytes(`'"`))).toBe(String.raw`b'\'"'`);
  });
});
