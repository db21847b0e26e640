import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attestation } from '../claims/attestations/attestation.ts';
import { CHECK_KINDS } from '../claims/kinds.ts';
import type { Check } from '../claims/check.ts';
import type { PickleImport } from '../content/pickle/import.ts';
import { FINDING_CODES, type Finding } from '../content/finding.ts';
import { ERROR_CODES } from '../errors.ts';
import type { MetaValue } from '../formats/format.ts';
import type { ModelFolder } from '../formats/set/model-folders.ts';
import { NOT_A_MODEL_KINDS } from '../formats/not-a-model.ts';
import { ALGORITHMS } from '../hash/hasher.ts';
import { toMarkdown } from './markdown.ts';
import type { Report } from './report.ts';
import { file, report, sighting, unread, type SituationFile } from './situation.suite.ts';
import { SITUATIONS } from './situations.suite.ts';
import { statement } from './words/statement.ts';

type Schema = { [key: string]: unknown };
const published = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../public/schema/report-v1.json'), 'utf8'),
) as Schema;

/** The published schema lets readers ignore what they do not know; our own reports must hold nothing it does not name. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, closed(inner)] as const);
  const isObject = 'properties' in value && 'type' in value;
  return Object.fromEntries(isObject ? [...entries, ['additionalProperties', false]] : entries);
}
const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(
  closed(published) as Schema,
);

/** As it is saved: what JSON cannot hold is lost here, and would be missed. */
function problems(made: Report): unknown {
  const saved: unknown = JSON.parse(JSON.stringify(made));
  expect(saved).toEqual(made);
  return validate(saved) ? null : validate.errors;
}

const text = fc.string({ unit: 'binary', maxLength: 30 });
const number = fc.oneof(fc.double(), fc.integer());
const facts = fc.dictionary(text, fc.oneof(text, number, fc.boolean()), { maxKeys: 4 });
const finiteFacts = fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean()), { maxKeys: 4 });
const error = fc.record({ code: fc.constantFrom(...ERROR_CODES), detail: finiteFacts });
const size = fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER));
const meta: fc.Arbitrary<MetaValue> = fc.letrec<{ value: MetaValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.record({ invalidUtf8: fc.constant('ff') }),
    fc.record({ elementType: text, length: size, values: fc.array(tie('value'), { maxLength: 3 }) }),
  ),
})).value;
const finding: fc.Arbitrary<Finding> = fc.record(
  {
    code: fc.constantFrom(...FINDING_CODES),
    severity: fc.constantFrom('danger', 'caution', 'note'),
    path: text,
    offset: size,
    length: size,
    detail: facts,
  },
  { requiredKeys: ['code', 'severity', 'detail'] },
);
const imported: fc.Arbitrary<PickleImport> = fc.record(
  {
    module: text,
    name: text,
    class: fc.constantFrom('allowed', 'dangerous', 'unknown'),
    danger: fc.constantFrom('code', 'network'),
    position: size,
    offset: size,
    count: size,
    called: fc.boolean(),
    member: text,
  },
  { requiredKeys: ['module', 'name', 'class', 'position', 'count', 'called'] },
);
const paths = fc.array(text, { maxLength: 2 });
const model: fc.Arbitrary<ModelFolder> = fc.record({
  kind: fc.constantFrom('transformers', 'peft-adapter', 'diffusers', 'mlx'),
  config: text,
  facts,
  weights: paths,
  components: fc.array(fc.record({ name: text, library: text, type: text, weights: paths, tensors: size }), {
    maxLength: 2,
  }),
});
const anyFile: fc.Arbitrary<SituationFile> = fc
  .record({
    path: text,
    role: fc.constantFrom('weights', 'side', 'claim', 'other'),
    status: fc.constantFrom('complete', 'headers-only', 'aborted', 'failed'),
    size,
    facts,
    metadata: fc.array(fc.record({ key: text, type: text, value: meta }), { maxLength: 3 }),
    findings: fc.array(finding, { maxLength: 3 }),
    imports: fc.array(imported, { maxLength: 2 }),
    error: fc.option(error, { nil: undefined }),
    formatError: fc.option(error, { nil: undefined }),
    notAModel: fc.option(fc.record({ kind: fc.constantFrom(...NOT_A_MODEL_KINDS), detail: finiteFacts }), {
      nil: undefined,
    }),
  })
  .map(({ path, status, error, formatError, notAModel, ...more }) => {
    const made = status === 'complete' ? file(path, 'x', more) : unread(path, status, more);
    return {
      ...made,
      ...(error ? { error } : {}),
      ...(formatError ? { formatError } : {}),
      ...(notAModel ? { notAModel } : {}),
    };
  });
const check: fc.Arbitrary<Omit<Check, 'id'>> = fc.record(
  {
    axis: fc.constantFrom('bytes', 'signer', 'lineage', 'contents'),
    outcome: fc.constantFrom('matches', 'contradicts', 'could-not-check', 'no-claim'),
    kind: fc.oneof(fc.constantFrom(...CHECK_KINDS), fc.constant('something-newer')),
    source: fc.record({
      kind: fc.constantFrom('hub', 'sums', 'hex', 'layout', 'none'),
      name: text,
      independent: fc.boolean(),
    }),
    path: text,
    tensor: text,
    algorithm: fc.constantFrom(...ALGORITHMS),
    expected: text,
    actual: text,
    reason: error,
    detail: finiteFacts,
  },
  { requiredKeys: ['axis', 'outcome', 'kind', 'source'] },
);

describe('the published JSON Schema', () => {
  it.each(SITUATIONS)('fits the report when %s', (_, files, given) => {
    expect(problems(report(files, given))).toBe(null);
  });
  it('fits every report that can be built, from whatever files and checks', () => {
    fc.assert(
      fc.property(
        fc.array(anyFile, { maxLength: 4 }),
        fc.array(check, { maxLength: 6 }),
        fc.array(model, { maxLength: 2 }),
        fc.boolean(),
        fc.boolean(),
        (files, extra, models, stopped, head) => {
          const sightings = files.slice(0, 1).map((f) => sighting(f.path, 'x'));
          expect(problems(report(files, { extra, models, stopped, depth: head ? 'headers' : 'full', sightings }))).toBe(
            null,
          );
        },
      ),
      { numRuns: 300 },
    );
  });
  it('fits a report with a bill of materials and what it says', () => {
    const bill: Attestation = {
      kind: 'spdx',
      path: 'bill.spdx3.json',
      outcome: 'matches',
      steps: [{ id: 'schema', outcome: 'matches' }],
      files: [],
      warnings: [],
      facts: { specVersion: '3.0.1' },
      completeness: [
        { id: 'weightsHashes', tier: 'critical', present: false, counted: [1, 2] },
        { id: 'licenses', tier: 'important', present: true, says: 'MIT' },
      ],
    };
    expect(problems(report([file('a', 'x')], { attestations: [bill] }))).toBe(null);
    const rated = { ...bill, completeness: [{ ...bill.completeness![1]!, score: 7 }] };
    expect(validate(JSON.parse(JSON.stringify(report([file('a', 'x')], { attestations: [rated] }))))).toBe(false);
  });
  it('refuses a report with one thing wrong', () => {
    const good = JSON.parse(
      JSON.stringify(report(...(SITUATIONS[0]!.slice(1) as unknown as Parameters<typeof report>))),
    ) as Report;
    expect(validate(good)).toBe(true);
    const wrong: unknown[] = [
      { ...good, version: 2 },
      { ...good, format: 'report' },
      { ...good, created: 'yesterday' },
      { ...good, verdict: { ...good.verdict, outcome: 'safe' } },
      { ...good, verdict: { outcome: 'matches', sentence: '' } },
      { ...good, axes: { ...good.axes, bytes: undefined } },
      { ...good, checks: [{ ...good.checks[0], outcome: 'ok' }] },
      { ...good, artifacts: [{ ...good.artifacts[0], size: -1 }] },
      { ...good, artifacts: [{ ...good.artifacts[0], imports: [{ module: 'os', name: 'system', class: 'fine' }] }] },
      { ...good, models: [{ kind: 'else', config: 'config.json', facts: {}, weights: [], components: [] }] },
      { ...good, artifacts: [{ ...good.artifacts[0], digests: { sha256: 'XYZ' } }] },
    ];
    for (const one of wrong) expect(validate(JSON.parse(JSON.stringify(one)))).toBe(false);
  });
  it('with unknown fields, is what readers of a later version need: they are ignored', () => {
    const open = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(published);
    const made = report(...(SITUATIONS[0]!.slice(1) as unknown as Parameters<typeof report>));
    expect(open({ ...(JSON.parse(JSON.stringify(made)) as object), later: { more: true } })).toBe(true);
  });
});

describe('any check at all, in words', () => {
  it('is one clean line that ends with a full stop', () => {
    fc.assert(
      fc.property(check, (draft) => {
        const { text: said, next = 'None.' } = statement({ id: 'x', ...draft });
        for (const words of [said, next]) {
          expect(words).toMatch(/[.”]$/);
          // oxlint-disable-next-line no-control-regex
          expect(words).not.toMatch(/[\u0000-\u001f\u007f]|undefined|\[object/);
        }
      }),
      { numRuns: 1000 },
    );
  });
  it('and in Markdown a report holds no HTML, link, image or mention that a file put there', () => {
    const nasty = fc.constantFrom(
      '<img src=x onerror=alert(1)>',
      '[a](javascript:x)',
      '![a](http://x/y.png)',
      '@everyone',
      'https://evil.example',
      '`code`',
      '| cell',
      '**bold**',
      '<!--',
      '&lt;script&gt;',
    );
    fc.assert(
      fc.property(nasty, (name) => {
        const made = report([file(name, 'x', { role: 'weights' })], {
          models: [
            { kind: 'transformers', config: name, facts: { architecture: name }, weights: [name], components: [] },
          ],
          extra: [
            {
              axis: 'bytes',
              kind: 'file-extra',
              outcome: 'no-claim',
              source: { kind: 'hub', name, independent: true },
              path: name,
            },
          ],
        });
        const markdown = toMarkdown(made);
        expect(markdown).not.toMatch(/<img|<!--|(?<!\\)\](?=\()|@everyone|:\/\/|(?<!\\)`code|(?<!\\)\*\*bold|&lt;/);
        for (const row of markdown.split('\n').filter((line) => line.startsWith('| ')))
          expect(row.match(/(?<!\\)\|/g)).toHaveLength(4);
      }),
    );
  });
});
