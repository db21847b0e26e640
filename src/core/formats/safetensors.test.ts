import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import { AppError } from '../errors.ts';
import { SAFETENSORS_HEADER_MAX } from '../limits.ts';
import type { OpenArtifact } from './format.ts';
import { expectSurvives } from './fuzz.suite.ts';
import { openSafetensors, safetensors } from './safetensors.ts';
import { concat, rawSafetensors, tensor, text, u64, writeSafetensors } from './writers.suite.ts';

const FIXTURES = join(import.meta.dirname, '../../../fixtures/safetensors');
const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(join(FIXTURES, name)));
const open = (bytes: Uint8Array): Promise<OpenArtifact> =>
  openSafetensors(new MemorySource('model.safetensors', bytes));
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const entry = (fields: string): string => `{"w":{${fields}}}`;
const F4 = new Uint8Array(16).fill(7);

async function refusal(bytes: Uint8Array): Promise<AppError> {
  try {
    await open(bytes);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('was not refused');
}
const findings = async (bytes: Uint8Array): Promise<string[]> => (await open(bytes)).findings.map(({ code }) => code);

describe('openSafetensors', () => {
  it('lists tensors in the order of the header, each where its bytes are', async () => {
    const opened = await open(fixture('good-three-orders.safetensors'));
    expect(
      opened.tensors.map(({ name, dtype, shape, byteLength, storage }) => [name, dtype, shape, byteLength, storage]),
    ).toEqual([
      ['z_last_in_data', 'F32', [2, 3], 24, { kind: 'range', start: 247 }],
      ['a_mid', 'I8', [7], 7, { kind: 'range', start: 240 }],
      ['m_first', 'F16', [4], 8, { kind: 'range', start: 232 }],
    ]);
    expect(opened.metadata).toEqual([{ key: 'written', type: 'STRING', value: 'by hand' }]);
    expect(opened.facts).toMatchObject({ header_length: 224, data_start: 232, data_bytes: 39, has_metadata: true });
  });

  it('vouches for exactly the bytes it parsed', async () => {
    const bytes = fixture('good-all-dtypes.safetensors');
    const opened = await open(bytes);
    expect(opened.headerEnd).toBe(1064);
    expect(opened.headerSha256).toBe(sha256(bytes.subarray(0, 1064)));
    expect(opened.tensors).toHaveLength(17);
  });

  it('gives back what was written, for any names, types and shapes', async () => {
    const dtype = fc.constantFrom('BOOL', 'U8', 'I16', 'F16', 'BF16', 'F32', 'I64', 'C64', 'F8_E4M3');
    const one = fc.tuple(fc.string({ unit: 'grapheme' }), dtype, fc.array(fc.nat(4), { maxLength: 4 }));
    const many = fc.uniqueArray(one, { selector: ([name]) => name, maxLength: 12 });
    const metadata = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }));
    await fc.assert(
      fc.asyncProperty(many, fc.option(metadata, { nil: undefined }), async (stated, meta) => {
        fc.pre(stated.every(([name]) => name !== '__metadata__'));
        const written = stated.map(([name, type, shape], i) => tensor(name, type, shape, i));
        const bytes = writeSafetensors(written, meta);
        const opened = await open(bytes);
        expect(opened.tensors.map(({ name }) => name)).toEqual(stated.map(([name]) => name));
        for (const [i, { dtype: type, shape, storage, byteLength }] of opened.tensors.entries()) {
          const { start } = storage as { readonly start: number };
          expect([type, shape]).toEqual([stated[i]![1], stated[i]![2]]);
          expect(bytes.slice(start, start + byteLength)).toEqual(written[i]!.bytes);
        }
        const pairs = opened.metadata.map(({ key, value }) => [key, value]);
        expect(pairs).toEqual(meta === undefined ? [] : Object.entries(meta));
      }),
    );
  });

  it('says of a cut file which tensor is the first lost, by position, and how many bytes are missing', async () => {
    const bytes = writeSafetensors([tensor('c', 'F32', [4]), tensor('a', 'F32', [4]), tensor('b', 'F32', [4])]);
    const error = await refusal(bytes.slice(0, -20));
    expect(error.code).toBe('FORMAT_TRUNCATED');
    expect(error.detail).toEqual({
      tensor: 'a',
      missing: 20,
      expected: bytes.length,
      actual: bytes.length - 20,
      lost: 2,
      tensors: 3,
    });
    expect((await refusal(bytes.slice(0, 40))).detail).toMatchObject({ where: 'header', actual: 40 });
    expect((await refusal(bytes.slice(0, 5))).detail).toMatchObject({ where: 'header length', missing: 3 });
  });

  it('reads a length field in all of its 64 bits', async () => {
    const good = writeSafetensors([tensor('w', 'F32', [4])]);
    const length = BigInt(new DataView(good.buffer).getUint32(0, true));
    for (const stated of [
      0n,
      2n ** 32n + length,
      2n ** 53n + length,
      2n ** 63n,
      -1n,
      BigInt(SAFETENSORS_HEADER_MAX) + 1n,
    ]) {
      expect((await refusal(concat(u64(stated), good.subarray(8)))).code).toBe('FORMAT_HEADER_LENGTH');
    }
  });

  it('refuses bytes that no tensor or two tensors claim', async () => {
    const two = (a: string, b: string): string =>
      `{"a":{"dtype":"F32","shape":[2],"data_offsets":${a}},"b":{"dtype":"F32","shape":[2],"data_offsets":${b}}}`;
    expect((await refusal(rawSafetensors(two('[0,8]', '[16,24]'), new Uint8Array(24)))).detail).toMatchObject({
      tensor: 'b',
      bytes: 8,
    });
    expect((await refusal(rawSafetensors(two('[0,8]', '[16,24]'), new Uint8Array(24)))).code).toBe('FORMAT_HOLE');
    expect((await refusal(rawSafetensors(two('[0,8]', '[4,12]'), new Uint8Array(12)))).code).toBe('FORMAT_OVERLAP');
    expect((await refusal(rawSafetensors(two('[0,8]', '[0,8]'), new Uint8Array(8)))).code).toBe('FORMAT_OVERLAP');
    expect((await refusal(rawSafetensors(two('[0,8]', '[8,16]'), new Uint8Array(17)))).detail).toMatchObject({
      bytes: 1,
    });
  });

  it('takes an entry only when it is complete, exact and known', async () => {
    const cases: readonly (readonly [string, string])[] = [
      ['"dtype":"F32","shape":[4]', 'FORMAT_MISSING_FIELD'],
      ['"dtype":"f32","shape":[4],"data_offsets":[0,16]', 'FORMAT_DTYPE'],
      ['"dtype":1,"shape":[4],"data_offsets":[0,16]', 'FORMAT_DTYPE'],
      ['"dtype":"Q4_K","shape":[256],"data_offsets":[0,144]', 'FORMAT_DTYPE'],
      ['"dtype":"F32","dtype":"F32","shape":[4],"data_offsets":[0,16]', 'FORMAT_DUPLICATE_KEY'],
      ['"dtype":"F32","shape":[4],"data_offsets":[0,8,16]', 'FORMAT_JSON_SHAPE'],
      ['"dtype":"F32","shape":[4],"data_offsets":[0.0,16.0]', 'FORMAT_JSON_TYPE'],
      ['"dtype":"F32","shape":[-4],"data_offsets":[0,16]', 'FORMAT_SHAPE'],
      ['"dtype":"F32","shape":[-99999999999999999999],"data_offsets":[0,16]', 'FORMAT_SHAPE'],
      ['"dtype":"F32","shape":[4],"data_offsets":[16,0]', 'FORMAT_OFFSETS'],
      ['"dtype":"F32","shape":[4],"data_offsets":[0,18446744073709551632]', 'FORMAT_OVERFLOW'],
      ['"dtype":"F32","shape":[3],"data_offsets":[0,16]', 'FORMAT_SIZE_MISMATCH'],
      ['"dtype":"F4","shape":[3],"data_offsets":[0,2]', 'FORMAT_SIZE_MISMATCH'],
      ['"__proto__":{"dtype":"F32"},"shape":[4],"data_offsets":[0,16]', 'FORMAT_MISSING_FIELD'],
    ];
    for (const [fields, code] of cases)
      expect((await refusal(rawSafetensors(entry(fields), F4))).code, fields).toBe(code);
  });

  it('reads what some readers stumble over, and says so', async () => {
    const good = '"dtype":"F32","shape":[4],"data_offsets":[0,16]';
    expect(await findings(rawSafetensors(entry(good), F4))).toEqual([]);
    expect(await findings(rawSafetensors(` ${entry(good)}`, F4))).toEqual(['header-start']);
    expect(await findings(rawSafetensors(entry(`${good},"x":{"y":[1]}`), F4))).toEqual(['unknown-field']);
    const twice = `{"__metadata__":{"k":"1","k":"2"},"w":{${good}}}`;
    expect(await findings(rawSafetensors(twice, F4))).toEqual(['duplicate-key']);
  });

  it('finds an archive at the end, inside the last tensor or behind it', async () => {
    const zip = concat(
      text('PK\u0003\u0004'),
      new Uint8Array(26),
      text('PK\u0001\u0002'),
      new Uint8Array(42),
      text('PK\u0005\u0006'),
      new Uint8Array(8),
      Uint8Array.of(46, 0, 0, 0),
      new Uint8Array(6),
    );
    const inside = writeSafetensors([{ name: 'w', dtype: 'U8', shape: [zip.length], bytes: zip }]);
    // Its tables are no real ones, which is said as well.
    expect(await findings(inside)).toEqual(['polyglot', 'unreadable-entry', 'zip-inconsistent']);
    const behind = await refusal(concat(writeSafetensors([tensor('w', 'F32', [4])]), zip));
    expect([behind.code, behind.detail['polyglot']]).toEqual(['FORMAT_TRAILING_BYTES', 'zip']);
    const lookalike = concat(
      new Uint8Array(40),
      text('PK\u0005\u0006'),
      new Uint8Array(8),
      Uint8Array.of(4, 0, 0, 0),
      new Uint8Array(6),
    );
    expect(
      await findings(writeSafetensors([{ name: 'w', dtype: 'U8', shape: [lookalike.length], bytes: lookalike }])),
    ).toEqual([]);
  });

  it('reads a header of nearly 100 MB, with hundreds of thousands of tensors and texts full of escapes', async () => {
    const entries = Array.from(
      { length: 240_000 },
      (_, i) => `"model.layers.${i}.weight":{"dtype":"U8","shape":[1],"data_offsets":[${i},${i + 1}]}`,
    );
    const long = JSON.stringify({ plain: 'x'.repeat(48_000_000), escaped: '"\\\n'.repeat(4_500_000) });
    const header = text(`{"__metadata__":${long},${entries.join(',')}}`);
    expect(header.length).toBeGreaterThan(80_000_000);
    const bytes = rawSafetensors(header, new Uint8Array(240_000));
    const opened = await open(bytes);
    expect(opened.tensors).toHaveLength(240_000);
  });

  it('answers any damage with a model inside the file or a FORMAT code', async () => {
    const seeds = readdirSync(FIXTURES).map((name) => ({ name, bytes: fixture(name) }));
    const { opened, refused } = await expectSurvives(safetensors, seeds, 1500);
    expect(refused).toBeGreaterThan(100);
    expect(opened).toBeGreaterThan(10);
  });
});
