import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { normHistogram } from '../../../src/core/signals/mpk/end.ts';
import { lepSimilarity } from '../../../src/core/signals/mpk/lep.ts';
import { isNormName, layerIndex, tensorCategory } from '../../../src/core/signals/mpk/names.ts';
import { chunkStatistics, nlfSimilarity, type NormFingerprint } from '../../../src/core/signals/mpk/nlf.ts';
import { parameterBucket } from '../../../src/core/signals/mpk/parameters.ts';
import { identityScore, scoreLabel, tokenizerScore } from '../../../src/core/signals/mpk/score.ts';
import { scriptShares } from '../../../src/core/signals/mpk/script-share.ts';
import { cosineClamp, rounded } from '../../../src/core/signals/mpk/vector.ts';
import { RandomState } from '../../../src/core/signals/numpy-random.ts';
import { pythonRound } from '../../../src/core/signals/python/round.ts';

interface Nlf {
  readonly nlf_mode: 'direct' | 'stats';
  readonly nlf_num_layers: number;
  readonly nlf_vector: readonly number[];
}

interface Functions {
  readonly tensor_names: { readonly rows: readonly (readonly [string, string, number | null, boolean])[] };
  readonly script_distribution: readonly (readonly [readonly string[], Readonly<Record<string, number>>])[];
  readonly python_round_4: readonly (readonly [number, number])[];
  readonly cosine_clamp: readonly (readonly [readonly unknown[], readonly unknown[], number | null])[];
  readonly norm_vector_to_stats: readonly {
    readonly vec: readonly number[];
    readonly num_layers: number;
    readonly result: readonly number[];
  }[];
  readonly interpret_score: readonly (readonly [number | 'NaN', string])[];
  readonly identity_score: readonly (readonly [readonly (number | null)[], number | null])[];
  readonly tokenizer_score: readonly (readonly [number, number, number])[];
  readonly param_bucket: readonly (readonly [number, string])[];
  readonly histogram_20_bins_float32: readonly {
    readonly values: readonly number[];
    readonly counts: readonly number[];
  }[];
  readonly lep_similarity: readonly (readonly [readonly number[], readonly number[], number | null])[];
  readonly nlf_similarity: readonly (readonly [Nlf, Nlf, number | null])[];
}

interface Random {
  readonly raw_uint32_first_32: readonly number[];
  readonly permutation: Readonly<Record<string, readonly number[]>>;
  readonly choice_from_range: readonly {
    readonly pool_size: number;
    readonly size: number;
    readonly result: readonly number[];
  }[];
  readonly choice_from_pool_with_gaps: readonly {
    readonly range: number;
    readonly excluded: readonly number[];
    readonly size: number;
    readonly result: readonly number[];
  }[];
}

const SEED = 42;

/** The pure functions on the listed inputs, one case each. They run here: they need no file and no worker. */
export function functionsDiffer(folder: string): { name: string; lines: readonly string[] }[] {
  const read = <T>(name: string): T => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T;
  const f = read<Functions>('functions.json');
  const r = read<Random>('numpy_random.json');
  const out: { name: string; lines: readonly string[] }[] = [];
  const check = (name: string, want: unknown, is: unknown): void => {
    const [a, b] = [JSON.stringify(want), JSON.stringify(is)];
    out.push({ name, lines: a === b ? [] : [`expected ${a}, is ${b}`] });
  };
  for (const [name, ...want] of f.tensor_names.rows) {
    check(`name ${name}`, want, [tensorCategory(name), layerIndex(name), isNormName(name)]);
  }
  for (const [tokens, want] of f.script_distribution)
    check(`scripts ${tokens.join(' ')}`, want, Object.fromEntries(scriptShares(tokens)));
  for (const [x, want] of f.python_round_4) check(`round ${x}`, want, pythonRound(x, 4));
  for (const [a, b, want] of f.cosine_clamp) check('cosine', want, rounded(cosineClamp(a.map(Number), b.map(Number))));
  for (const { vec, num_layers, result } of f.norm_vector_to_stats) {
    check('statistics', result, [...chunkStatistics(Float64Array.from(vec), num_layers)]);
  }
  for (const [x, want] of f.interpret_score) check(`label ${x}`, want, scoreLabel(x === 'NaN' ? null : x));
  for (const [[eas = null, nlf = null, lep = null, end = null, wvc = null], want] of f.identity_score) {
    check('identity', want, identityScore({ eas, nlf, lep, end, wvc }));
  }
  for (const [tfv, voa, want] of f.tokenizer_score) check('tokenizer score', want, tokenizerScore(tfv, voa));
  for (const [count, want] of f.param_bucket) check(`bucket ${count}`, want, parameterBucket(count));
  for (const { values, counts } of f.histogram_20_bins_float32)
    check('histogram', counts, normHistogram(Float32Array.from(values))?.counts);
  for (const [a, b, want] of f.lep_similarity)
    check('lep', want, rounded(lepSimilarity(Float64Array.from(a), Float64Array.from(b))));
  const nlf = (o: Nlf): NormFingerprint => ({
    mode: o.nlf_mode,
    tensors: o.nlf_num_layers,
    vector: Float64Array.from(o.nlf_vector),
  });
  for (const [a, b, want] of f.nlf_similarity) check('nlf', want, rounded(nlfSimilarity(nlf(a), nlf(b))));
  const random = new RandomState(SEED);
  check(
    'raw stream',
    r.raw_uint32_first_32,
    Array.from({ length: 32 }, () => random.next()),
  );
  for (const [n, want] of Object.entries(r.permutation))
    check(`permutation ${n}`, want, new RandomState(SEED).permutation(Number(n)));
  const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  for (const { pool_size, size, result } of r.choice_from_range)
    check(`choice ${pool_size}`, result, new RandomState(SEED).choice(range(pool_size), size));
  for (const { range: n, excluded, size, result } of r.choice_from_pool_with_gaps) {
    check(
      `choice ${n} with gaps`,
      result,
      new RandomState(SEED).choice(
        range(n).filter((i) => !excluded.includes(i)),
        size,
      ),
    );
  }
  return out;
}
