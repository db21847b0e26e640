import { createHash } from 'node:crypto';
import {
  mkdtempSync,
  openSync,
  ftruncateSync,
  closeSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openFile } from '../../cli/fs-source.ts';
import { MemorySource } from '../bytes/memory.ts';
import type { ByteSource } from '../bytes/source.ts';
import { AppError } from '../errors.ts';
import { describeFile } from './describe.ts';
import type { OpenArtifact } from './format.ts';
import { expectSurvives } from './fuzz.suite.ts';
import { gguf, openGguf } from './gguf.ts';
import { concat, GgufWriter, tensor, text, u32, u64, type WrittenTensor, type WrittenValue } from './writers.suite.ts';

const FIXTURES = join(import.meta.dirname, '../../../fixtures/gguf');
const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(join(FIXTURES, name)));
const open = (bytes: Uint8Array): Promise<OpenArtifact> => openGguf(new MemorySource('model.gguf', bytes));
const w = new GgufWriter();
const ARCHITECTURE = ['general.architecture', w.value('STRING', 'llama')] as const;
type Entries = readonly (readonly [string, WrittenValue])[];

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
const about = async (metadata: Entries, tensors: readonly WrittenTensor[] = []): Promise<string[]> =>
  (await open(w.file(metadata, tensors))).findings.map(({ code, detail }) => `${code} ${String(detail['key'] ?? '')}`);

/** A source that counts the bytes it gives. */
function counting(inner: ByteSource): { source: ByteSource; read: () => number } {
  let bytes = 0;
  const source: ByteSource = {
    name: inner.name,
    size: inner.size,
    random: true,
    async read(start, end, signal) {
      bytes += end - start;
      return inner.read(start, end, signal);
    },
    stream() {
      throw new Error('the body was read');
    },
    settle: (signal) => inner.settle(signal),
  };
  return { source, read: () => bytes };
}

describe('openGguf', () => {
  it('reads every type of value, in both byte orders, to the same metadata', async () => {
    const little = await open(fixture('good-all-value-types.gguf'));
    const big = await open(fixture('good-all-value-types-big-endian.gguf'));
    expect(big.metadata).toEqual(little.metadata);
    expect(little.facts['endian']).toBe('little');
    expect(big.facts['endian']).toBe('big');
    expect(little.tensors[0]!.storage).toEqual({ kind: 'range', start: 3584 });
    expect(big.tensors[0]!.storage).toEqual({ kind: 'range', start: 3584, order: 'big' });
    const value = (key: string): unknown => little.metadata.find((entry) => entry.key === key)?.value;
    expect(value('scalar.uint64.max')).toBe('18446744073709551615');
    expect(value('scalar.int64.min')).toBe('-9223372036854775808');
    expect(value('scalar.float32.nan')).toBe('NaN');
    expect(value('scalar.bool.true')).toBe(true);
    expect(value('__proto__')).toBe('a string under a prototype-looking key');
    expect(value('array.uint64')).toEqual({ elementType: 'UINT64', length: 2, values: ['0', '18446744073709551615'] });
  });

  it('cuts long arrays for display and counts them', async () => {
    const opened = await open(fixture('good-all-value-types.gguf'));
    const values = Array.from({ length: 64 }, (_, i) => i);
    const { value } = opened.metadata.find((entry) => entry.key === 'array.long')!;
    expect(value).toEqual({ elementType: 'UINT16', length: 1000, values });
  });

  it('turns dimensions round: outermost first', async () => {
    const opened = await open(w.file([ARCHITECTURE], [tensor('t', 'Q4_K', [3, 512])]));
    expect(opened.tensors[0]).toMatchObject({ dtype: 'Q4_K', shape: [3, 512], byteLength: 864 });
  });

  it('gives back what was written, for any tensors, alignment and byte order', async () => {
    const dtype = fc.constantFrom(['F32', 1], ['F16', 1], ['Q4_0', 32], ['Q6_K', 256], ['I8', 1], ['MXFP4', 32]);
    const one = fc.tuple(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      dtype,
      fc.array(fc.nat(3), { maxLength: 3 }),
      fc.nat(3),
    );
    const many = fc.uniqueArray(one, { selector: ([name]) => name, maxLength: 10 });
    const alignment = fc.constantFrom(8, 32, 64, 4096);
    await fc.assert(
      fc.asyncProperty(many, alignment, fc.boolean(), async (stated, align, little) => {
        const writer = new GgufWriter(little);
        const written = stated.map(([name, [type, block], outer, inner], i) =>
          tensor(name, type as string, [...outer, inner * (block as number)], i),
        );
        const bytes = writer.file([['general.alignment', writer.value('UINT32', align)]], written, align);
        const opened = await open(bytes);
        expect(opened.facts).toMatchObject({ endian: little ? 'little' : 'big', alignment: align });
        for (const [i, { name, dtype: type, shape, storage, byteLength }] of opened.tensors.entries()) {
          const { start } = storage as { readonly start: number };
          expect([name, type, shape]).toEqual([written[i]!.name, written[i]!.dtype, written[i]!.shape]);
          expect(bytes.slice(start, start + byteLength)).toEqual(written[i]!.bytes);
        }
        expect(opened.tensors).toHaveLength(written.length);
        expect(opened.findings.filter(({ code }) => code === 'hole' || code === 'trailing-bytes')).toEqual([]);
      }),
    );
  });

  it('vouches for exactly the bytes it parsed', async () => {
    const bytes = fixture('good-plain-types.gguf');
    const opened = await open(bytes);
    expect(opened.headerEnd).toBe(opened.facts['tensor_infos_end']);
    expect(opened.headerSha256).toBe(createHash('sha256').update(bytes.subarray(0, opened.headerEnd)).digest('hex'));
  });

  it('needs no padding behind the last tensor', async () => {
    expect((await open(fixture('good-no-tail-padding.gguf'))).tensors).toHaveLength(2);
  });
});

describe('a GGUF that ends too early', () => {
  it('names the first lost tensor and the missing bytes', async () => {
    const bytes = w.file([ARCHITECTURE], [tensor('a', 'F32', [8]), tensor('b', 'F32', [8]), tensor('c', 'F32', [8])]);
    const error = await refusal(bytes.slice(0, -40));
    expect(error.code).toBe('FORMAT_TRUNCATED');
    expect(error.detail).toMatchObject({ tensor: 'b', missing: 40, expected: bytes.length, lost: 2, tensors: 3 });
  });

  it('says so at every length, and never anything else', async () => {
    const values: Entries = [
      ARCHITECTURE,
      ['tokenizer.ggml.tokens', w.array('STRING', ['a', 'bc', ''])],
      ['f', w.value('FLOAT32', 1)],
    ];
    const bytes = w.file(values, [tensor('a', 'F32', [8]), tensor('b', 'Q4_0', [2, 32])]);
    const end = bytes.length - (-36 & 31);
    for (let length = 8; length < end; length++) {
      const error = await refusal(bytes.slice(0, length));
      expect([length, error.code]).toEqual([length, 'FORMAT_TRUNCATED']);
      expect(error.detail).toMatchObject({ actual: length });
      expect(error.detail['missing'] as number).toBeGreaterThan(0);
    }
  });

  it('of 4 GiB is named within two seconds, from its header alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-'));
    try {
      const layers = Array.from({ length: 40 }, (_, i) => `blk.${i}.ffn_down.weight`);
      const size = 2 ** 27;
      const infos = layers.map((name, i) => w.info(name, [8192, 4096], 0, i * size));
      const tokens = Array.from({ length: 128_000 }, (_, i) => `token${i}`);
      const entries = [w.entry(...ARCHITECTURE), w.entry('tokenizer.ggml.tokens', w.array('STRING', tokens))];
      const head = concat(w.head(40, 2), ...entries, ...infos);
      const path = join(folder, 'model.gguf');
      writeFileSync(path, head);
      const dataStart = Math.ceil(head.length / 32) * 32;
      const whole = dataStart + 40 * size;
      const file = openSync(path, 'r+');
      ftruncateSync(file, 4 * 2 ** 30);
      closeSync(file);
      const { source, read } = counting(await openFile({ name: 'model.gguf', path }));
      const start = performance.now();
      const described = await describeFile(source);
      expect(performance.now() - start).toBeLessThan(2000);
      expect(described.formatError).toEqual({
        code: 'FORMAT_TRUNCATED',
        detail: {
          tensor: 'blk.31.ffn_down.weight',
          missing: whole - 4 * 2 ** 30,
          expected: whole,
          actual: 4 * 2 ** 30,
          lost: 9,
          tensors: 40,
        },
      });
      expect(head.length).toBeGreaterThan(1_900_000);
      expect(read()).toBeLessThan(5 * 2 ** 20);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('a GGUF header of its own making', () => {
  it('is refused when a number in it is impossible, before anything is reserved for it', async () => {
    const h1 = w.head(0, 1);
    const key = w.string('k');
    const cases: readonly (readonly [string, Uint8Array, string])[] = [
      ['2^60 tensors', w.head(2n ** 60n, 0), 'FORMAT_COUNT_TOO_LARGE'],
      ['2^60 keys', w.head(0, 2n ** 60n), 'FORMAT_COUNT_TOO_LARGE'],
      ['string of 2^63', concat(h1, key, u32(8), u64(2n ** 63n), text('x')), 'FORMAT_STRING_TOO_LONG'],
      [
        'string that wraps',
        concat(h1, key, u32(8), u64(2n ** 64n - 40n), new Uint8Array(40)),
        'FORMAT_STRING_TOO_LONG',
      ],
      [
        'array that wraps',
        concat(h1, key, u32(9), u32(11), u64(2n ** 61n), new Uint8Array(64)),
        'FORMAT_ARRAY_TOO_LONG',
      ],
      ['2^40 inner arrays', concat(h1, key, u32(9), u32(9), u64(2n ** 40n)), 'FORMAT_ARRAY_TOO_LONG'],
      ['type 13', concat(h1, key, u32(13), new Uint8Array(8)), 'FORMAT_UNKNOWN_TYPE'],
      ['element type 77', concat(h1, key, u32(9), u32(77), u64(1), new Uint8Array(8)), 'FORMAT_UNKNOWN_TYPE'],
      ['version 4', concat(text('GGUF'), u32(4), new Uint8Array(16)), 'FORMAT_VERSION'],
      ['version 0', concat(text('GGUF'), u32(0), new Uint8Array(16)), 'FORMAT_VERSION'],
      ['another magic', concat(text('GGUG'), new Uint8Array(20)), 'FORMAT_MAGIC'],
      ['an empty key', concat(h1, w.string(''), u32(0), Uint8Array.of(1)), 'FORMAT_KEY'],
    ];
    for (const [what, bytes, code] of cases) expect((await refusal(bytes)).code, what).toBe(code);
  });

  it('is refused when it is nested deeply, without using the stack', async () => {
    const inner = concat(u32(9), u64(1));
    const nest = (depth: number): Uint8Array =>
      concat(
        w.head(0, 1),
        w.string('k'),
        u32(9),
        ...Array.from({ length: depth }, () => inner),
        u32(0),
        u64(1),
        Uint8Array.of(1),
      );
    expect((await refusal(nest(20_000))).code).toBe('FORMAT_DEPTH');
    expect((await refusal(nest(8))).code).toBe('FORMAT_DEPTH');
    expect(await findings(nest(7))).toContain('nested-array');
  });

  it('is refused when a dimension, type, offset or alignment is impossible', async () => {
    const one = (info: Uint8Array): Uint8Array => {
      const head = concat(w.head(1, 1), w.entry(...ARCHITECTURE), info);
      return concat(head, new Uint8Array((-head.length & 31) + 128));
    };
    const cases: readonly (readonly [Uint8Array, string])[] = [
      [w.info('a', [1, 1, 1, 1, 4], 0, 0), 'FORMAT_SHAPE'],
      [w.info('a', [2n ** 63n + 4n], 0, 0), 'FORMAT_SHAPE'],
      [w.info('a', [2n ** 32n, 2n ** 32n], 0, 0), 'FORMAT_OVERFLOW'],
      [w.info('a', [2n ** 62n + 4n], 0, 0), 'FORMAT_OVERFLOW'],
      [w.info('a', [2n ** 51n], 0, 0), 'FORMAT_OVERFLOW'],
      [w.info('a', [33], 2, 0), 'FORMAT_SHAPE'],
      [w.info('a', [16, 2], 2, 0), 'FORMAT_SHAPE'],
      [w.info('a', [32], 4, 0), 'FORMAT_UNKNOWN_TYPE'],
      [w.info('a', [4], 0, 20), 'FORMAT_OFFSETS'],
      [w.info('a', [4], 0, 2n ** 64n - 32n), 'FORMAT_OVERFLOW'],
      [w.info('a', [4], 0, 4096), 'FORMAT_BOUNDS'],
      [w.info('a', [2 ** 40], 0, 0), 'FORMAT_TRUNCATED'],
    ];
    for (const [info, code] of cases) expect((await refusal(one(info))).code).toBe(code);
    for (const value of [
      w.value('UINT32', 0),
      w.value('UINT32', 3),
      w.value('UINT32', 2 ** 31),
      w.value('STRING', '32'),
      w.value('UINT64', 32n),
    ]) {
      expect((await refusal(w.file([['general.alignment', value]], [tensor('a', 'F32', [4])]))).code).toBe(
        'FORMAT_ALIGNMENT',
      );
    }
  });

  it('is refused when two entries share a name or bytes', async () => {
    const entry = w.value('UINT32', 1);
    expect(
      (
        await refusal(
          w.file(
            [
              ['k', entry],
              ['k', entry],
            ],
            [],
          ),
        )
      ).code,
    ).toBe('FORMAT_DUPLICATE_KEY');
    const a = tensor('a', 'F32', [8]);
    expect((await refusal(w.file([], [a, a]))).code).toBe('FORMAT_DUPLICATE_TENSOR');
    expect((await refusal(fixture('broken-overlap.gguf'))).code).toBe('FORMAT_OVERLAP');
  });

  it('is refused when its counts are in the other byte order than its version', async () => {
    expect((await refusal(fixture('broken-endian-mixed.gguf'))).code).toBe('FORMAT_ENDIAN_MIXED');
    const bytes = fixture('good-plain-types.gguf').slice();
    bytes.subarray(4, 8).reverse();
    expect((await refusal(bytes)).code).toBe('FORMAT_ENDIAN_MIXED');
  });
});

describe('what a GGUF is noted for', () => {
  it('is nothing, when it is ordinary', async () => {
    expect(await findings(fixture('good-quants.gguf'))).toEqual([]);
  });

  it('includes gaps, order, filling, what follows, and odd names', async () => {
    const two = (first: number, second: number, size: number): Uint8Array => {
      const infos = concat(w.info('a', [4], 0, first), w.info('b', [4], 0, second));
      const head = concat(w.head(2, 1), w.entry(...ARCHITECTURE), infos);
      return concat(head, new Uint8Array((-head.length & 31) + size));
    };
    expect(await findings(two(0, 32, 64))).toEqual([]);
    expect(await findings(two(0, 96, 128))).toEqual(['hole']);
    expect(await findings(two(64, 96, 128))).toEqual(['hole']);
    expect(await findings(two(32, 0, 64))).toEqual(['bad-offsets']);
    expect(await findings(two(0, 32, 96))).toEqual(['trailing-bytes']);
    const filled = w.file([ARCHITECTURE], [tensor('a', 'F32', [4])]);
    filled[filled.length - 1] = 0xbb;
    expect(await findings(filled)).toEqual(['nonzero-padding']);
    for (const name of ['', 'n'.repeat(64), 'a\0b']) {
      expect(await findings(w.file([ARCHITECTURE], [tensor(name, 'F32', [8])]))).toContain('bad-name');
    }
    expect(await findings(w.file([ARCHITECTURE], [tensor('q', 'Q8_1', [32])]))).toEqual(['unusual-type']);
  });

  it('includes metadata that contradicts itself or the tensors', async () => {
    const tokens = ['tokenizer.ggml.tokens', w.array('STRING', ['<s>', '</s>', 'a'])] as const;
    const key = (name: string, type: string, value: unknown): readonly [string, WrittenValue] => [
      name,
      w.value(type, value),
    ];
    const contradiction = async (entries: Entries, tensors: readonly WrittenTensor[] = []): Promise<void> => {
      const last = entries.at(-1)![0];
      expect(await about([ARCHITECTURE, ...entries], tensors)).toEqual([`inconsistent-metadata ${last}`]);
    };
    await contradiction([tokens, ['tokenizer.ggml.scores', w.array('FLOAT32', [0, 1])]]);
    await contradiction([tokens, key('tokenizer.ggml.bos_token_id', 'UINT32', 3)]);
    await contradiction([key('llama.block_count', 'UINT32', 2 ** 31)]);
    await contradiction([key('llama.block_count', 'UINT32', 1)], [tensor('blk.1.attn_q.weight', 'F32', [8])]);
    await contradiction([key('llama.attention.head_count', 'UINT32', 0)]);
    await contradiction([key('llama.context_length', 'STRING', '4096')]);
    await contradiction([key('general.file_type', 'UINT32', 2)], [tensor('a', 'F32', [8])]);
    await contradiction([key('general.file_type', 'UINT32', 1)], [tensor('a', 'Q4_0', [32])]);
    await contradiction([key('split.count', 'UINT32', 2), key('split.no', 'UINT32', 5)]);
    await contradiction([key('split.tensors.count', 'INT32', 9)], [tensor('a', 'F32', [8])]);
    expect(await about([['general.name', w.value('STRING', 'x')]])).toEqual(['missing-field ']);
  });

  it('does not include what converters write on purpose', async () => {
    const tokens = ['tokenizer.ggml.tokens', w.array('STRING', ['<s>', '</s>', '<script>'])] as const;
    const ordinary: Entries = [
      ARCHITECTURE,
      tokens,
      ['tokenizer.ggml.padding_token_id', w.value('UINT32', 0xffff_ffff)],
      ['llama.attention.head_count', w.array('INT32', [4, 0])],
      ['llama.block_count', w.value('UINT32', 32)],
      ['general.file_type', w.value('UINT32', 15)],
    ];
    expect(await about(ordinary, [tensor('a', 'Q6_K', [256]), tensor('n', 'F32', [8])])).toEqual([]);
    expect(
      await about([
        ['split.no', w.value('UINT32', 1)],
        ['split.count', w.value('UINT32', 2)],
      ]),
    ).toEqual([]);
    const mamba: Entries = [
      ['general.architecture', w.value('STRING', 'mamba')],
      ['mamba.ssm.state_size', w.value('UINT32', 16)],
      ['mamba.attention.head_count', w.value('UINT32', 0)],
    ];
    expect(await about(mamba)).toEqual([]);
  });

  it('includes every template that reaches out, named ones too', async () => {
    const entries: Entries = [
      ARCHITECTURE,
      ['tokenizer.chat_template', w.value('STRING', '{{ messages[0].content }}')],
      ['tokenizer.chat_template.tool_use', w.value('STRING', "{{ ''.__class__ }}")],
    ];
    expect(await about(entries)).toEqual(['template-escape tokenizer.chat_template.tool_use']);
  });
});

describe('long GGUF headers', () => {
  const vocabulary = (count: number): Uint8Array => {
    const one = concat(u64(24), text('abcdefghijklmnopqrstuvwx'));
    const tokens = new Uint8Array(one.length * count);
    for (let i = 0; i < count; i++) tokens.set(one, i * one.length);
    return concat(
      w.head(0, 2),
      w.entry(...ARCHITECTURE),
      w.string('tokenizer.ggml.tokens'),
      u32(9),
      u32(8),
      u64(count),
      tokens,
    );
  };

  it('take time in proportion to their length: 40 MB in seconds, each byte read once', async () => {
    const bytes = vocabulary(1_250_000);
    expect(bytes.length).toBeGreaterThan(40_000_000);
    const { source, read } = counting(new MemorySource('model.gguf', bytes));
    const start = performance.now();
    const opened = await openGguf(source);
    expect(performance.now() - start).toBeLessThan(15_000);
    expect((opened.metadata[1]!.value as { length: number }).length).toBe(1_250_000);
    expect(read()).toBeLessThan(bytes.length + 200_000);
  });

  it('are refused above the limit', async () => {
    expect((await refusal(vocabulary(2_200_000))).code).toBe('FORMAT_TOO_LARGE');
  });
});

describe('any damage to a GGUF', () => {
  it('gives a model inside the file or a FORMAT code', async () => {
    const seeds = readdirSync(FIXTURES).map((name) => ({ name, bytes: fixture(name) }));
    const { opened, refused } = await expectSurvives(gguf, seeds, 1500);
    expect(refused).toBeGreaterThan(100);
    expect(opened).toBeGreaterThan(10);
  });
});
