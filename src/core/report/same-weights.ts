/**
 * "The same weights, another container": whether two models hold the same numbers. Pure; digests and statistics are
 * computed by `scan/same-weights.ts`.
 *
 * Numbers are compared by canonical digest first, whatever the tensors are called; then what remains is matched by name,
 * so that a tensor that differs is told from one that is not there.
 */
import type { Check, Outcome } from '../claims/check.ts';
import type { ErrorData } from '../errors.ts';
import type { TensorStats } from '../tensors/stats.ts';

/** One tensor of a model, as its runtime has it: dequantised, in row-major order. */
export interface CanonicalTensor {
  readonly name: string;
  /** What it stands for (`0.attention.q`), where names of containers differ; absent: the name alone tells. */
  readonly role?: string;
  /** Rows belong to heads and pair up for rotary positions, in one of two orders (queries, keys). */
  readonly rotary?: boolean;
  /** Deterministic tables and counters (rotary frequencies, masks): one side may go without them. */
  readonly bookkeeping?: boolean;
  /** Dtype and shape of the canonical form. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Canonical digest, hex; null with `error`. */
  readonly digest: string | null;
  readonly stats: TensorStats | null;
  readonly error?: ErrorData;
}

/** Positions in the two lists. */
export type Match = readonly [a: number, b: number];

/** A pair whose numbers may be the same in another order of dimensions, to be settled by reading `a` again. */
export interface LayoutCandidate {
  readonly match: Match;
  /** Dimension of `a` for each dimension of `b` that is longer than one; the others are of length 1. */
  readonly axes: readonly number[];
  /** The dimensions of `a` that `axes` counts in, where its rows are split into heads first. */
  readonly split?: readonly number[];
}

export interface SameWeights {
  /** The same dtype, shape and numbers. */
  readonly same: readonly Match[];
  /** The same numbers, the dimensions in another order or with further ones of length 1. */
  readonly relaid: readonly Match[];
  /** Counterparts by name or role that hold other numbers. */
  readonly differ: readonly Match[];
  /** Of A (B) alone. Copies of a matched tensor, and bookkeeping, are not counted among them. */
  readonly onlyA: readonly number[];
  readonly onlyB: readonly number[];
  /** Bookkeeping of either side without a counterpart of the same numbers: left out of the judgement, and counted. */
  readonly leftOut: number;
  /** Of A (B): not read or not decoded, so nothing is known. */
  readonly unknownA: readonly number[];
  readonly unknownB: readonly number[];
}

/** Pairs settled by reading again: more only happen in files made for it. */
const CANDIDATES_MAX = 20_000;
/** Orders of dimensions that are tried: four dimensions have 24. */
const ORDERS_MAX = 24;
/** Sums are taken in stored order, so that those of a transposed tensor differ in the last bits. */
const SUM_TOLERANCE = 1e-9;

/**
 * @param relaid pairs that were found to hold the same numbers in another layout, from `layoutCandidates`
 */
export function sameWeights(
  a: readonly CanonicalTensor[],
  b: readonly CanonicalTensor[],
  relaid: readonly Match[] = [],
): SameWeights {
  const { same, restA, restB } = byDigest(a, b);
  const [takenA, takenB] = [new Set(relaid.map(([i]) => i)), new Set(relaid.map(([, j]) => j))];
  const known = (list: readonly CanonicalTensor[]): Set<string> => new Set(list.flatMap(({ digest }) => digest ?? []));
  const [digestsA, digestsB] = [known(a), known(b)];
  const openB = restB.filter((j) => !takenB.has(j));
  const differ: Match[] = [];
  const gone = new Set<number>();
  let leftOut = 0;
  const unknown: { readonly a: number[]; readonly b: number[] } = { a: [], b: [] };
  const onlyA: number[] = [];
  const named = lookUp(openB.map((j) => [j, b[j]!] as const));
  for (const i of restA) {
    if (takenA.has(i)) continue;
    const tensor = a[i]!;
    const j = named(tensor, gone);
    if (j !== undefined) {
      gone.add(j);
      if (tensor.digest === null || b[j]!.digest === null) unknown.a.push(i);
      else if (tensor.bookkeeping === true && b[j]!.bookkeeping === true) leftOut++;
      else differ.push([i, j]);
    } else if (tensor.digest === null) unknown.a.push(i);
    else if (tensor.bookkeeping === true) leftOut++;
    else if (!digestsB.has(tensor.digest)) onlyA.push(i);
  }
  const onlyB: number[] = [];
  for (const j of openB) {
    if (gone.has(j)) continue;
    const { digest, bookkeeping } = b[j]!;
    if (digest === null) unknown.b.push(j);
    else if (bookkeeping === true) leftOut++;
    else if (!digestsA.has(digest)) onlyB.push(j);
  }
  return { same, relaid, differ, onlyA, onlyB, leftOut, unknownA: unknown.a, unknownB: unknown.b };
}

/** Pairs of what no digest matched that have equal statistics and extents, and how the dimensions would correspond. */
export function layoutCandidates(
  a: readonly CanonicalTensor[],
  b: readonly CanonicalTensor[],
): readonly LayoutCandidate[] {
  const { restA, restB } = byDigest(a, b);
  const likes = new Map<string, number[]>();
  for (const j of restB) {
    const key = likeness(b[j]!);
    if (key === null) continue;
    const list = likes.get(key) ?? [];
    likes.set(key, list);
    list.push(j);
  }
  const out: LayoutCandidate[] = [];
  for (const i of restA) {
    const key = likeness(a[i]!);
    for (const j of (key === null ? undefined : likes.get(key)) ?? []) {
      if (!nearlyEqual(a[i]!.stats!, b[j]!.stats!)) continue;
      for (const order of [...orders(a[i]!.shape, b[j]!.shape), ...rowOrders(a[i]!, b[j]!)]) {
        if (out.length === CANDIDATES_MAX) return out;
        out.push({ match: [i, j], ...order });
      }
    }
  }
  return out;
}

/** Constant tensors of the same extents need no second look: every order of equal numbers is the same. */
export function isConstant({ stats }: CanonicalTensor): boolean {
  return stats !== null && stats.nan === 0 && stats.infinite === 0 && stats.least === stats.most;
}

/** What was found as a check: all tensors of both must have a counterpart with the same numbers. */
export function sameWeightsCheck(
  a: readonly CanonicalTensor[],
  b: readonly CanonicalTensor[],
  found: SameWeights,
  other: { readonly name: string; readonly independent: boolean },
): Omit<Check, 'id'> {
  const { same, relaid, differ, onlyA, onlyB, leftOut, unknownA, unknownB } = found;
  const matched = same.length + relaid.length;
  const wrong = differ.length + onlyA.length + onlyB.length;
  const unknown = unknownA.length + unknownB.length;
  // Constants are equal by chance: ones and zeros alone are evidence of nothing.
  const telling = [...same, ...relaid].some(([i]) => !isConstant(a[i]!));
  const outcome: Outcome =
    wrong > 0 ? 'contradicts' : unknown > 0 ? 'could-not-check' : telling ? 'matches' : 'no-claim';
  const first = differ[0]?.[0] ?? onlyA[0];
  const missing = onlyB[0];
  const names = {
    ...(first === undefined ? {} : { first: a[first]!.name }),
    ...(missing === undefined ? {} : { missing: b[missing]!.name }),
  };
  const reason = [...unknownA.map((i) => a[i]!), ...unknownB.map((j) => b[j]!)].find(({ error }) => error)?.error;
  return {
    axis: 'lineage',
    kind: 'same-weights',
    outcome,
    source: { kind: 'model', name: other.name, independent: other.independent },
    ...(outcome === 'could-not-check' && reason !== undefined ? { reason } : {}),
    detail: {
      tensors: a.length,
      same: matched,
      relaid: relaid.length,
      differ: differ.length,
      extra: onlyA.length,
      lacking: onlyB.length,
      unknown,
      ...(leftOut > 0 ? { leftOut } : {}),
      ...names,
    },
  };
}

/** Equal digests, each tensor once; under the same name first. */
function byDigest(
  a: readonly CanonicalTensor[],
  b: readonly CanonicalTensor[],
): { readonly same: Match[]; readonly restA: number[]; readonly restB: number[] } {
  const places = new Map<string, Set<number>>();
  for (const [j, { digest }] of b.entries()) {
    if (digest === null) continue;
    const set = places.get(digest) ?? new Set();
    places.set(digest, set);
    set.add(j);
  }
  const named = lookUp([...b.entries()]);
  const same: Match[] = [];
  const taken = new Set<number>();
  const take = (i: number, j: number): void => {
    same.push([i, j]);
    taken.add(i);
    places.get(a[i]!.digest!)!.delete(j);
  };
  for (const [i, tensor] of a.entries()) {
    const j = tensor.digest === null ? undefined : named(tensor, new Set());
    if (j !== undefined && places.get(tensor.digest!)?.has(j) === true) take(i, j);
  }
  for (const [i, { digest }] of a.entries()) {
    if (digest === null || taken.has(i)) continue;
    const [j] = places.get(digest) ?? [];
    if (j !== undefined) take(i, j);
  }
  const used = new Set(same.map(([, j]) => j));
  return {
    same: same.sort(([x], [y]) => x - y),
    restA: [...a.keys()].filter((i) => !taken.has(i)),
    restB: [...b.keys()].filter((j) => !used.has(j)),
  };
}

/** Finds a tensor by name, else by role, that is not `gone`. */
function lookUp(
  list: readonly (readonly [number, CanonicalTensor])[],
): (tensor: CanonicalTensor, gone: ReadonlySet<number>) => number | undefined {
  const names = new Map(list.map(([j, { name }]) => [name, j]));
  const roles = new Map<string, number | undefined>();
  // A role that several have tells none of them.
  for (const [j, { role }] of list) if (role !== undefined) roles.set(role, roles.has(role) ? undefined : j);
  return ({ name, role }, gone) => {
    const found = [names.get(name), role === undefined ? undefined : roles.get(role)];
    return found.find((j) => j !== undefined && !gone.has(j));
  };
}

/** What stays the same however dimensions are ordered; null where nothing is known. */
function likeness({ dtype, shape, stats }: CanonicalTensor): string | null {
  if (stats === null) return null;
  const { count, nan, infinite, zeros, least, most } = stats;
  const extents = shape.filter((n) => n !== 1).toSorted((x, y) => x - y);
  return JSON.stringify([dtype, extents, count, nan, infinite, zeros, least, most]);
}

function nearlyEqual(a: TensorStats, b: TensorStats): boolean {
  if (!Number.isFinite(a.squares) || !Number.isFinite(a.sum)) return a.squares === b.squares && a.sum === b.sum;
  const scale = Math.sqrt(a.squares * Math.max(1, a.count));
  return (
    Math.abs(a.squares - b.squares) <= SUM_TOLERANCE * a.squares && Math.abs(a.sum - b.sum) <= SUM_TOLERANCE * scale
  );
}

/** Ways to put the dimensions of `from` that are longer than one into the order of those of `to`. */
function orders(from: readonly number[], to: readonly number[]): readonly { readonly axes: readonly number[] }[] {
  const own = [...from.keys()].filter((d) => from[d] !== 1);
  const wanted = to.filter((n) => n !== 1);
  const out: number[][] = [];
  const visit = (axes: number[]): void => {
    if (out.length === ORDERS_MAX) return;
    if (axes.length === wanted.length) {
      out.push(axes);
      return;
    }
    // Reversed orders first: they are what containers differ by.
    for (const d of own.toReversed()) {
      if (from[d] === wanted[axes.length] && !axes.includes(d)) visit([...axes, d]);
    }
  };
  if (own.length === wanted.length && own.length <= 8) visit([]);
  return out.map((axes) => ({ axes }));
}

/** Values of a head in published models. */
const HEAD_DIMS: readonly number[] = [128, 64, 256, 96, 80, 192, 160, 112, 48, 32, 72, 24, 16, 8, 4];

/**
 * Rows of queries and keys as Hugging Face has them (first halves, then second halves of a head) and as Meta's release and
 * GGUF have them (in pairs), for every length of a head that divides them.
 */
function rowOrders(a: CanonicalTensor, b: CanonicalTensor): readonly Omit<LayoutCandidate, 'match'>[] {
  const [rows = 0, ...rest] = a.shape;
  if ((a.rotary ?? b.rotary) !== true || a.shape.length > 2 || a.shape.join() !== b.shape.join()) return [];
  const dims = HEAD_DIMS.filter((dim) => rows % dim === 0);
  const tail = rest.map((_, d) => d + 3);
  return dims.flatMap((dim) => [
    { split: [rows / dim, dim / 2, 2, ...rest], axes: [0, 2, 1, ...tail] },
    { split: [rows / dim, 2, dim / 2, ...rest], axes: [0, 2, 1, ...tail] },
  ]);
}
