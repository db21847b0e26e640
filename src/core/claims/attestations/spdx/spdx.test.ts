import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attestation } from '../attestation.ts';
import { beside } from '../bom/bom.suite.ts';
import { readSpdx } from './read.ts';
import { documentOf } from './document.ts';
import { checkRules } from './rules.ts';
import { SPDX } from './spdx.ts';

type Json = Record<string, unknown>;
const CONTEXT = 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld';
const utf8 = new TextEncoder();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const creationInfo = '_:c';
const INFO = {
  type: 'CreationInfo',
  '@id': '_:c',
  created: '2026-01-01T00:00:00Z',
  createdBy: ['urn:p'],
  specVersion: '3.0.1',
};
const PERSON = { type: 'Person', spdxId: 'urn:p', creationInfo, name: 'Somebody' };
const MODEL = { type: 'ai_AIPackage', spdxId: 'urn:m', creationInfo, name: 'tiny' };

const hashOf = (text: string): Json => ({ type: 'Hash', algorithm: 'sha256', hashValue: sha256(text) });
const file = (name: string, ...verifiedUsing: unknown[]): Json => ({
  type: 'software_File',
  spdxId: `urn:f:${name}`,
  creationInfo,
  name,
  ...(verifiedUsing.length > 0 ? { verifiedUsing } : {}),
});
const document = (...elements: unknown[]): Json => ({ '@context': CONTEXT, '@graph': [INFO, PERSON, ...elements] });

async function examine(
  value: unknown,
  files: Readonly<Record<string, string>> = { 'model.bin': 'weights' },
): Promise<Attestation> {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const [found] = await SPDX.examine(beside(files, text, { path: 'bill.spdx3.json' }));
  return found!;
}
const failure = ({ steps }: Attestation): string => {
  const step = steps.find(({ outcome }) => outcome === 'contradicts');
  return step === undefined
    ? 'none'
    : `${step.id} ${step.reason!.code} ${String(step.reason!.detail['why'] ?? '')}`.trim();
};

describe('an SPDX document', () => {
  it('whose hashes are those of the files matches, and says what it is', async () => {
    const found = await examine(document(MODEL, file('model.bin', hashOf('weights'))));
    expect(found.outcome).toBe('matches');
    expect(found.steps.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      'bundle matches',
      'schema matches',
      'files matches',
      'consistency no-claim',
    ]);
    expect(found.facts).toEqual({ specVersion: '3.0.1', elements: 4, models: 'tiny', files: 1, hashes: 1 });
    expect(found.completeness?.[0]).toMatchObject({ present: true, counted: [1, 1] });
    expect(found.signer).toBeUndefined();
  });

  it('the fixture, a bill of a tiny model, reads as it was written', async () => {
    const text = readFileSync(join(import.meta.dirname, '../../../../../fixtures/spdx/tiny.spdx3.json'), 'utf8');
    const files = {
      'model.bin': 'tiny weights\n',
      'config.json': '{"model_type":"llama","vocab_size":512,"dtype":"bfloat16"}',
    };
    const found = await examine(text, files);
    expect(found.outcome).toBe('matches');
    expect(found.steps.find(({ id }) => id === 'consistency')?.detail).toEqual({
      architecture: 'llama',
      'type of numbers': 'bfloat16',
      vocabulary: '512',
    });
    expect(found.completeness!.filter(({ present }) => !present).map(({ id }) => id)).toEqual([
      'ethicalConsiderations',
    ]);
    const lying = { ...files, 'config.json': '{"model_type":"llama","vocab_size":32000}' };
    expect(failure(await examine(text, lying))).toContain('consistency ATTEST_CONSISTENCY');
  });

  it('with another hash contradicts at files, and says of the model what it can', async () => {
    const found = await examine(document(MODEL, file('model.bin', hashOf('other'))));
    expect(failure(found)).toBe('files ATTEST_BILL_FILES');
    expect(found.files).toMatchObject([{ path: 'model.bin', state: 'changed' }]);
  });

  it('never compares the hash of a package with a file, and says that nothing was compared', async () => {
    const dataset = { type: 'dataset_DatasetPackage', spdxId: 'urn:d', creationInfo, dataset_datasetType: ['text'] };
    const found = await examine(document({ ...dataset, verifiedUsing: [hashOf('other')] }, file('model.bin')));
    expect(found.outcome).toBe('could-not-check');
    expect(found.files).toEqual([]);
  });

  it('breaks its own rules: nothing in it is compared, and the first place is named', async () => {
    const found = await examine(document({ ...MODEL, ai_autonomyType: 'maybe' }, file('model.bin', hashOf('other'))));
    const schema = found.steps.find(({ id }) => id === 'schema');
    expect(schema?.reason).toEqual({
      code: 'ATTEST_SCHEMA',
      detail: {
        where: '@graph[2] ai_AIPackage “tiny”.ai_autonomyType',
        why: '“maybe” is none of the words it may be',
      },
    });
    expect(found.files).toEqual([]);
    expect(found.steps.at(-1)?.reason?.code).toBe('ATTEST_NOT_REACHED');
  });

  it.each<[string, unknown, string]>([
    ['another context', { '@context': 'https://example.org/', '@graph': [] }, 'bundle ATTEST_BUNDLE'],
    [
      'a context of one’s own beside the published one',
      { '@context': [CONTEXT, { name: 'urn:x' }], '@graph': [] },
      'bundle ATTEST_BUNDLE',
    ],
    ['something beside its elements', { ...document(), extra: 1 }, 'bundle ATTEST_BUNDLE'],
    ['elements that are no list', { '@context': CONTEXT, '@graph': {} }, 'bundle ATTEST_BUNDLE'],
    ['a key twice', `{"@context":"${CONTEXT}","@graph":[],"@graph":[]}`, 'bundle ATTEST_JSON'],
    ['no JSON at all', '<rdf/>', 'bundle ATTEST_JSON'],
  ])('with %s is refused for its form', async (_, value, expected) => {
    expect(failure(await examine(value))).toContain(expected);
  });

  it.each<[string, unknown]>([
    ['SPDX-2.1', { spdxVersion: 'SPDX-2.1', SPDXID: 'SPDXRef-DOCUMENT' }],
    ['SPDX 3.1', { '@context': 'https://spdx.org/rdf/3.1/spdx-context.jsonld', '@graph': [] }],
  ])('of %s is said to be of a form that is not read, and nothing is held against it', async (form, value) => {
    const found = await examine(value);
    expect(found.outcome).toBe('could-not-check');
    expect(found.steps[0]?.reason).toMatchObject({ code: 'ATTEST_NO_READER', detail: { form } });
  });

  it('of one element needs no list', async () => {
    expect((await examine({ '@context': CONTEXT, ...file('model.bin', hashOf('weights')) })).outcome).toBe('matches');
  });

  it('is known by its context, whatever it is called; and a file of its name is its own when it is broken', () => {
    expect(SPDX.recognises('sbom.json', utf8.encode(JSON.stringify(document())))).toBe(true);
    expect(SPDX.recognises('sbom.json', utf8.encode('{"spdxVersion":"SPDX-2.2"}'))).toBe(true);
    expect(SPDX.recognises('sbom.json', utf8.encode('{'))).toBe(false);
    expect(SPDX.recognises('a.spdx3.json', utf8.encode('{'))).toBe(true);
    for (const name of [
      'a.spdx3.json',
      'a.spdx.json',
      'a.spdx3.jsonld',
      'sbom.json',
      'model-sbom.json',
      'aibom.json',
      'x.aibom.json',
    ])
      expect(SPDX.names.test(name)).toBe(true);
    for (const name of ['bombay.json', 'config.json', 'model.json']) expect(SPDX.names.test(name)).toBe(false);
  });

  it('asks for the digests it states of files, so that one read makes them', () => {
    const text = JSON.stringify(
      document(file('a', hashOf('a'), { type: 'Hash', algorithm: 'blake2b512', hashValue: 'ff' })),
    );
    expect(SPDX.wants!(utf8.encode(text))).toEqual(['blake2b']);
    expect(SPDX.wants!(utf8.encode('{'))).toEqual([]);
  });

  it('whatever its bytes and elements are, ends in steps and never in an error', async () => {
    const loose = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom<unknown>(null, 1, '', 'urn:f', '_:c', 'Hash', 'software_File', 'ai_AIPackage', 'sha256', []),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom(
            'type',
            'spdxId',
            '@id',
            'name',
            'verifiedUsing',
            'creationInfo',
            'to',
            'from',
            'ai_hyperparameter',
            'key',
            'value',
            'relationshipType',
            '__proto__',
            'constructor',
          ),
          tie('value'),
          { maxKeys: 5 },
        ),
      ),
    })).value;
    await fc.assert(
      fc.asyncProperty(fc.array(loose, { maxLength: 4 }), async (elements) => {
        const found = await examine({ '@context': CONTEXT, '@graph': elements });
        expect(found.steps.length).toBeGreaterThan(0);
        expect(JSON.parse(JSON.stringify(found))).toEqual(found);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the rules of the model', () => {
  const problems = (...elements: unknown[]): string[] =>
    checkRules([INFO, PERSON, ...elements]).map(({ where, why }) => `${where}: ${why}`);
  const one = (more: Json): string =>
    problems(JSON.parse(JSON.stringify({ ...MODEL, ...more })))
      .join('; ')
      .replaceAll('@graph[2] ai_AIPackage “tiny”', 'model');

  it.each<[string, Json, string]>([
    ['nothing wrong', {}, ''],
    ['a property nobody knows', { ai_speed: 1 }, 'model: it has no property ai_speed'],
    ['a property of another class', { software_fileKind: 'file' }, 'model: it has no property software_fileKind'],
    ['a text where a list is asked for', { ai_domain: 'text' }, 'model.ai_domain: it is no list'],
    ['a list where a text is', { ai_limitation: ['x'] }, 'model.ai_limitation: it is not a text'],
    ['no creation', { creationInfo: undefined }, 'model: creationInfo is missing'],
    ['no identifier', { spdxId: undefined }, 'model: it has no spdxId'],
    ['an identifier that is a blank node', { spdxId: '_:m' }, 'model: its identifier is no IRI'],
    [
      'a time with another zone',
      { releaseTime: '2026-01-01T00:00:00+01:00' },
      'model.releaseTime: it is not a time like 2026-01-31T12:00:00Z',
    ],
    [
      'an object of another class',
      { suppliedBy: { ...MODEL } },
      'model.suppliedBy: a ai_AIPackage stands where Agent is asked for',
    ],
    ['an identifier where an object may stand', { suppliedBy: 'urn:p' }, ''],
    ['the name the model has for itself', { suppliedBy: 'SpdxOrganization' }, ''],
    [
      'the name of something else it has',
      { suppliedBy: 'NoneElement' },
      'model.suppliedBy: “NoneElement” is no identifier',
    ],
    [
      'a hash of an unknown algorithm',
      { verifiedUsing: [{ type: 'Hash', algorithm: 'SHA-256', hashValue: 'ff' }] },
      'model.verifiedUsing[0].algorithm: “SHA-256” is none of the words it may be',
    ],
    [
      'a hash too short for its algorithm',
      { verifiedUsing: [{ type: 'Hash', algorithm: 'sha256', hashValue: 'ff' }] },
      'model.verifiedUsing[0].hashValue: its algorithm gives no such value',
    ],
    ['a hash in capitals', { verifiedUsing: [{ type: 'Hash', algorithm: 'md5', hashValue: 'AB'.repeat(16) }] }, ''],
    ['an extension of somebody else', { extension: [{ type: 'urn:acme', anything: [1] }] }, ''],
    [
      'an extension of the model, emptied',
      { extension: [{ type: 'extension_CdxPropertiesExtension' }] },
      'model.extension[0]: extension_cdxProperty is missing',
    ],
  ])('%s', (_, more, expected) => {
    expect(one(more)).toBe(expected);
  });

  it('an element of no class, of an abstract one, or that is none at all is named by its place', () => {
    expect(problems({ type: 'Element', spdxId: 'urn:x', creationInfo })).toEqual([
      '@graph[2] Element: Element is no type of the model',
    ]);
    expect(problems({ spdxId: 'urn:x' })).toEqual(['@graph[2]: it does not say its type']);
    expect(problems('urn:x')).toEqual(['@graph[2]: it is no object']);
  });
});

describe('what is read from a document', () => {
  const model = {
    ...MODEL,
    software_packageUrl: 'pkg:huggingface/org/tiny@0123456',
    software_packageVersion: '1.2',
    suppliedBy: 'urn:p',
    ai_hyperparameter: [
      { type: 'DictionaryEntry', key: 'vocab_size', value: '512' },
      { type: 'DictionaryEntry', key: 'dtype' },
    ],
    ai_limitation: 'NOASSERTION',
    verifiedUsing: [hashOf('whole')],
  };
  const relation = (relationshipType: string, ...to: string[]): Json => ({
    type: 'Relationship',
    spdxId: `urn:r:${relationshipType}`,
    creationInfo,
    from: 'urn:m',
    relationshipType,
    to,
  });
  const bill = readSpdx(
    documentOf(
      document(
        model,
        file('a', hashOf('A'), '_:h', { type: 'PackageVerificationCode', algorithm: 'sha1', hashValue: 'ff' }),
        { type: 'Hash', '@id': '_:h', algorithm: 'blake3', hashValue: 'AB' },
        { ...file('folder'), software_fileKind: 'directory' },
        {
          type: 'dataset_DatasetPackage',
          spdxId: 'urn:d',
          creationInfo,
          name: 'corpus',
          dataset_datasetType: ['text'],
        },
        relation('trainedOn', 'urn:d'),
        relation('hasDeclaredLicense', 'https://spdx.org/licenses/MIT'),
      ),
    ),
  );

  it('models with what their hyperparameters say, and the name of the repository', () => {
    expect(bill.models).toEqual([
      { name: 'tiny', version: '1.2', purl: 'pkg:huggingface/org/tiny@0123456', vocabularySize: 512 },
    ]);
  });
  it('files with their hashes, also those that stand elsewhere; no folders', () => {
    expect(bill.files).toEqual([
      {
        name: 'a',
        hashes: [
          { written: 'sha256', algorithm: 'sha256', value: sha256('A') },
          { written: 'blake3', algorithm: 'blake3', value: 'ab' },
        ],
      },
    ]);
    expect(bill.others).toMatchObject([{ name: 'tiny', what: 'model' }]);
  });
  it('what it says, through its relationships; NOASSERTION says nothing', () => {
    expect(Object.fromEntries(bill.fields)).toEqual({
      bomFormat: 'SPDX',
      specVersion: '3.0.1',
      suppliedBy: 'Somebody',
      name: 'tiny',
      type: 'ai_AIPackage',
      componentVersion: '1.2',
      purl: 'pkg:huggingface/org/tiny@0123456',
      licenses: 'MIT',
      datasets: 'corpus',
      hyperparameter: 'vocab_size: 512, dtype: ',
    });
  });
  it('only of the published contexts', () => {
    expect(documentOf({ ...document(), '@context': CONTEXT.replace('3.0.1', '3.0.0') }).version).toBe('3.0.0');
  });
});
