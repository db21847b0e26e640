import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attestation } from '../attestation.ts';
import { bytesOf, examineIn, given, headersOnly, memoryFolder, type Files } from '../folder.suite.ts';
import type { Expectations } from '../kind.ts';
import { isSharedName } from '../registry.ts';
import { manifestSignedBytes, signedForms } from './canonical.ts';
import { MANIFEST } from './manifest.ts';
import { bodyOver, manifestKey, signatureOver, signedManifest } from './sign.suite.ts';

const FILES: Files = { 'b.bin': 'weights', 'a/config.json': '{}', 'ü.txt': 'x' };
const sha256 = (value: Uint8Array | string): string => createHash('sha256').update(value).digest('hex');
const key = manifestKey();
const body = await bodyOver(FILES);
const text = await signedManifest(body, key);
const PATH = 'model.manifest.json';

function examine(manifest: string, expected: Partial<Expectations> = {}, files = FILES): Promise<Attestation> {
  const folder = memoryFolder({ ...files, [PATH]: manifest });
  return examineIn(MANIFEST, PATH, folder, { keys: [given(key.pem, 'release.pem')], ...expected }, bytesOf(manifest));
}

/** Signs any document over its canonical form, however wrong it is. */
function resigned(document: object): string {
  const form = signedForms(bytesOf(JSON.stringify(document)))[0]!;
  const value = Buffer.from(signatureOver(form.bytes, key)).toString('base64');
  return JSON.stringify({ ...document, signature: { alg: 'ECDSA-P256-SHA256', keyid: sha256(key.spki), value } });
}

const failed = ({ steps }: Attestation) => {
  const step = steps.find(({ outcome }) => outcome === 'contradicts');
  return [step?.id, step?.reason?.code];
};

describe('a manifest that Assay writes', () => {
  it.each(['P-256', 'P-384', 'Ed25519'] as const)('with %s is read back and holds', async (type) => {
    const own = manifestKey(type);
    const found = await examine(await signedManifest(body, own), { keys: [given(own.pem, 'release.pem')] });
    expect(found).toMatchObject({
      outcome: 'matches',
      signer: { method: 'key', name: 'release.pem', key: sha256(own.spki) },
      facts: { form: 'assay', signedText: 'jcs', created: '2026-11-21T09:00:00Z', model: 'tiny', files: 3 },
    });
    expect(found.steps.map(({ id }) => id)).toEqual([
      'bundle',
      'material',
      'signature',
      'statement',
      'root-digest',
      'files',
    ]);
    expect(found.files.filter(({ state }) => state === 'same').map(({ path }) => path)).toEqual([
      'a/config.json',
      'b.bin',
      'ü.txt',
    ]);
  });

  const { value } = (JSON.parse(text) as { signature: { value: string } }).signature;
  const signature = Buffer.from(value, 'base64');
  it('is signed over its canonical form, for other programs too', () => {
    expect(verify('sha256', manifestSignedBytes(body), key.pem, signature)).toBe(true);
  });
  it.skipIf(spawnSync('openssl', ['version']).status !== 0)('is accepted by openssl over the same bytes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-manifest-'));
    try {
      const at = (name: string, content: Uint8Array | string): string => {
        writeFileSync(join(folder, name), content);
        return join(folder, name);
      };
      const options = ['dgst', '-sha256', '-verify', at('key.pem', key.pem), '-signature', at('sig.der', signature)];
      const said = execFileSync('openssl', [...options, at('text', manifestSignedBytes(body))]);
      expect(said.toString()).toBe('Verified OK\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('has for its root the digest over the raw digests in the order listed', () => {
    const raw = body.model.files.map((file) => Buffer.from(file.sha256, 'hex'));
    expect(body.model.root_sha256).toBe(sha256(Buffer.concat(raw)));
  });

  it('does not hold when any one of its letters is another', async () => {
    const letters = [...text.slice(0, text.indexOf('"signature"')).matchAll(/[a-z0-9]/g)].map(({ index }) => index);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...letters), async (at) => {
        const other = text[at] === 'b' ? 'c' : 'b';
        const found = await examine(text.slice(0, at) + other + text.slice(at + 1));
        expect(found.outcome).toBe('contradicts');
        expect(found.signer).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });
});

describe('the key', () => {
  it('has to come from the person: without one, who signed stays open and the files are compared all the same', async () => {
    const found = await examine(text, { keys: [] });
    expect(found.outcome).toBe('could-not-check');
    expect(found.steps.find(({ id }) => id === 'material')?.reason?.code).toBe('ATTEST_NO_KEY');
    expect(found.steps.find(({ id }) => id === 'files')?.outcome).toBe('matches');
    expect(found.signer).toBeUndefined();
  });
  it('inside the manifest is never relied on', async () => {
    const document = JSON.parse(text) as { signature: object };
    const found = await examine(
      JSON.stringify({ ...document, signature: { ...document.signature, public_key: key.pem } }),
      { keys: [] },
    );
    expect(found).toMatchObject({ outcome: 'could-not-check', facts: { carriesKey: true } });
    expect(found.signer).toBeUndefined();
  });
  it('that is another one than the manifest names is said to be another one', async () => {
    expect(failed(await examine(text, { keys: [given(manifestKey().pem)] }))).toEqual(['material', 'ATTEST_OTHER_KEY']);
  });
  it('is searched among all that were given', async () => {
    const keys = [given(manifestKey().pem, 'a'), given(manifestKey('Ed25519').pem, 'b'), given(key.pem, 'c')];
    expect((await examine(text, { keys })).signer?.name).toBe('c');
  });
  it('of a manifest that names none is found by its signature, or is none of them', async () => {
    const document = JSON.parse(text) as { signature: { keyid?: string } };
    delete document.signature.keyid;
    const unnamed = JSON.stringify(document);
    expect((await examine(unnamed, { keys: [given(manifestKey().pem), given(key.pem)] })).outcome).toBe('matches');
    expect(failed(await examine(unnamed, { keys: [given(manifestKey().pem)] }))).toEqual([
      'signature',
      'ATTEST_SIGNATURE',
    ]);
  });
  it('of another curve than the stated algorithm does not go with it', async () => {
    const other = text.replace('ECDSA-P256-SHA256', 'ECDSA-P384-SHA384');
    expect(failed(await examine(other))).toEqual(['material', 'ATTEST_MATERIAL']);
    expect(failed(await examine(text.replace('ECDSA-P256-SHA256', 'HS256')))).toEqual(['material', 'ATTEST_MATERIAL']);
  });
});

describe('the files', () => {
  it('that were changed, are missing or were never listed are each named', async () => {
    const found = await examine(text, {}, { 'b.bin': 'Weights', 'ü.txt': 'x', 'new.py': '', '.git/config': '' });
    expect(failed(found)).toEqual(['files', 'ATTEST_FILES']);
    expect(Object.fromEntries(found.files.map(({ path, state }) => [path, state]))).toEqual({
      'a/config.json': 'missing',
      'b.bin': 'changed',
      'ü.txt': 'same',
      'new.py': 'extra',
      '.git/config': 'ignored',
      [PATH]: 'ignored',
    });
  });
  it.each([
    ['one changed', { ...FILES, 'b.bin': 'y' }],
    ['one missing', { 'b.bin': 'weights', 'ü.txt': 'x' }],
    ['one more', { ...FILES, 'new.py': '' }],
  ])('with %s are not the listed ones', async (_, files: Files) => {
    expect(failed(await examine(text, {}, files))).toEqual(['files', 'ATTEST_FILES']);
  });
  it('are not compared with a list that was changed', async () => {
    expect((await examine(text.replace('"tiny"', '"huge"'))).files).toEqual([]);
  });
  it('that nobody listed may be allowed by the person', async () => {
    expect((await examine(text, { allowExtra: true }, { ...FILES, 'new.py': '' })).outcome).toBe('matches');
    expect((await examine(text, { ignore: ['new.py'] }, { ...FILES, 'new.py': '' })).outcome).toBe('matches');
  });
  it('are looked for beside the manifest, wherever it lies', async () => {
    const files = Object.fromEntries(Object.entries(FILES).map(([path, content]) => [`sub/${path}`, content]));
    const folder = memoryFolder({ ...files, 'sub/manifest.json': text, 'outside.bin': '' });
    const found = await examineIn(MANIFEST, 'sub/manifest.json', folder, { keys: [given(key.pem)] }, bytesOf(text));
    expect(found.outcome).toBe('matches');
  });
  it('with the right digest and a wrong size contradict', async () => {
    const files = body.model.files.map((file) => ({ ...file, size: file.size + 1 }));
    expect(failed(await examine(resigned({ ...body, model: { ...body.model, files } })))[0]).toBe('files');
  });
  it('that were not read leave it open', async () => {
    const folder = headersOnly(memoryFolder({ ...FILES, [PATH]: text }));
    const found = await examineIn(MANIFEST, PATH, folder, { keys: [given(key.pem)] }, bytesOf(text));
    expect(found.outcome).toBe('could-not-check');
    expect(found.steps.find(({ id }) => id === 'files')?.reason?.code).toBe('ATTEST_NO_BYTES');
  });
});

describe('a correctly signed manifest is refused', () => {
  const [first] = body.model.files;
  const withFiles = (...files: unknown[]) => ({ ...body, model: { name: 'x', files } });
  it.each([
    ['with a root that is another', { ...body, model: { ...body.model, root_sha256: '0'.repeat(64) } }, 'root-digest'],
    ['with a root that is no digest', { ...body, model: { ...body.model, root_sha256: 7 } }, 'root-digest'],
    ['with a path that leaves the folder', withFiles({ ...first, path: '../x' }), 'statement'],
    ['with an absolute path', withFiles({ ...first, path: '/etc/passwd' }), 'statement'],
    ['with a backslash', withFiles({ ...first, path: 'a\\b' }), 'statement'],
    ['with a file twice', withFiles(first, first), 'statement'],
    ['with a short digest', withFiles({ ...first, sha256: 'ab' }), 'statement'],
    ['with a size that is none', withFiles({ ...first, size: -1 }), 'statement'],
    ['without files', withFiles(), 'statement'],
    ['without a name', withFiles({ sha256: first!.sha256 }), 'statement'],
    ['with a version that is none', { ...body, version: {} }, 'bundle'],
  ])('%s', async (_, document, step) => {
    const found = await examine(resigned(document));
    expect(failed(found)[0]).toBe(step);
    expect(found.files).toEqual([]);
    expect(found.signer).toBeUndefined();
  });
});

describe('manifests of other tools', () => {
  const digest = sha256('weights');
  const plain = { model_hash: digest, metadata: { naïve: 'ü', n: 1, f: 1.5 }, a: [true, null] };
  const python = {
    'python-compact': `{"a":[true,null],"metadata":{"f":1.5,"n":1,"na\\u00efve":"\\u00fc"},"model_hash":"${digest}"}`,
    'python-default': `{"a": [true, null], "metadata": {"f": 1.5, "n": 1, "na\\u00efve": "\\u00fc"}, "model_hash": "${digest}"}`,
    text: JSON.stringify(plain, null, 2),
    jcs: `{"a":[true,null],"metadata":{"f":1.5,"n":1,"naïve":"ü"},"model_hash":"${digest}"}`,
  } as const;
  it.each(Object.entries(python))('hold when signed as %s, and the form is named', async (form, over) => {
    for (const encoding of ['base64', 'hex'] as const) {
      const signature = Buffer.from(signatureOver(bytesOf(over), key)).toString(encoding);
      const manifest = JSON.stringify({ ...plain, signature }, null, 2);
      const found = await examine(manifest, {}, { 'b.bin': 'weights' });
      expect(found).toMatchObject({ outcome: 'matches', facts: { form: 'digest', signedText: form } });
      expect(found.files).toEqual([expect.objectContaining({ path: 'b.bin', state: 'same' })]);
    }
  });
  it('have a text of their own only where the signature is the last member', () => {
    const forms = (manifest: string) => signedForms(bytesOf(manifest)).map(({ id }) => id);
    expect(forms('{"signature":"x","a":1}')).not.toContain('text');
    expect(forms('{"a":{"signature":"x"}}')).not.toContain('text');
    expect(forms('{"signature":"x"}')).not.toContain('text');
    expect(forms('{"a":1,"signature":"x"}')).toContain('text');
  });
  it('may sign r and s without DER', async () => {
    const { sign } = await import('node:crypto');
    const raw = sign('sha256', bytesOf(python.jcs), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
    const manifest = JSON.stringify({ ...plain, signature: raw.toString('hex') });
    expect((await examine(manifest, {}, { 'b.bin': 'weights' })).outcome).toBe('matches');
  });
  it('keep numbers as Python wrote them', async () => {
    const over = `{"lr": 1e-05, "model_hash": "${digest}", "n": 12345678901234567890, "x": 1.0}`;
    const signature = Buffer.from(signatureOver(bytesOf(over), key)).toString('base64');
    const manifest = `{"x": 1.0, "n": 12345678901234567890, "lr": 1e-05, "signature": "${signature}", "model_hash": "${digest}"}`;
    expect((await examine(manifest, {}, { 'b.bin': 'weights' })).facts['signedText']).toBe('python-default');
  });
  it('with a number that two values could share have no canonical form', () => {
    const forms = (number: string) => signedForms(bytesOf(`{"n":${number},"m":1}`)).map(({ id }) => id);
    expect(forms('9007199254740993')).not.toContain('jcs');
    expect(forms('1e400')).not.toContain('jcs');
    expect(forms('9007199254740991')).toContain('jcs');
  });
  it('speak of the file they name, of the one that has the digest, or of the only one', async () => {
    const over = (document: object) => resigned({ ...document, model_hash: digest });
    const state = async (document: object, files: Files) => {
      const found = await examine(over(document), {}, files);
      return [found.outcome, found.files.map(({ path, state: one }) => `${path} ${one}`).join()];
    };
    expect(await state({ model_name: 'b' }, { a: 'weights', b: 'x' })).toEqual(['contradicts', 'b changed']);
    expect(await state({}, { a: 'weights', b: 'x' })).toEqual(['matches', 'a same']);
    expect(await state({}, { b: 'x' })).toEqual(['contradicts', 'b changed']);
    expect(await state({}, { a: 'y', b: 'x' })).toEqual(['could-not-check', '']);
  });
  it('may list files at the top, by name or as a table', async () => {
    const files = { 'b.bin': `sha256:${digest.toUpperCase()}` };
    expect((await examine(resigned({ files }), {}, { 'b.bin': 'weights' })).outcome).toBe('matches');
    const listed = [{ name: './b.bin', hash: digest }];
    expect((await examine(resigned({ files: listed }), {}, { 'b.bin': 'weights' })).outcome).toBe('matches');
  });
});

describe('a manifest without a signature', () => {
  it('is a list of files that nobody signed', async () => {
    const found = await examine(JSON.stringify(body));
    expect(found.outcome).toBe('matches');
    expect(found.signer).toBeUndefined();
    expect(found.steps.find(({ id }) => id === 'signature')?.outcome).toBe('no-claim');
    expect((await examine(JSON.stringify(body), {}, { ...FILES, 'b.bin': 'y' })).outcome).toBe('contradicts');
  });
  it.each([null, {}, 7, '', 'not base64!', { value: 7 }])(
    'but with %j in its place is malformed',
    async (signature) => {
      expect(failed(await examine(JSON.stringify({ ...body, signature })))[0]).toBe('bundle');
    },
  );
});

it('what else bears such a name is not taken for one', () => {
  expect(['manifest.json', 'MANIFEST.json'].every(isSharedName)).toBe(true);
  expect(['model.manifest.json', 'provenance.json'].some(isSharedName)).toBe(false);
  const other = (value: unknown) => MANIFEST.recognises(PATH, bytesOf(JSON.stringify(value)));
  expect(other({ name: 'app', icons: [], files: ['index.html'] })).toBe(false);
  expect(other({ schemaVersion: 2, layers: [] })).toBe(false);
  expect(other({ payload: 'x', payloadType: 'y', signature: 'z', hash: 'a' })).toBe(false);
  expect(MANIFEST.recognises(PATH, bytesOf(text))).toBe(true);
  expect(MANIFEST.recognises(PATH, bytesOf(text.slice(0, -9)))).toBe(true);
});
it('a cut or ambiguous one says where it breaks', async () => {
  expect(failed(await examine(text.slice(0, -9)))).toEqual(['bundle', 'ATTEST_JSON']);
  expect(failed(await examine(text.replace('{', '{"version":1,')))).toEqual(['bundle', 'ATTEST_JSON']);
});
