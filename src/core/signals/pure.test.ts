import { existsSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normHistogram, endSimilarity } from './mpk/end.ts';
import { layerProfile, lepSimilarity } from './mpk/lep.ts';
import { archHash, familyHash, type MetadataFingerprint } from './mpk/mfi.ts';
import { isNormName, layerIndex, tensorCategory } from './mpk/names.ts';
import { chunkStatistics, nlfSimilarity, type NormFingerprint } from './mpk/nlf.ts';
import { estimateParameters, parameterBucket } from './mpk/parameters.ts';
import { identityScore, scoreLabel, tokenizerScore } from './mpk/score.ts';
import { scriptShares } from './mpk/script-share.ts';
import { Scripts } from './mpk/scripts.ts';
import { cosineClamp, rounded } from './mpk/vector.ts';
import { RandomState } from './numpy-random.ts';
import { pythonFloat, pythonJson } from './python/json.ts';
import { pythonRound } from './python/round.ts';

const shared = new URL('../../../../shared/', import.meta.url);
const golden = new URL('golden/mpk/', shared);
const here = existsSync(golden);
const read = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, golden), 'utf8')) as T;

interface NlfCase {
  nlf_vector: number[];
  nlf_mode: 'direct' | 'stats';
  nlf_num_layers: number;
}
interface Functions {
  python_round_4: [number, number][];
  cosine_clamp: [(number | string)[], (number | string)[], number | null][];
  norm_vector_to_stats: { vec: number[]; num_layers: number; result: number[] }[];
  interpret_score: [number | 'NaN', string][];
  identity_score: [(number | null)[], number | null][];
  tokenizer_score: [number, number, number][];
  param_bucket: [number, string][];
  lep_similarity: [number[], number[], number | null][];
  nlf_similarity: [NlfCase, NlfCase, number | null][];
  histogram_20_bins_float32: { values: number[]; counts: number[]; edges_float32: number[]; normalised: number[] }[];
  tensor_names: { rows: [string, string, number | null, boolean][] };
  script_distribution: [string[], Record<string, number>][];
}
interface NumpyRandom {
  state_key_first_8: number[];
  state_key_last_4: number[];
  state_pos: number;
  raw_uint32_first_32: number[];
  permutation: Record<string, number[]>;
  choice_from_range: { pool_size: number; size: number; result: number[] }[];
  choice_from_pool_with_gaps: { range: number; excluded: number[]; size: number; result: number[] }[];
}

test('Python spells JSON with spaces and escapes', () => {
  expect(pythonJson(['é😀\u007f"\n', null, true, { a: 1 }])).toBe(
    '["\\u00e9\\ud83d\\ude00\\u007f\\"\\n", null, true, {"a": 1}]',
  );
  expect([1e6, 1e16, 1e-5, 0.1, -0, 123456789012345680].map(pythonFloat)).toEqual([
    '1000000.0',
    '1e+16',
    '1e-05',
    '0.1',
    '-0.0',
    '1.2345678901234568e+17',
  ]);
});

test('rounding never moves a value by more than half a unit, and ties go to even', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (x) => {
      expect(Math.abs(pythonRound(x, 4) - x)).toBeLessThanOrEqual(0.5e-4 + 1e-9);
    }),
  );
  expect([0.5, 1.5, 2.5, -0.5].map((x) => pythonRound(x))).toEqual([0, 2, 2, -0]);
});

describe.runIf(here)('values of MPK itself (../shared is there)', () => {
  const f = here ? read<Functions>('functions.json') : ({} as Functions);

  test('NumPy’s RandomState: state, stream, permutation, choice', () => {
    const g = read<NumpyRandom>('numpy_random.json');
    const random = new RandomState(42);
    expect(random.state().key.slice(0, 8)).toEqual(g.state_key_first_8);
    expect(random.state().key.slice(-4)).toEqual(g.state_key_last_4);
    expect(random.state().position).toBe(g.state_pos);
    expect(Array.from({ length: 32 }, () => random.next())).toEqual(g.raw_uint32_first_32);
    for (const [n, order] of Object.entries(g.permutation)) {
      expect(new RandomState(42).permutation(Number(n))).toEqual(order);
    }
    for (const { pool_size, size, result } of g.choice_from_range) {
      const pool = Array.from({ length: pool_size }, (_, i) => i);
      expect(new RandomState(42).choice(pool, size)).toEqual(result);
    }
    for (const { range, excluded, size, result } of g.choice_from_pool_with_gaps) {
      const pool = Array.from({ length: range }, (_, i) => i).filter((i) => !excluded.includes(i));
      expect(new RandomState(42).choice(pool, size)).toEqual(result);
    }
  });

  test('rounding, cosines, statistics, scores, labels, buckets', () => {
    for (const [x, y] of f.python_round_4) expect([x, pythonRound(x, 4)]).toEqual([x, y]);
    for (const [a, b, y] of f.cosine_clamp) expect(rounded(cosineClamp(a.map(Number), b.map(Number)))).toBe(y);
    for (const { vec, num_layers, result } of f.norm_vector_to_stats) {
      expect([...chunkStatistics(Float64Array.from(vec), num_layers)]).toEqual(result);
    }
    for (const [x, label] of f.interpret_score) expect(scoreLabel(x === 'NaN' ? null : x)).toBe(label);
    for (const [[eas = null, nlf = null, lep = null, end = null, wvc = null], y] of f.identity_score) {
      expect(identityScore({ eas, nlf, lep, end, wvc })).toBe(y);
    }
    for (const [tfv, voa, y] of f.tokenizer_score) expect(tokenizerScore(tfv, voa)).toBe(y);
    for (const [count, bucket] of f.param_bucket) expect(parameterBucket(count)).toBe(bucket);
  });

  test('LEP and NLF on small vectors; histograms in float32', () => {
    for (const [a, b, y] of f.lep_similarity) {
      expect(rounded(lepSimilarity(Float64Array.from(a), Float64Array.from(b)))).toBe(y);
    }
    const nlf = (o: NlfCase): NormFingerprint => ({
      mode: o.nlf_mode,
      tensors: o.nlf_num_layers,
      vector: Float64Array.from(o.nlf_vector),
    });
    for (const [a, b, y] of f.nlf_similarity) expect(rounded(nlfSimilarity(nlf(a), nlf(b)))).toBe(y);
    for (const { values, counts, edges_float32, normalised } of f.histogram_20_bins_float32) {
      const made = normHistogram(Float32Array.from(values))!;
      expect(made.counts).toEqual(counts);
      expect([...made.edges]).toEqual(edges_float32.map(Math.fround));
      for (const [i, share] of made.shares.entries()) expect(share).toBeCloseTo(normalised[i]!, 12);
    }
  });

  test('names of tensors, scripts of letters', () => {
    const names = f.tensor_names;
    for (const [name, category, layer, norm] of names.rows) {
      expect([name, tensorCategory(name), layerIndex(name), isNormName(name)]).toEqual([name, category, layer, norm]);
    }
    for (const [tokens, shares] of f.script_distribution) {
      expect(Object.fromEntries(scriptShares(tokens))).toEqual(shares);
    }
    const scripts = new Scripts();
    const { ranges } = read<{ ranges: [number, number, string][] }>('script_ranges.json');
    let last = -1;
    for (const [from, to, script] of ranges) {
      expect([scripts.ofLetter(last + 1 < from ? last + 1 : 0), scripts.ofLetter(from), scripts.ofLetter(to)]).toEqual([
        null,
        script,
        script,
      ]);
      last = to;
    }
  });
});

const facts = new URL('facts/models.jsonl', shared);
describe.runIf(existsSync(facts))('the published catalogue (../shared is there)', () => {
  const models = existsSync(facts)
    ? readFileSync(facts, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { mfi: MetadataFingerprint; param_bucket: string })
    : [];

  test('all 152 arch hashes come from their fields', async () => {
    expect(models).toHaveLength(152);
    for (const { mfi } of models) expect(await archHash(mfi)).toBe(mfi.arch_hash);
  });

  test('148 family hashes come from their fields, the other four with rope_theta spelled as an integer', async () => {
    const float = await Promise.all(models.map(({ mfi }) => familyHash(mfi)));
    const left = models.filter(({ mfi }, i) => float[i] !== mfi.family_hash);
    expect(left).toHaveLength(4);
    for (const { mfi } of left) expect(await familyHash(mfi, true)).toBe(mfi.family_hash);
  });

  test('the estimated size gives every bucket of the catalogue', () => {
    const other = models.filter(({ mfi, param_bucket }) => parameterBucket(estimateParameters(mfi)) !== param_bucket);
    expect(other).toEqual([]);
  });
});

test('a profile with a NaN is not divided, and an empty one is none', () => {
  expect([
    ...layerProfile(
      new Map([
        [0, NaN],
        [1, 2],
      ]),
    )!,
  ]).toEqual([NaN, 2]);
  expect(layerProfile(new Map())).toBeNull();
  expect(endSimilarity(null, new Float64Array(20))).toBeNull();
});
