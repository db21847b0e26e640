import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BILL_MAX } from '../../../limits.ts';
import type { Attestation } from '../attestation.ts';
import { beside } from '../bom/bom.suite.ts';
import { CYCLONEDX } from './cyclonedx.ts';
import { readCyclonedx } from './read.ts';

const utf8 = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const sha256 = (text: string): object => ({ alg: 'SHA-256', content: createHash('sha256').update(text).digest('hex') });

const FILES = { 'model.safetensors': 'weights', 'tokenizer.json': '{}' };
/** As a careful publisher would write it. */
const BILL = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
  version: 1,
  metadata: {
    supplier: { name: 'Example Ltd' },
    component: {
      type: 'machine-learning-model',
      name: 'tiny',
      version: '1',
      purl: 'pkg:huggingface/example/tiny@0123456',
      licenses: [{ license: { id: 'Apache-2.0' } }],
      modelCard: {
        modelParameters: {
          task: 'text-generation',
          modelArchitecture: 'LlamaForCausalLM',
          datasets: [{ type: 'dataset', name: 'corpus' }],
        },
        considerations: {
          useCases: ['Tests'],
          environmentalConsiderations: {
            energyConsumptions: [
              {
                activity: 'training',
                energyProviders: [
                  { organization: { name: 'x' }, energySource: 'wind', energyProvided: { value: 1, unit: 'kWh' } },
                ],
                activityEnergyCost: { value: 0.4, unit: 'kWh' },
              },
            ],
          },
        },
        properties: [
          { name: 'genai:aibom:modelcard:contextLength', value: '4096' },
          { name: 'genai:aibom:modelcard:vocabSize', value: '32,000' },
          { name: 'genai:aibom:modelcard:torchDtype', value: 'bfloat16' },
          { name: 'genai:aibom:modelcard:hyperparameter', value: '{"lr":1}' },
        ],
      },
    },
  },
  components: [
    { type: 'file', name: 'model.safetensors', hashes: [sha256('weights')] },
    { type: 'file', name: 'tokenizer.json', hashes: [sha256('{}')] },
  ],
};

async function examine(
  bill: unknown,
  files: Readonly<Record<string, string>> = FILES,
  path = 'model.cdx.json',
): Promise<Attestation> {
  const found = await CYCLONEDX.examine(beside(files, bill instanceof Uint8Array ? bill : utf8(bill), { path }));
  expect(found).toHaveLength(1);
  return found[0]!;
}

const steps = ({ steps: list }: Attestation): readonly string[] =>
  list.map(({ id, outcome, reason }) => `${id} ${outcome} ${reason?.code ?? ''}`.trim());

describe('a CycloneDX bill of materials', () => {
  it('with the hashes of all files matches, and nobody is said to have signed it', async () => {
    const found = await examine(BILL);
    expect(steps(found).slice(0, 3)).toEqual(['bundle matches', 'schema matches', 'files matches']);
    expect(found).toMatchObject({
      outcome: 'matches',
      warnings: [],
      facts: { specVersion: '1.6', models: 'tiny', files: 2, hashes: 2 },
    });
    expect(found.signer).toBeUndefined();
    expect(found.completeness?.some(({ id, present }) => id === 'weightsHashes' && present)).toBe(true);
  });

  it('with another hash contradicts at the files', async () => {
    const found = await examine({
      ...BILL,
      components: [{ type: 'file', name: 'model.safetensors', hashes: [sha256('other')] }],
    });
    expect(found.outcome).toBe('contradicts');
    expect(steps(found)[2]).toBe('files contradicts ATTEST_BILL_FILES');
  });

  it('that breaks its schema contradicts there, and its hashes are not believed', async () => {
    const found = await examine({ ...BILL, surprise: 1 });
    expect(steps(found).slice(0, 3)).toEqual([
      'bundle matches',
      'schema contradicts ATTEST_SCHEMA',
      'files could-not-check ATTEST_NOT_REACHED',
    ]);
    expect(found.files).toEqual([]);
  });

  it('with a signature inside is not established: the signature is not read', async () => {
    const found = await examine({ ...BILL, signature: { algorithm: 'RS256', value: 'AA' } });
    expect(steps(found).slice(0, 4)).toEqual([
      'bundle matches',
      'schema matches',
      'signature could-not-check ATTEST_SIGNED_INSIDE',
      'files matches',
    ]);
    expect(found.outcome).toBe('could-not-check');
    const [, ...rest] = BILL.components;
    const inner = await examine({
      ...BILL,
      components: [{ ...BILL.components[0], signature: { algorithm: 'RS256', value: 'AA' } }, ...rest],
    });
    expect(steps(inner)).toContain('signature could-not-check ATTEST_SIGNED_INSIDE');
  });

  it.each(['1.4', '1.0', '2.0', '1.6.1', 'constructor', ''])(
    'of version %j is not read, and that is no contradiction',
    async (specVersion) => {
      const found = await examine({ ...BILL, specVersion });
      expect(steps(found)).toEqual(['bundle matches', 'schema could-not-check ATTEST_NO_READER']);
      expect(found.outcome).toBe('could-not-check');
    },
  );

  it('as XML is recognised and not read', async () => {
    const xml = '<?xml version="1.0"?>\n<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"></bom>';
    expect(CYCLONEDX.recognises('bom.xml', utf8(xml))).toBe(true);
    expect(CYCLONEDX.recognises('bom.xml', utf8('<html>http://example.org</html>'))).toBe(false);
    expect(steps(await examine(xml))).toEqual(['bundle could-not-check ATTEST_NO_READER']);
  });

  it('that is larger than is read says so', async () => {
    const large = new Uint8Array(BILL_MAX + 1).fill(0x20);
    large.set(utf8(BILL));
    expect(CYCLONEDX.recognises('a.cdx.json', large)).toBe(true);
    expect(CYCLONEDX.recognises('a.json', large)).toBe(false);
    expect(steps(await examine(large))).toEqual(['bundle could-not-check SOURCE_TOO_LARGE']);
  });

  it.each([
    '{',
    '[]',
    '"x"',
    '{"bomFormat":"CycloneDX","bomFormat":"x"}',
    '\ufeff{"bomFormat":"CycloneDX"}',
    `${'['.repeat(5000)}`,
  ])('that is broken (%s) contradicts at its form', async (text) => {
    const found = await examine(text.slice(0, 6000));
    expect(steps(found)).toHaveLength(1);
    expect(steps(found)[0]).toMatch(/^bundle contradicts ATTEST_(?:JSON|BUNDLE)$/);
  });

  it('asks the one read for the hashes of files and models, and for no others', () => {
    const component = (type: string, ...algs: readonly string[]): object => ({
      type,
      name: 'x',
      hashes: algs.map((alg) => ({ alg, content: '00' })),
    });
    const bill = {
      components: [
        component('file', 'SHA-512', 'BLAKE2b-256', 'Streebog-256'),
        component('machine-learning-model', 'SHA3-256', 'SHA-1'),
        component('library', 'MD5'),
        component('data', 'SHA-1'),
      ],
    };
    expect(CYCLONEDX.wants?.(utf8(bill))).toEqual(['sha512', 'blake2b-256', 'sha3-256']);
    expect(CYCLONEDX.wants?.(utf8('{'))).toEqual([]);
  });

  it.each([
    'bom.json',
    'model.cdx.json',
    'tiny.bom.json',
    'my_aibom_v2.json',
    'sbom.json',
    'tiny-sbom.json',
    'bom.xml',
    'x.cdx.xml',
    'mlbom.json',
  ])('is looked for under the name %s', (name) => expect(CYCLONEDX.names.test(name)).toBe(true));

  it.each(['config.json', 'bombay.json', 'bom.txt', 'model.safetensors', 'sbom.json.md', 'tokenizer.json'])(
    'is not looked for under the name %s',
    (name) => expect(CYCLONEDX.names.test(name)).toBe(false),
  );

  it('of any content is answered by steps', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue({ maxDepth: 4 }),
        fc.constantFrom('components', 'metadata', 'signature', 'specVersion'),
        async (value, key) => {
          const found = await examine({ ...BILL, [key]: value });
          expect(found.steps.length).toBeGreaterThan(0);
          CYCLONEDX.wants?.(utf8({ ...BILL, [key]: value }));
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('the fixtures', () => {
  const fixture = (name: string): Uint8Array =>
    new Uint8Array(
      readFileSync(join(import.meta.dirname, '../../../../../fixtures/attestations/cyclonedx', `${name}.cdx.json`)),
    );

  it('tiny: a bill of one model with all its parts fits the files', async () => {
    const files = { 'model.safetensors': 'weights', 'parts/tokenizer.json': '{}' };
    const found = await examine(fixture('tiny'), files);
    expect(found).toMatchObject({ outcome: 'matches', warnings: [] });
    expect(found.steps.find(({ id }) => id === 'files')?.detail).toMatchObject({ same: 2, hashes: 3 });
    expect(found.completeness?.filter(({ present }) => !present).map(({ id }) => id)).toEqual([
      'description',
      'energyConsumption',
      'hyperparameter',
      'safetyRiskAssessment',
    ]);
  });

  it('hostile: valid by its schema, it reaches no file by a name that leaves the folder, and its impossible hashes differ', async () => {
    const found = await examine(fixture('hostile'), FILES);
    expect(steps(found).slice(0, 3)).toEqual([
      'bundle matches',
      'schema matches',
      'files contradicts ATTEST_BILL_FILES',
    ]);
    const states = found.files.map(({ state, reason }) => `${state} ${reason?.code ?? ''}`.trim());
    expect(states).toEqual([
      ...Array<string>(4).fill('not-checked CLAIM_PATH'),
      'changed CLAIM_DIGEST',
      'changed',
      'missing',
      'missing',
    ]);
  });
});

describe('what a bill says', () => {
  it('of its model: name, version, purl, and what can be held against a configuration', () => {
    expect(readCyclonedx(BILL).models).toEqual([
      {
        name: 'tiny',
        version: '1',
        purl: 'pkg:huggingface/example/tiny@0123456',
        architecture: 'LlamaForCausalLM',
        dtype: 'bfloat16',
        contextLength: 4096,
        vocabularySize: 32_000,
      },
    ]);
  });

  it('of what people expect', () => {
    const fields = Object.fromEntries(readCyclonedx(BILL).fields);
    expect(fields).toEqual({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      serialNumber: BILL.serialNumber,
      version: '1',
      primaryPurpose: 'text-generation',
      suppliedBy: 'Example Ltd',
      name: 'tiny',
      type: 'machine-learning-model',
      componentVersion: '1',
      purl: 'pkg:huggingface/example/tiny@0123456',
      licenses: 'Apache-2.0',
      datasets: 'corpus',
      energyConsumption: 'training 0.4 kWh',
      hyperparameter: '{"lr":1}',
      intendedUse: 'Tests',
      typeOfModel: 'LlamaForCausalLM',
    });
  });

  it('a model that is told twice is one, and its parts are read at any depth, in order', () => {
    const model = { type: 'machine-learning-model', name: 'tiny', version: '1' };
    const file = (name: string, components: readonly object[] = []): object => ({ type: 'file', name, components });
    const bill = readCyclonedx({
      metadata: {
        component: { ...model, purl: 'pkg:a', components: [file('a', [file('b', [file('c')])])] },
        tools: { components: [file('tool')] },
      },
      components: [{ ...model, description: 'x' }, file('d'), file('e')],
    });
    expect(bill.models).toEqual([{ name: 'tiny', version: '1', purl: 'pkg:a' }]);
    expect(bill.files.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('hashes of what is no file keep apart, with what they are of', () => {
    const hashes = [{ alg: 'SHA-256', content: 'AB' }];
    const bill = readCyclonedx({
      externalReferences: [{ type: 'bom', url: 'https://example.org/b', hashes }],
      components: [
        {
          type: 'library',
          name: 'l',
          hashes,
          externalReferences: [{ type: 'distribution', url: 'https://example.org/l', hashes }],
        },
        { type: 'data', name: 'd', hashes },
        { type: 'machine-learning-model', name: 'm', hashes },
        { type: 'constructor', name: 'c', hashes },
        { type: 'framework', name: 'none' },
      ],
    });
    expect(bill.files).toEqual([]);
    expect(bill.others.map(({ name, what }) => `${what} ${name}`)).toEqual([
      'package l',
      'reference https://example.org/l',
      'data d',
      'model m',
      'package c',
      'reference https://example.org/b',
    ]);
    expect(bill.others[0]!.hashes).toEqual([{ written: 'SHA-256', algorithm: 'sha256', value: 'ab' }]);
  });
});
