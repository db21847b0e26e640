/** What tensors say that a bill can be held against: stored types, numbers of parameters, rows of the token table. */
import type { TensorEntry } from '../../../tensors/entry.ts';
import type { Compared, FoundTensors } from './found.ts';

/** Norms and biases kept in a wider type are a thousandth of a model: what has less of its bytes is not its type. */
const SHARE_MIN = 0.01;
const EMBEDDING = /(?:^|\.)(?:embed_tokens|wte|word_embeddings|tok_embeddings|embed_in|token_embd)\.weight$/;
/** Types that packed numbers hide in: they say nothing of how many there are. */
const PACKS: ReadonlySet<string> = new Set(['U8', 'I8', 'U16', 'I16', 'I32', 'U32', 'I64', 'U64', 'F4']);

/**
 * The type fits when some file has a real share of its bytes in it.
 *
 * @param stated as the bill writes it
 * @param types what that may be called
 */
export function compareStored(
  stated: string,
  types: readonly string[],
  weights: readonly FoundTensors[],
): Compared | null {
  const what = 'type of numbers';
  const files = weights.map(({ where, tensors }) => ({ where, shares: sharesOf(tensors) }));
  const largest = files.find(({ shares }) => shares.length > 0);
  if (largest === undefined) return null;
  if (files.some(({ shares }) => shares.some((type) => types.includes(type)))) return { what, agreed: stated };
  return { what, stated, actual: largest.shares.slice(0, 3).join(', '), where: largest.where };
}

/** Stored types with a real share of the bytes, the largest first. */
function sharesOf(tensors: readonly TensorEntry[]): readonly string[] {
  const bytes = new Map<string, number>();
  let all = 0;
  for (const { dtype, byteLength } of tensors) {
    bytes.set(dtype, (bytes.get(dtype) ?? 0) + byteLength);
    all += byteLength;
  }
  return [...bytes]
    .filter(([, sum]) => sum > 0 && sum >= all * SHARE_MIN)
    .sort((a, b) => b[1] - a[1])
    .map(([dtype]) => dtype);
}

/** Sizes are rounded in bills (`7B` of 6.74 billion): only what no rounding explains differs. */
const ROUND_TOLERANCE = 0.35;
const EXACT_TOLERANCE = 0.05;

/** Each file, each set of shards and everything together may be the model that is meant. */
export function compareParameters(stated: number | undefined, weights: readonly FoundTensors[]): Compared | null {
  if (stated === undefined || weights.length === 0) return null;
  const sets = new Map<string, FoundTensors[]>([['', [...weights]]]);
  for (const one of weights) {
    const name = one.where.replace(/-\d{5}-of-\d{5}(?=\.)/, '');
    sets.set(name, [...(sets.get(name) ?? []), one]);
  }
  const counts: number[] = [];
  for (const set of sets.values()) {
    const tensors = set.flatMap((one) => one.tensors);
    if (tensors.length === 0 || tensors.some(({ dtype }) => PACKS.has(dtype))) return null;
    const sum = tensors.reduce((all, { shape }) => all + elements(shape), 0);
    // A table that serves at both ends is counted once, or twice.
    const table = Math.max(
      0,
      ...tensors.filter(({ name }) => EMBEDDING.test(name)).map(({ shape }) => elements(shape)),
    );
    counts.push(sum, sum + table, sum - table);
  }
  const tolerance = isRound(stated) ? ROUND_TOLERANCE : EXACT_TOLERANCE;
  const what = 'number of parameters';
  if (counts.some((n) => Math.abs(n - stated) <= tolerance * n)) return { what, agreed: String(stated) };
  return { what, stated: String(stated), actual: String(counts[0]!), where: weights[0]!.where };
}

/** No more than two digits that are not zero. */
function isRound(n: number): boolean {
  return /^\d{1,2}0*$/.test(String(n));
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** The table of tokens, where exactly one is there. */
export function largestTable(
  weights: readonly FoundTensors[],
): { readonly rows: number; readonly where: string } | null {
  const tables = weights.flatMap(({ where, tensors }) =>
    tensors
      .filter(({ name, shape, dtype }) => EMBEDDING.test(name) && shape.length === 2 && !PACKS.has(dtype))
      .map(({ shape }) => ({ rows: shape[0]!, where })),
  );
  return tables.length === 1 ? tables[0]! : null;
}
