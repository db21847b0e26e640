import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FORMATS as NAMES } from '../../../../../scripts/cyclonedx-plugin.mjs';
import { AppError } from '../../../errors.ts';
import { Distinct } from './distinct.ts';
import { FORMATS } from './formats.ts';
import { checkSchema, isKnownVersion } from './schema.ts';

const VERSIONS = ['1.5', '1.6', '1.7'];
const CORPUS = join(import.meta.dirname, '../../../../../../shared/corpora/cyclonedx');

const bill = (version: string, more: object = {}): unknown => ({
  bomFormat: 'CycloneDX',
  specVersion: version,
  ...more,
});
const model = (more: object): object => ({ components: [{ type: 'machine-learning-model', name: 'tiny', ...more }] });

async function failure(
  value: unknown,
  version = '1.6',
): Promise<{ readonly where: string; readonly why: string } | null> {
  try {
    await checkSchema(value, version);
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('ATTEST_SCHEMA');
    return (error as AppError).detail as unknown as { where: string; why: string };
  }
}

describe('the published schemas', () => {
  it.each(VERSIONS)('of %s take a small bill of a model and nothing that is no bill', async (version) => {
    expect(isKnownVersion(version)).toBe(true);
    expect(await failure(bill(version, model({ modelCard: { modelParameters: { task: 'x' } } })), version)).toBe(null);
    for (const other of [null, [], 'x', 0, {}, { bomFormat: 'CycloneDX' }]) {
      expect(await failure(other, version)).not.toBe(null);
    }
  });

  it('are asked one version each: what came with 1.6 is foreign to 1.5', async () => {
    const later = { modelCard: { considerations: { environmentalConsiderations: {} } } };
    expect(await failure(bill('1.6', model(later)), '1.6')).toBe(null);
    expect(await failure(bill('1.5', model(later)), '1.5')).toEqual({
      where: '/components/0/modelCard/considerations',
      why: 'There is a field environmentalConsiderations, which the standard does not have there',
    });
    expect(['1.4', '2.0', 'constructor', ''].some(isKnownVersion)).toBe(false);
  });

  it.each([
    [{ components: [{ type: 'file' }] }, '/components/0/components/0', 'The field name is missing'],
    [{ name: 1 }, '/components/0/name', 'It must be text'],
    [
      { hashes: [{ alg: 'CRC', content: '00' }] },
      '/components/0/hashes/0/alg',
      '“CRC” is none of the values the standard has for it',
    ],
    [
      { hashes: [{ alg: 'MD5', content: '00' }] },
      '/components/0/hashes/0/content',
      '“00” is not in the form the standard gives',
    ],
    [
      { externalReferences: [{ type: 'website', url: 'a b' }] },
      '/components/0/externalReferences/0/url',
      'It has none of the allowed forms: “a b” is not an address; or “a b” is not in the form the standard gives',
    ],
    [
      { licenses: [{ license: {} }] },
      '/components/0/licenses/0/license',
      'It has none of the allowed forms: the field id is missing; or the field name is missing',
    ],
    [{ 'bom-ref': '' }, '/components/0/bom-ref', 'It is empty'],
    [
      { licenses: [{ license: { id: 'Nobody-1.0' } }] },
      '/components/0/licenses/0/license/id',
      '“Nobody-1.0” is none of the values the standard has for it',
    ],
    [
      {
        components: [
          { type: 'file', name: 'a' },
          { name: 'a', type: 'file' },
        ],
      },
      '/components/0/components',
      'Two entries of the list are the same',
    ],
  ])('a failure of %j is told at %s: %s', async (more, where, why) => {
    expect(await failure(bill('1.6', model(more)))).toEqual({ where, why });
  });

  it('the first few places are told, by their pointers into the whole', async () => {
    const file = (more: object = {}): object => ({ type: 'file', name: 'a', ...more });
    const wrong = { type: 'file' };
    const nested = file({
      components: [file(), file({ hashes: [{ alg: 'MD5', content: '' }] }), file({ version: 1 })],
    });
    const value = {
      ...(bill('1.6', { serialNumber: 'x', surprise: 1 }) as object),
      components: [file({ name: 'b' }), wrong, file(), nested, file({ name: 1 })],
    };
    const told = (await failure(value)) as unknown as Readonly<Record<string, unknown>>;
    expect([told['where'], told['also'], told['more']]).toEqual([
      '/',
      '/serialNumber, /components/1, /components/3/components/1/hashes/0/content',
      3,
    ]);
    const { components } = value;
    const inner = await failure(bill('1.6', { components: components.slice(3) }));
    expect(inner).toMatchObject({
      where: '/components/0/components/1/hashes/0/content',
      also: '/components/0/components/2/version, /components/1/name',
    });
    expect(await failure({ ...(bill('1.6') as object), bomFormat: 'x', version: 0 })).toMatchObject({
      where: '/bomFormat',
    });
  });

  it('whichever entries of a list are wrong, the first four are told', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), async (wrong) => {
        const components = wrong.map((one, i) => ({ type: one ? 'x' : 'file', name: `a${i}` }));
        const places = wrong.flatMap((one, i) => (one ? `/components/${i}/type` : [])).slice(0, 4);
        const told = (await failure(bill('1.6', { components }))) as unknown as Readonly<Record<string, string>> | null;
        expect(told === null ? [] : [told['where'], ...(told['also']?.split(', ') ?? [])]).toEqual(places);
      }),
    );
  });

  it('what is left out to look further is not told as wanting', async () => {
    const citations = [{ timestamp: '2026-01-31T12:00:00Z', attributedTo: 'x', pointers: [1] }];
    const told = await failure(bill('1.7', { citations }), '1.7');
    expect(told?.where).toBe('/citations/0/pointers/0');
    expect(told).not.toHaveProperty('also');
  });

  it('words about a hostile bill stay short', async () => {
    const long = 'x'.repeat(100_000);
    const told = await failure(bill('1.6', model({ [long]: 1 })));
    expect(told!.why.length).toBeLessThan(200);
    const deep = await failure(bill('1.6', model({ properties: [{ name: 'a', value: 1 }] })));
    expect(deep!.where.length).toBeLessThan(200);
    expect((await failure(bill('1.6', model({ hashes: [{ alg: long, content: '' }] }))))!.why.length).toBeLessThan(200);
  });

  it('a list of many equal-looking components costs no square', async () => {
    const components = Array.from({ length: 60_000 }, (_, i) => ({ type: 'file', name: `f${i}` }));
    expect(await failure(bill('1.7', { components }), '1.7')).toBe(null);
    expect(
      (await failure(bill('1.7', { components: [...components, { name: 'f0', type: 'file' }] }), '1.7'))?.where,
    ).toBe('/components');
  });

  it('any JSON is answered', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(...VERSIONS), async (value, version) => {
        await failure({ ...(bill(version) as object), components: value }, version);
        expect(await failure(value, version)).not.toBe(null);
      }),
      { numRuns: 200 },
    );
  });

  it.runIf(existsSync(CORPUS))('agree with the names of all published samples', async () => {
    let count = 0;
    for (const version of VERSIONS) {
      for (const name of readdirSync(join(CORPUS, version))) {
        const found = await failure(JSON.parse(readFileSync(join(CORPUS, version, name), 'utf8')), version);
        expect([name, found === null]).toEqual([name, name.startsWith('valid-')]);
        count++;
      }
    }
    expect(count).toBeGreaterThan(100);
  });
});

describe('formats of text', () => {
  it('are the ones the validators ask for', () => {
    expect(Object.keys(FORMATS).sort()).toEqual([...NAMES].sort());
  });

  it.each([
    ['date', ['2026-01-31', '2024-02-29'], ['2026-02-29', '2026-1-31', '31.01.2026', '']],
    [
      'date-time',
      ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.5+02:00'],
      ['2026-01-31', '2026-13-01T00:00:00Z', '2026-01-31T12:00:00'],
    ],
    ['uri', ['https://example.org/a?b#c', 'urn:uuid:x'], ['RS256', '/a', 'https://example.org/ä']],
    [
      'iri-reference',
      ['https://example.org/ä', '../a', '', 'pkg:huggingface/a/b@c?d=e', 'urn:cdx:x/1#y', 'a%20b'],
      ['a b', 'a\nb', 'a%2', 'a|b', '<a>', 'a\\b'],
    ],
    [
      'idn-email',
      ['a@example.org', 'ä.b+c@bücher.example', '"a b"@example.org', 'a@[127.0.0.1]'],
      ['a', 'a@', '@b', 'a b@c', 'a..b@c', 'a@-b', 'a@b..c', 'a@b\n'],
    ],
  ] as const)('%s: %j, not %j', (name, right, wrong) => {
    for (const text of right) expect([text, FORMATS[name]!(text)]).toEqual([text, true]);
    for (const text of wrong) expect([text, FORMATS[name]!(text)]).toEqual([text, false]);
  });

  it('of a megabyte are answered too', () => {
    for (const test of Object.values(FORMATS)) {
      for (const unit of ['a', 'a.', 'a@', '%41', '/a', '::', '"\\"', '0-'])
        test(unit.repeat(2 ** 20 / unit.length) + ' ');
    }
  });
});

describe('values that are all different', () => {
  const distinct = (text: string): boolean => new Distinct().unique(JSON.parse(text) as unknown[]);

  it.each([
    ['[]', true],
    ['[1]', true],
    ['[1,"1",true,null,[],{},[[]],[{}],{"":1}]', true],
    ['[1,1.0]', false],
    ['[0,-0]', false],
    ['["a","a"]', false],
    ['[{"a":1,"b":[2]},{"b":[2],"a":1}]', false],
    ['[{"a":1},{"a":"1"}]', true],
    ['[{"a":{"b":1}},{"a":{"c":1}}]', true],
    ['[["a","b"],["a,b"]]', true],
    ['["#0",{}]', true],
    ['[[1,2],[2,1]]', true],
  ])('%s: %s', (text, expected) => {
    expect(distinct(text)).toBe(expected);
  });

  it('agree with comparing each with each', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 5 }), (list) => {
        const copy = JSON.parse(JSON.stringify(list)) as unknown[];
        const equal = (a: unknown, b: unknown): boolean => {
          try {
            expect(a).toEqual(b);
            return true;
          } catch {
            return false;
          }
        };
        const all = copy.every((a, i) => copy.slice(i + 1).every((b) => !equal(a, b)));
        expect(new Distinct().unique(copy)).toBe(all);
      }),
    );
  });
});
