import { encode } from 'cborg';
import * as fc from 'fast-check';
import { createHash as nodeHash, createPublicKey, verify, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSafetensors } from '../../../formats/safetensors.ts';
import { MemorySource } from '../../../bytes/memory.ts';
import type { Attestation } from '../attestation.ts';
import { examineIn, given, headersOnly, memoryFolder, type Files } from '../folder.suite.ts';
import type { Expectations, FileHeader } from '../kind.ts';
import {
  box,
  c2paSigner,
  cborBox,
  joinedBytes,
  manifestStore,
  ONNX,
  placeIn,
  SAFETENSORS,
  signedModel,
  superBox,
  type Algorithm,
  type Bend,
} from './build.suite.ts';
import { C2PA } from './c2pa.ts';
import { readCose } from './cose.ts';
import { readStore } from './store.ts';

const FIXTURES = join(import.meta.dirname, '../../../../../fixtures/attestations/c2pa');
const fixture = (name: string): Uint8Array => Uint8Array.from(readFileSync(join(FIXTURES, name)));
const signer = await c2paSigner();
const ROOT = { roots: [given(signer.rootPem, 'authority.pem')] };

function examine(model: Uint8Array, expected: Partial<Expectations> = ROOT, path = 'm.safetensors') {
  return examineIn(C2PA, path, memoryFolder({ [path]: model }), expected);
}
const bent = (bend: Bend, container = SAFETENSORS) =>
  examine(signedModel(signer, container, bend), ROOT, container === ONNX ? 'm.onnx' : 'm.safetensors');

const failed = ({ steps, signer: said }: Attestation) => {
  expect(said).toBeUndefined();
  const step = steps.find(({ outcome }) => outcome === 'contradicts');
  return [step?.id, step?.reason?.code];
};
const why = ({ steps }: Attestation) => steps.find(({ outcome }) => outcome === 'contradicts')?.reason?.detail['why'];
const open = ({ outcome, steps }: Attestation) => {
  expect(outcome).toBe('could-not-check');
  const step = steps.find((one) => one.outcome === 'could-not-check');
  return [step?.id, step?.reason?.code];
};

describe('models that another program signed', () => {
  it.each([
    ['signed-es256.safetensors', 'ES256', 2],
    ['signed-ps256.safetensors', 'PS256', 2],
    ['signed-ed25519.safetensors', 'Ed25519', 2],
    ['signed-claim-v1.safetensors', 'ES256', 1],
    ['signed-es256.onnx', 'ES256', 2],
  ])('%s holds in every step', async (name, algorithm, claim) => {
    const found = await examine(fixture(name), { roots: [given(fixture('root.pem'), 'root.pem')] }, name);
    expect(found).toMatchObject({
      outcome: 'matches',
      signer: { method: 'certificate', issuer: 'O=Assay tests, CN=Assay test root' },
      facts: { algorithm, claim, embedded: true, manifests: 1, assertions: 2 },
      files: [{ path: name, state: 'same' }],
    });
    expect(found.steps.map(({ id }) => id)).toEqual([
      'bundle',
      'statement',
      'signature',
      'certificate',
      'assertions',
      'binding',
    ]);
  });
  it('a sound with its manifest beside it holds too, and not when the sound is another', async () => {
    const store = fixture('sound.c2pa');
    const roots = [given(fixture('root.pem'))];
    const check = (files: Files) =>
      examineIn(C2PA, 'sound.c2pa', memoryFolder({ 'sound.c2pa': store, ...files }), { roots }, store);
    expect((await check({ 'sound.wav': fixture('sound.wav') })).outcome).toBe('matches');
    const other = await check({ 'sound.wav': 'x' });
    expect(failed(other)).toEqual(['binding', 'ATTEST_BINDING']);
    expect(other.files).toEqual([expect.objectContaining({ path: 'sound.wav', state: 'changed' })]);
    expect(open(await check({}))).toEqual(['binding', 'ATTEST_NO_BINDING']);
  });
  it('no byte of the weights or of the header can change', async () => {
    const model = fixture('signed-es256.safetensors');
    const { start, length } = placeIn(model);
    const outside = fc.integer({ min: 0, max: model.length - 1 }).filter((at) => at < start || at >= start + length);
    await fc.assert(
      fc.asyncProperty(outside, fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const copy = model.slice();
        copy[at] = ((copy[at] ?? 0) + change) % 256;
        const found = await examine(copy, { roots: [given(fixture('root.pem'))] });
        // A broken length or key means that no manifest is found at all.
        expect(found.outcome).not.toBe('matches');
        expect(found.signer).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });
  it('no letter of the manifest can change unless it is padding', async () => {
    const model = fixture('signed-es256.safetensors');
    const { start, length } = placeIn(model);
    const store = Buffer.from(Buffer.from(model.subarray(start, start + length)).toString(), 'base64');
    // What is not signed: padding behind the signature in its header.
    const padding = store.indexOf(Buffer.from('pad', 'latin1'), store.indexOf('c2pa.signature\0'));
    const signature = store.length - 66;
    await fc.assert(
      fc.asyncProperty(fc.nat(store.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        fc.pre(at < padding || at >= signature);
        const copy = Uint8Array.from(store);
        copy[at] = ((copy[at] ?? 0) + change) % 256;
        const text = Buffer.from(copy).toString('base64');
        const changed = joinedBytes(model.subarray(0, start), Buffer.from(text), model.subarray(start + length));
        expect((await examine(changed, { roots: [given(fixture('root.pem'))] })).outcome).not.toBe('matches');
      }),
      { numRuns: 120 },
    );
  });
});

describe('the signature', () => {
  it.each(['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'Ed25519'] as const)(
    'by %s holds, as node:crypto finds too, and not over another claim',
    async (algorithm: Algorithm) => {
      const own = await c2paSigner(algorithm);
      const model = signedModel(own);
      const expected = { roots: [given(own.rootPem)] };
      expect((await examine(model, expected)).outcome).toBe('matches');
      const { start, length } = placeIn(model);
      const { active } = readStore(
        Buffer.from(Buffer.from(model.subarray(start, start + length)).toString(), 'base64'),
      );
      const cose = await readCose(active.signature);
      const key = createPublicKey(
        new X509Certificate(cose.chain[0]!).publicKey.export({ type: 'spki', format: 'pem' }),
      );
      const hash = algorithm === 'Ed25519' ? null : `sha${algorithm.slice(2)}`;
      const how = algorithm.startsWith('ES') ? { key, dsaEncoding: 'ieee-p1363' as const } : { key };
      const padding = algorithm.startsWith('PS') ? { padding: 6, saltLength: -1 } : {};
      expect(verify(hash, await cose.toBeSigned(active.claim), { ...how, ...padding }, cose.signature)).toBe(true);
      const other = signedModel(own, SAFETENSORS, {
        signedClaim: (claim) => Buffer.from(Buffer.from(claim).toString('latin1').replace('tiny', 'huge'), 'latin1'),
      });
      expect(failed(await examine(other, expected))).toEqual(['signature', 'ATTEST_SIGNATURE']);
    },
  );
  const ruin = (one: unknown): unknown => (one as Uint8Array).map((byte, i) => (i === 5 ? byte ^ 1 : byte));
  const asDer = (raw: Uint8Array): Uint8Array => {
    const integer = (half: Uint8Array): Uint8Array => {
      const digits = half.subarray(half.findIndex((byte) => byte !== 0));
      const body = digits[0]! >= 0x80 ? joinedBytes(Uint8Array.of(0), digits) : digits;
      return joinedBytes(Uint8Array.of(2, body.length), body);
    };
    const inside = joinedBytes(integer(raw.subarray(0, 32)), integer(raw.subarray(32)));
    return joinedBytes(Uint8Array.of(0x30, inside.length), inside);
  };
  it.each<[string, Bend, string]>([
    ['is changed', { cose: ([a, b, c, d]) => [a, b, c, ruin(d)] }, 'ATTEST_SIGNATURE'],
    ['is cut', { cose: ([a, b, c, d]) => [a, b, c, (d as Uint8Array).subarray(1)] }, 'ATTEST_SIGNATURE'],
    ['is DER', { cose: ([a, b, c, d]) => [a, b, c, asDer(d as Uint8Array)] }, 'ATTEST_SIGNATURE'],
    ['brings a text of its own', { cose: ([a, b, , d]) => [a, b, Uint8Array.of(1), d] }, 'ATTEST_MATERIAL'],
    [
      'has parts too many',
      {
        cose: ([a, , c, d]) =>
          joinedBytes(Uint8Array.of(0xd2, 0x85), encode(a), encode({}), encode(c), encode(d), encode(1)),
      },
      'ATTEST_MATERIAL',
    ],
    ['has no tag', { cose: ([a, , c, d]) => encode([a, {}, c, d]) }, 'ATTEST_MATERIAL'],
    ['is a text', { cose: () => encode('x') }, 'ATTEST_MATERIAL'],
    ['is of no algorithm', { protectedHeader: (h) => h.delete(1) }, 'ATTEST_MATERIAL'],
    ['is of an algorithm without a key', { protectedHeader: (h) => h.set(1, 5) }, 'ATTEST_MATERIAL'],
    ['is of another kind of key', { protectedHeader: (h) => h.set(1, -8) }, 'ATTEST_MATERIAL'],
    ['is of another kind of key, RSA', { protectedHeader: (h) => h.set(1, -37) }, 'ATTEST_KEY'],
    [
      'is of another hash',
      { protectedHeader: (h) => h.set(1, -35), cose: ([a, b, c, d]) => [a, b, c, ruin(d)] },
      'ATTEST_SIGNATURE',
    ],
    ['has an algorithm outside', { unprotectedHeader: (h) => h.set(1, -7) }, 'ATTEST_MATERIAL'],
    ['has no certificate', { protectedHeader: (h) => h.delete(33) }, 'ATTEST_MATERIAL'],
    ['has an empty chain', { protectedHeader: (h) => h.set(33, []) }, 'ATTEST_MATERIAL'],
    ['has a chain of texts', { protectedHeader: (h) => h.set(33, ['x']) }, 'ATTEST_MATERIAL'],
    ['has a broken certificate', { protectedHeader: (h) => h.set(33, [Uint8Array.of(0x30, 0)]) }, 'ATTEST_CERTIFICATE'],
    ['has two chains', { unprotectedHeader: (h) => h.set('x5chain', [...signer.chain]) }, 'ATTEST_MATERIAL'],
    ['asks for an extension', { protectedHeader: (h) => h.set(2, [99]) }, 'ATTEST_MATERIAL'],
  ])('that %s does not hold', async (_, bend, code) => {
    expect(failed(await bent(bend))).toEqual(['signature', code]);
  });
  it('may carry its certificates outside what is signed, as older programs did', async () => {
    const moved: Bend = {
      protectedHeader: (h) => h.delete(33),
      unprotectedHeader: (h) => h.set('x5chain', [...signer.chain]),
    };
    expect((await bent(moved)).outcome).toBe('matches');
  });
  it('of somebody else over the same claim is somebody else’s', async () => {
    const other = await c2paSigner();
    expect(failed(await examine(signedModel(other)))).toEqual(['certificate', 'ATTEST_CERTIFICATE']);
  });
});

describe('the certificate', () => {
  it('establishes nobody without a root that the person gave', async () => {
    const found = await examine(signedModel(signer), {});
    expect(open(found)).toEqual(['certificate', 'ATTEST_NO_AUTHORITY']);
    expect(found.signer).toBeUndefined();
    expect(found.facts['certificate']).toContain('CN=Model signer');
    expect(found.steps.find(({ id }) => id === 'binding')?.outcome).toBe('matches');
  });
  it('that has expired proves nothing, and with an unchecked time stamp leaves it open', async () => {
    const old = await c2paSigner('ES256', { to: '2026-06-01T00:00:00Z' });
    const roots = [given(old.rootPem)];
    expect(failed(await examine(signedModel(old), { roots }))).toEqual(['time', 'ATTEST_EXPIRED']);
    const stamped: Bend = { unprotectedHeader: (h) => h.set('sigTst2', { tstTokens: [] }) };
    const found = await examine(signedModel(old, SAFETENSORS, stamped), { roots });
    expect(open(found)).toEqual(['time', 'ATTEST_EXPIRED']);
    expect(found.steps.at(-1)).toMatchObject({ id: 'binding', outcome: 'matches' });
    expect(found.warnings).toEqual([{ code: 'time-unchecked' }]);
  });
  it('of tomorrow, or for something else than signing, does not hold', async () => {
    const early = await c2paSigner('ES256', { from: '2050-01-01T00:00:00Z' });
    expect(failed(await examine(signedModel(early), { roots: [given(early.rootPem)] }))).toEqual([
      'time',
      'ATTEST_CERTIFICATE',
    ]);
    const other = await c2paSigner('ES256', { forSigning: false });
    expect(failed(await examine(signedModel(other), { roots: [given(other.rootPem)] }))).toEqual([
      'certificate',
      'ATTEST_CERTIFICATE',
    ]);
  });
});

describe.each([
  ['safetensors', SAFETENSORS, 'm.safetensors'],
  ['ONNX', ONNX, 'm.onnx'],
] as const)('the binding in %s', (_, container, path) => {
  it.each<[string, Bend]>([
    ['moved by a byte', { exclusions: ({ start, length }) => [{ start: start + 1, length }] }],
    ['wider at its end', { exclusions: ({ start, length }) => [{ start, length: length + 1 }] }],
    ['wider at its beginning', { exclusions: ({ start, length }) => [{ start: start - 1, length: length + 1 }] }],
    ['narrower', { exclusions: ({ start, length }) => [{ start, length: length - 1 }] }],
    ['of nothing', { exclusions: () => [] }],
    ['of two pieces', { exclusions: (place) => [place, { start: place.start + place.length + 2, length: 1 }] }],
    ['of a negative place', { exclusions: ({ length }) => [{ start: -1, length }] }],
    ['that is no list', { exclusions: () => 'x' }],
    ['that is a list of texts', { exclusions: () => ['x'] }],
  ])('with an exclusion %s does not hold', async (_name, bend) => {
    const found = await bent(bend, container);
    expect(failed(found)).toEqual(['binding', 'ATTEST_BINDING']);
    expect(found.files).toEqual([]);
  });
  it('with an exclusion of a place beyond 2^53 is no statement', async () => {
    const found = await bent({ exclusions: ({ length }) => [{ start: 2n ** 60n, length }] }, container);
    expect(failed(found)).toEqual(['binding', 'ATTEST_CBOR']);
  });
  it('holds, with any of the three digests, for a file that comes in pieces', async () => {
    for (const hash of ['sha256', 'sha384', 'sha512'] as const) {
      expect((await bent({ hash }, container)).outcome).toBe('matches');
    }
  });
  it('does not hold when a byte before or behind it changed', async () => {
    const model = signedModel(signer, container);
    const { start, length } = placeIn(model);
    const behind = model.slice();
    behind[model.length - 1]! ^= 1;
    const changed = await examine(behind, ROOT, path);
    expect(failed(changed)).toEqual(['binding', 'ATTEST_BINDING']);
    expect(changed.files).toEqual([{ path, state: 'changed' }]);
    const longer = joinedBytes(model, container === ONNX ? Uint8Array.of(0x12, 0) : new Uint8Array(8));
    expect(failed(await examine(longer, ROOT, path))).toEqual(['binding', 'ATTEST_BINDING']);
    expect(start + length).toBeLessThan(model.length);
  });
  it('was not looked at when only headers were read', async () => {
    const folder = headersOnly(memoryFolder({ [path]: signedModel(signer, container) }));
    const found = await examineIn(C2PA, path, folder, ROOT);
    expect(open(found)).toEqual(['binding', 'ATTEST_NO_BYTES']);
  });
  it('is refused for a manifest that stands there twice', async () => {
    const twice: typeof container = (text) => {
      const once = container(text);
      if (container === ONNX) return { ...once, bytes: joinedBytes(once.bytes, extraProperty(text)) };
      return { ...once, bytes: withSecondKey(once.bytes) };
    };
    const found = await examine(signedModel(signer, twice), ROOT, path);
    expect(failed(found)).toEqual(['bundle', 'ATTEST_BUNDLE']);
    expect(why(found)).toContain('two');
  });
});

/** One more entry of `metadata_props`. */
function extraProperty(text: string): Uint8Array {
  const length = (value: number) => Uint8Array.of((value % 128) + 128, Math.floor(value / 128));
  const key = joinedBytes(Uint8Array.of(10, 13), Buffer.from('c2pa:manifest'));
  const value = joinedBytes(Uint8Array.of(18), length(text.length), Buffer.from(text));
  return joinedBytes(Uint8Array.of(14 * 8 + 2), length(key.length + value.length), key, value);
}

function withSecondKey(model: Uint8Array): Uint8Array {
  const size = Number(new DataView(model.buffer).getBigUint64(0, true));
  const json = Buffer.from(model.subarray(8, 8 + size))
    .toString()
    .replace('"}', '","c2pa:manifest":"AAAA"}');
  const head = new DataView(new ArrayBuffer(8));
  head.setBigUint64(0, BigInt(json.length), true);
  return joinedBytes(new Uint8Array(head.buffer), Buffer.from(json), model.subarray(8 + size));
}

describe('the base64 of a manifest', () => {
  // One whose last letter has bits to spare.
  const title = ['', 'x', 'xx'].find((more) => textOf(titled(more)).endsWith('='))!;
  const model = titled(title);
  const { start, length } = placeIn(model);
  const text = textOf(model);
  it('is the one spelling of its bytes', async () => {
    expect(text.endsWith('=')).toBe(true);
    expect((await examine(model)).outcome).toBe('matches');
  });
  it.each([
    ['with white space', text.replace(/^AAA/, ' AA')],
    ['of the URL alphabet', text.replace(/[A-Z]/, '-')],
    ['with an escaped letter', text.slice(0, -6).replace(/A/, '\\u0041').slice(0, length)],
    ['with a quote inside', `${text.slice(0, 8)}\\"${text.slice(10)}`],
    ['in another spelling', respelt(text)],
    ['of no box', 'A'.repeat(length)],
  ])('%s is refused', async (_, other) => {
    expect(other).not.toBe(text);
    const copy = joinedBytes(model.subarray(0, start), Buffer.from(other), model.subarray(start + length));
    expect(failed(await examine(copy))[0]).toBe('bundle');
  });
});

function titled(more: string): Uint8Array {
  return signedModel(signer, SAFETENSORS, { claim: (right) => ({ ...right, 'dc:title': `tiny${more}` }) });
}

function textOf(model: Uint8Array): string {
  const { start, length } = placeIn(model);
  return Buffer.from(model.subarray(start, start + length)).toString();
}

/** The same bytes: the bits behind the last one are set. */
function respelt(text: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const other = text.replace(/.(?==+$)/, (last) => letters[letters.indexOf(last) + 1]!);
  expect(Buffer.from(other, 'base64')).toEqual(Buffer.from(text, 'base64'));
  return other;
}

describe('the claim', () => {
  const claim = (change: Record<string, unknown>): Bend => ({ claim: (right) => ({ ...right, ...change }) });
  const assertion = { url: 'self#jumbf=c2pa.assertions/c2pa.hash.data', hash: new Uint8Array(32) };
  it.each<[string, Bend, string]>([
    ['without an instance', claim({ instanceID: 1 }), 'ATTEST_CLAIM'],
    ['without a program', claim({ claim_generator_info: 'x' }), 'ATTEST_CLAIM'],
    ['of another signature', claim({ signature: 'self#jumbf=/c2pa/other/c2pa.signature' }), 'ATTEST_CLAIM'],
    ['of a signature elsewhere', claim({ signature: 'https://example.test/c2pa.signature' }), 'ATTEST_CLAIM'],
    ['without assertions', claim({ created_assertions: [] }), 'ATTEST_CLAIM'],
    ['with assertions that are no list', claim({ created_assertions: { a: 1 } }), 'ATTEST_CLAIM'],
    ['with an assertion twice', claim({ created_assertions: [assertion, assertion] }), 'ATTEST_CLAIM'],
    [
      'with an assertion elsewhere',
      claim({ created_assertions: [{ ...assertion, url: 'self#jumbf=/c2pa/o/c2pa.assertions/x' }] }),
      'ATTEST_CLAIM',
    ],
    [
      'with a short digest',
      claim({ created_assertions: [{ ...assertion, hash: new Uint8Array(31) }] }),
      'ATTEST_CLAIM',
    ],
    ['with digests of a broken kind', claim({ alg: 'md5' }), 'ATTEST_CLAIM'],
    ['without a kind of digest', claim({ alg: 1 }), 'ATTEST_CLAIM'],
    ['that is no map', { signedClaim: () => encode(['x']) }, 'ATTEST_CBOR'],
    ['with a key twice', { signedClaim: () => Uint8Array.of(0xa2, 0x61, 97, 1, 0x61, 97, 2) }, 'ATTEST_CBOR'],
    ['of unstated length', { signedClaim: () => Uint8Array.of(0xbf, 0x61, 97, 1, 0xff) }, 'ATTEST_CBOR'],
    ['with a long number', { signedClaim: () => Uint8Array.of(0xa1, 0x61, 97, 0x18, 1) }, 'ATTEST_CBOR'],
    ['with something behind it', { signedClaim: (right) => joinedBytes(right, Uint8Array.of(0)) }, 'ATTEST_CBOR'],
    ['that is cut', { signedClaim: (right) => right.subarray(0, -1) }, 'ATTEST_CBOR'],
    ['with an unknown tag', { signedClaim: () => Uint8Array.of(0xc1, 0) }, 'ATTEST_CBOR'],
    ['that nests without end', { signedClaim: () => new Uint8Array(100_000).fill(0x81) }, 'ATTEST_CBOR'],
    [
      'with too many values',
      { signedClaim: () => joinedBytes(Uint8Array.of(0x9a, 0, 3, 0, 0), new Uint8Array(0x30000)) },
      'ATTEST_CBOR',
    ],
    [
      'that promises too much',
      { signedClaim: () => Uint8Array.of(0x9b, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff) },
      'ATTEST_CBOR',
    ],
    ['with text that is none', { signedClaim: () => Uint8Array.of(0xa1, 0x61, 0xff, 1) }, 'ATTEST_CBOR'],
  ])('%s is refused', async (_, bend, code) => {
    expect(failed(await bent(bend))).toEqual(['statement', code]);
  });
  it('is given up by counting, before memory or the stack are', async () => {
    const deep = await bent({ signedClaim: () => new Uint8Array(40).fill(0x81) });
    expect(why(deep)).toBe('nested too deep');
    const many = joinedBytes(Uint8Array.of(0x9a, 0, 3, 0, 0), new Uint8Array(0x30000));
    expect(why(await bent({ signedClaim: () => many }))).toBe('too many values');
    const long = joinedBytes(Uint8Array.of(0x5a, 0, 0x50, 0, 0), new Uint8Array(0x500000));
    expect(why(await bent({ signedClaim: () => long }))).toBe('too long');
  });
  it('of version 1 is read as well', async () => {
    expect(await bent({ claimVersion: 1 })).toMatchObject({ outcome: 'matches', facts: { claim: 1 } });
  });
});

describe('assertions', () => {
  const other = cborBox('c2pa.actions.v2', { actions: [{ action: 'c2pa.edited' }] });
  it.each<[string, Bend]>([
    ['that were changed', { stored: (all) => all.set('c2pa.actions.v2', other) }],
    ['that were taken out', { stored: (all) => all.delete('c2pa.actions.v2') }],
    ['that nobody claimed', { stored: (all) => all.set('x', cborBox('x', { a: 1 })) }],
  ])('%s do not hold', async (_, bend) => {
    expect(failed(await bent(bend))).toEqual(['assertions', 'ATTEST_ASSERTION']);
  });
  it('say how a file is bound, once and in a way that is read', async () => {
    const none = signedModelWithout();
    expect(failed(await examine(none))).toEqual(['binding', 'ATTEST_BINDING']);
    const media: Bend = {
      assertions: (all) =>
        all.delete('c2pa.hash.data') && all.set('c2pa.hash.bmff.v3', cborBox('c2pa.hash.bmff.v3', {})),
    };
    expect(open(await bent(media))).toEqual(['binding', 'ATTEST_NO_BINDING']);
    const two: Bend = { assertions: (all) => all.set('c2pa.hash.boxes', cborBox('c2pa.hash.boxes', {})) };
    expect(failed(await bent(two))).toEqual(['binding', 'ATTEST_BINDING']);
    const gathered: Bend = {
      claim: ({ created_assertions: all, ...rest }) => ({ ...rest, created_assertions: [], gathered_assertions: all }),
    };
    expect(failed(await bent(gathered))).toEqual(['binding', 'ATTEST_BINDING']);
    const short = await bent({ dataHash: (right) => ({ ...right, hash: new Uint8Array(31) }) });
    expect([failed(short)[0], why(short)]).toEqual(['binding', 'its digest is none']);
    expect(failed(await bent({ dataHash: (right) => ({ ...right, alg: 'sha1' }) }))[0]).toBe('binding');
  });
  it('of an update need no binding of their own', async () => {
    expect(open(await examine(signedModelWithout({ manifestType: 'c2um' })))).toEqual(['binding', 'ATTEST_NO_BINDING']);
  });
});

function signedModelWithout(bend: Bend = {}): Uint8Array {
  return SAFETENSORS(Buffer.from(manifestStore(signer, null, null, bend)).toString('base64')).bytes;
}

describe('the boxes', () => {
  const before = superBox('c2ma', 'urn:c2pa:ingredient');
  const deep = (levels: number): Uint8Array =>
    levels === 0 ? superBox('json', 'x') : superBox('c2ma', 'x', deep(levels - 1));
  const broken = (change: (bytes: Uint8Array) => Uint8Array): Bend => ({ store: change });
  const patched = (at: number, ...values: number[]) =>
    broken((bytes) => bytes.map((byte, i) => values[i - at] ?? byte));
  it('of ingredients are counted, and the last manifest is the one that counts', async () => {
    expect(await bent({ before: [before] })).toMatchObject({ outcome: 'matches', facts: { manifests: 2 } });
  });
  it.each<[string, Bend]>([
    ['with one label twice', { before: [before, before] }],
    ['with something else in the store', { before: [box('free', Uint8Array.of(1))] }],
    ['with another kind of box in the store', { before: [superBox('json', 'x')] }],
    ['nested too deep', { before: [deep(20)] }],
    ['cut', broken((bytes) => bytes.subarray(0, -3))],
    ['with bytes behind', broken((bytes) => joinedBytes(bytes, Uint8Array.of(0, 0, 0)))],
    ['with a second box behind', broken((bytes) => joinedBytes(bytes, box('free')))],
    ['of length 0', patched(0, 0, 0, 0, 0)],
    ['of length 1', patched(0, 0, 0, 0, 1)],
    ['of length 7', patched(0, 0, 0, 0, 7)],
    ['longer than they are', patched(0, 0x7f)],
    ['of another type', patched(16, 0x78)],
    ['without a description', patched(12, 0x78)],
    ['with unknown marks in the description', patched(32, 0x23)],
    ['without a label', patched(32, 1)],
    ['with a label that is no text', patched(33, 0xff)],
    ['with a digest in the description that is not there', patched(32, 11)],
    ['with a private part that is not there', patched(32, 19)],
    [
      'too many in all',
      {
        before: ['x', 'y'].map((label) => superBox('c2ma', label, ...Array.from({ length: 6_000 }, () => box('free')))),
      },
    ],
    ['too many', { before: [superBox('c2ma', 'x', ...Array.from({ length: 10_001 }, () => box('free')))] }],
  ])('%s are refused', async (_, bend) => {
    expect(failed(await bent(bend))[0]).toBe('bundle');
  });
  it('of a claim or signature must be there once', async () => {
    for (const type of ['c2cl', 'c2cs', 'c2as']) {
      const renamed = broken((bytes) => {
        const copy = Buffer.from(bytes);
        copy.write('xxxx', copy.indexOf(type), 'latin1');
        return copy;
      });
      expect(failed(await bent(renamed))[0]).toBe('bundle');
    }
  });
  it('of no manifest, and files too small for any, are refused', async () => {
    expect(failed(await bent({ store: () => superBox('c2pa', 'c2pa') }))).toEqual(['bundle', 'ATTEST_BUNDLE']);
    for (const size of [0, 2, 8]) expect(failed(await examine(new Uint8Array(size)))[0]).toBe('bundle');
  });
  it('that are compressed are not read', async () => {
    expect(open(await bent({ manifestType: 'c2cm' }))).toEqual(['bundle', 'ATTEST_NO_MANIFEST']);
  });
});

describe('a manifest in a file of its own', () => {
  const sidecar = (bytes: Uint8Array, bend: Bend = {}) =>
    manifestStore(signer, null, (hash) => new Uint8Array(createDigest(hash, bytes)), bend);
  const weights = Uint8Array.of(1, 2, 3);
  const check = (store: Uint8Array, files: Files, path = 'm.c2pa') =>
    examineIn(C2PA, path, memoryFolder({ [path]: store, ...files }), ROOT, store);
  it('belongs to the file of its name, and to no other', async () => {
    const store = sidecar(weights);
    expect((await check(store, { 'm.gguf': weights, 'other.gguf': 'x' })).outcome).toBe('matches');
    expect((await check(store, { 'm.gguf': weights }, 'm.gguf.c2pa')).outcome).toBe('matches');
    expect(failed(await check(store, { 'm.gguf': 'x' }))).toEqual(['binding', 'ATTEST_BINDING']);
    expect((await check(store, { 'm.json': '{}', 'm.gguf': weights })).files).toMatchObject([{ path: 'm.gguf' }]);
    expect(open(await check(store, { 'm.json': '{}', 'm.gguf': 'x' }))).toEqual(['binding', 'ATTEST_NO_BINDING']);
    expect(open(await check(store, { 'other.gguf': weights }))).toEqual(['binding', 'ATTEST_NO_BINDING']);
    expect(open(await check(store, { 'sub/m.gguf': weights }))).toEqual(['binding', 'ATTEST_NO_BINDING']);
  });
  it('that leaves out bytes of its file is not compared', async () => {
    const store = sidecar(weights, { dataHash: (right) => ({ ...right, exclusions: [{ start: 0, length: 1 }] }) });
    expect(open(await check(store, { 'm.gguf': weights }))).toEqual(['binding', 'ATTEST_NO_BINDING']);
  });
  it('is known by its first box', () => {
    expect(C2PA.recognises('m.c2pa', sidecar(weights))).toBe(true);
    expect(C2PA.recognises('m.c2pa', weights)).toBe(false);
    expect(C2PA.recognises('m.c2pa', SAFETENSORS('').bytes)).toBe(false);
  });
});

describe('the header of a model', () => {
  const header = async (model: Uint8Array): Promise<FileHeader> => {
    const { format, metadata, tensors } = await openSafetensors(new MemorySource('m.safetensors', model));
    return { format, metadata, tensors };
  };
  it('tells that it carries a manifest, and nothing else does', async () => {
    const found = await header(signedModel(signer));
    expect(C2PA.embeddedIn!(found)).toBe(true);
    expect(C2PA.embeddedIn!({ ...found, format: 'gguf' })).toBe(false);
    expect(C2PA.embeddedIn!({ ...found, metadata: [{ key: 'format', type: 'STRING', value: 'pt' }] })).toBe(false);
  });
  it('may say where the manifest lies, which is not fetched', async () => {
    const json = '{"__metadata__":{"c2pa:manifest.uri":"https://example.test/m.c2pa"}}'.padEnd(72);
    const model = joinedBytes(Uint8Array.of(72, 0, 0, 0, 0, 0, 0, 0), Buffer.from(json));
    const read = await header(model);
    expect(C2PA.embeddedIn!(read)).toBe(true);
    const found = await examineIn(
      C2PA,
      'm.safetensors',
      memoryFolder({ 'm.safetensors': model }, { 'm.safetensors': read }),
    );
    expect(open(found)).toEqual(['bundle', 'ATTEST_NO_MANIFEST']);
    expect(found.steps[0]?.reason?.detail['why']).toBe('https://example.test/m.c2pa');
  });
});

function createDigest(hash: string, bytes: Uint8Array): Uint8Array {
  return nodeHash(hash).update(bytes).digest();
}
