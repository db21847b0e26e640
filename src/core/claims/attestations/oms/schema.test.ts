import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../errors.ts';
import { readMaterial } from './material.ts';
import { newKey, signed, statementOver } from './sign.suite.ts';
import { parseOmsStatement } from './statement.ts';

const utf8 = new TextEncoder();
type Json = Record<string, unknown>;

function refusal(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return `${error.code} ${String(error.detail['why'] ?? error.detail['actual'] ?? '')}`.trim();
  }
}
const FILES = { 'config.json': utf8.encode('{}'), 'weights.bin': utf8.encode('weights') };
const bundle = (): Json => JSON.parse(new TextDecoder().decode(signed(statementOver(FILES), newKey()))) as Json;
const readBundle = (value: unknown): string | null => refusal(() => readMaterial(utf8.encode(JSON.stringify(value))));
const readStatement = (value: unknown): string | null =>
  refusal(() =>
    parseOmsStatement({
      payloadType: 'application/vnd.in-toto+json',
      payload: utf8.encode(JSON.stringify(value)),
      signatures: [],
    }),
  );

describe('the bundle of a model signature', () => {
  const material = (value: Json): Json => ({ ...bundle(), verificationMaterial: value });
  const envelope = (more: Json): Json => ({
    ...bundle(),
    dsseEnvelope: { ...(bundle()['dsseEnvelope'] as Json), ...more },
  });
  const certificate = { rawBytes: 'AA==' };
  it.each([
    ['as the reference writes it', bundle(), null],
    ['with a field nobody knows', { ...bundle(), messageSignature: {} }, 'holds something unknown'],
    ['with a field nobody knows in its envelope', envelope({ extra: 1 }), 'holds something unknown'],
    ['with a field nobody knows beside a signature', envelope({ signatures: [{ sig: 'AA==', cert: 'x' }] }), 'unknown'],
    ['with a key id of null', envelope({ signatures: [{ sig: 'AA==', keyid: null }] }), null],
    ['with a key id that is no text', envelope({ signatures: [{ sig: 'AA==', keyid: 1 }] }), 'keyid is no text'],
    ['with an empty payload', envelope({ payload: '' }), 'payload is empty'],
    ['of another media type', { ...bundle(), mediaType: 'application/json' }, 'mediaType is unknown'],
    ['without material', { ...bundle(), verificationMaterial: undefined }, 'has no verificationMaterial'],
    ['whose hint is no text', material({ publicKey: { hint: 7 } }), 'hint is no text'],
    ['whose key is not named at all', material({ publicKey: {} }), 'names no key'],
    ['with an empty chain', material({ x509CertificateChain: { certificates: [] } }), 'certificates is empty'],
    ['with an empty certificate', material({ x509CertificateChain: { certificates: [{ rawBytes: '' }] } }), 'is empty'],
    ['of Sigstore without a list of log entries', material({ certificate }), 'no log entries'],
    ['of Sigstore with an empty one, which a later step refuses', material({ certificate, tlogEntries: [] }), null],
    ['whose log entries are no objects', material({ certificate, tlogEntries: ['x'] }), 'is no object'],
    ['whose log index is a number', material({ certificate, tlogEntries: [{ logIndex: 7 }] }), 'logIndex is no text'],
  ])('%s is read or refused with the reason', (_, value, why) => {
    const said = readBundle(JSON.parse(JSON.stringify(value)));
    if (why === null) expect(said).toBe(null);
    else expect(said).toContain(why);
  });
});

describe('the statement of a model signature', () => {
  const statement = (): Json => statementOver(FILES) as unknown as Json;
  const serialization = (more: Json): Json => {
    const predicate = statement()['predicate'] as Json;
    return {
      ...statement(),
      predicate: { ...predicate, serialization: { ...(predicate['serialization'] as Json), ...more } },
    };
  };
  const subject = (one: Json): Json => ({ ...statement(), subject: [one] });
  const sha256 = 'a'.repeat(64);
  it.each([
    ['as the reference writes it', statement(), null],
    ['with fields nobody knows, as in-toto asks', { ...statement(), vendor: 1 }, null],
    [
      'that does not say whether links were followed',
      serialization({ allow_symlinks: undefined }),
      'ATTEST_SERIALIZATION',
    ],
    ['whose ignored paths are no list', serialization({ ignore_paths: 'a' }), 'ATTEST_SERIALIZATION'],
    ['with an ignored path that is empty', serialization({ ignore_paths: [''] }), 'ATTEST_SERIALIZATION'],
    ['with a size of shards for whole files', serialization({ shard_size: 1 }), 'ATTEST_SERIALIZATION'],
    ['with an unknown way of making digests', serialization({ salt: 'x' }), 'ATTEST_SERIALIZATION salt'],
    ['over a model without a name', subject({ name: '', digest: { sha256 } }), 'ATTEST_SUBJECT'],
    ['over a digest that is no hex', subject({ name: 'm', digest: { sha256, sha512: 'X' } }), 'ATTEST_SUBJECT'],
  ])('%s is read or refused', (_, value, code) => {
    const said = readStatement(JSON.parse(JSON.stringify(value)));
    if (code === null) expect(said).toBe(null);
    else expect(said).toContain(code);
  });
});

const CORPUS = join(import.meta.dirname, '../../../../../../shared/corpora/oms-spec');
const present = existsSync(CORPUS);

/** Documents changed in one place or several: a field taken away, added, or given another value. */
function changed(base: unknown): fc.Arbitrary<unknown> {
  const values = fc.constantFrom<unknown>(
    null,
    true,
    0,
    1,
    -1,
    1.5,
    '',
    'x',
    'ff',
    'AA==',
    [],
    {},
    ['x'],
    [''],
    [{}],
    'sha256',
    'shards',
  );
  const names = [
    'extra',
    'hint',
    'rawBytes',
    'certificate',
    'publicKey',
    'tlogEntries',
    'keyid',
    'shard_size',
    'ignore_paths',
    'logIndex',
  ];
  const step = fc.record({ at: fc.nat(), how: fc.nat(2), key: fc.constantFrom(...names), value: values });
  return fc.array(step, { minLength: 1, maxLength: 3 }).map((steps) => {
    const copy = structuredClone(base) as Json;
    for (const { at, how, key, value } of steps) {
      const places: (readonly [Json, string])[] = [];
      const walk = (one: unknown): void => {
        if (typeof one !== 'object' || one === null) return;
        for (const [name, inner] of Object.entries(one)) {
          places.push([one as Json, name]);
          walk(inner);
        }
      };
      walk(copy);
      const [holder, name] = places[at % Math.max(1, places.length)] ?? [copy, 'x'];
      if (how === 0 && !Array.isArray(holder)) delete holder[name];
      else if (how === 1 && !Array.isArray(holder)) holder[key] = structuredClone(value);
      else holder[name] = structuredClone(value);
    }
    return copy;
  });
}

describe.runIf(present)('held against the published JSON Schemas (skipped without ../shared)', () => {
  const ajv = new Ajv2020({ strict: false });
  if (present) {
    for (const name of ['predicate', 'envelope', 'statement', 'bundle'])
      ajv.addSchema(JSON.parse(readFileSync(join(CORPUS, `schemas/v1.0/${name}.schema.json`), 'utf8')) as Json);
  }
  const valid = present ? readdirSync(join(CORPUS, 'test-vectors/v1.0/valid')) : [];
  const read = (name: string): Json =>
    JSON.parse(readFileSync(join(CORPUS, 'test-vectors/v1.0/valid', name), 'utf8')) as Json;
  const payloadType = (value: unknown): unknown =>
    ((value as Json)['dsseEnvelope'] as Json | undefined)?.['payloadType'];

  it.each(valid)('no bundle like %s passes here that the schema of bundles refuses', (name) => {
    const schema = ajv.getSchema('https://model_signing/bundle/v1.0/schema')!;
    fc.assert(
      fc.property(changed(read(name)), (value) => {
        // The type of the payload is signed: it is looked at after the signature, with the statement.
        if (payloadType(value) !== 'application/vnd.in-toto+json') return;
        if (readBundle(value) === null) expect(schema(value)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it.each(valid)('no statement like that of %s passes here that the schema of statements refuses', (name) => {
    const schema = ajv.getSchema('https://model_signing/statement/v1.0/schema')!;
    const payload = String((read(name)['dsseEnvelope'] as Json)['payload']);
    const statement = JSON.parse(Buffer.from(payload, 'base64').toString()) as Json;
    fc.assert(
      fc.property(changed(statement), (value) => {
        if (readStatement(value) !== null || schema(value) === true) return;
        // Fields that are not known are the one thing in which in-toto is wider, and golden signatures use that.
        const errors = schema.errors ?? [];
        expect(errors.map(({ keyword }) => keyword)).toEqual(errors.map(() => 'additionalProperties'));
      }),
      { numRuns: 400 },
    );
  });
});
