/** Checks of a sequence against what somebody states about it. Only these, hashes and shapes may contradict. */
import { reachOf } from './bound.ts';
import { contradicts, holds, unchecked, type Flag, type Reason, type SequenceCheck } from './check.ts';
import { INIT_LEAST, testInit, type Sample } from './init-test.ts';
import { matcherOf } from './pattern.ts';
import type { Recipe } from './recipe.ts';
import { isCoarse, largestRounding } from './rounding.ts';
import type { SequenceSums } from './sums.ts';
import { INIT_CHANCE } from './thresholds.ts';

/** One tensor that all checkpoints have. */
export interface MeasuredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Stored type in each checkpoint. */
  readonly dtypes: readonly string[];
  /** Null: its numbers were not read. */
  readonly sums: SequenceSums | null;
  /** True: an optimiser moves it, so that it counts in lengths and directions. */
  readonly trained: boolean;
  /** Numbers of the first checkpoint, where an initialisation is stated for it. */
  readonly first?: Sample;
}

export interface ClaimFacts {
  readonly recipe: Recipe | null;
  readonly tensors: readonly MeasuredTensor[];
  readonly names: readonly string[];
  /** Steps of the optimiser up to each checkpoint; null where not all are known. */
  readonly steps: readonly number[] | null;
  /** Σ η by segment; null without schedule or steps. */
  readonly rates: readonly number[] | null;
}

export function judgeClaims(facts: ClaimFacts): readonly SequenceCheck[] {
  return [frozen(facts), optimiser(facts), init(facts)];
}

function frozen({ recipe, tensors, names }: ClaimFacts): SequenceCheck {
  if (recipe === null || recipe.frozen.length === 0) return unchecked('frozen', 'no-recipe');
  const rules = recipe.frozen.map(matcherOf);
  const meant = tensors.filter(({ name }) => rules.some((rule) => rule(name)));
  if (meant.length === 0) return unchecked('frozen', 'no-match');
  for (const { name, sums } of meant) {
    const at = sums?.changed.findIndex((n) => n > 0) ?? -1;
    if (at === -1) continue;
    const places = sums!.changed[at]!;
    return contradicts('frozen', { tensor: name, from: names[at]!, to: names[at + 1]!, places });
  }
  const unread = meant.find(({ sums }) => sums === null);
  if (unread !== undefined) return unchecked('frozen', 'not-read', { tensor: unread.name });
  return holds('frozen', { tensors: meant.length });
}

function optimiser({ recipe, tensors, names, steps, rates }: ClaimFacts): SequenceCheck {
  if (recipe === null || recipe.optimizer === undefined || recipe.learningRate === undefined) {
    return unchecked('optimiser', 'no-recipe');
  }
  if (rates === null || steps === null) return unchecked('optimiser', 'no-steps');
  const parts = recipe.optimizer === 'sgd' ? [whole(tensors, names.length)] : tensors.filter(({ trained }) => trained);
  const usual: Flag[] = [];
  let closest = 0;
  let read = 0;
  for (const { name, sums, dtypes } of parts) {
    if (sums === null) continue;
    read++;
    for (let i = 0; i < rates.length; i++) {
      const peak = sums.peak[i]!;
      const norm = Math.sqrt(sums.square[i]!);
      const reach = reachOf(recipe, { rates: rates[i]!, stepsSoFar: steps[i + 1]!, peak, norm });
      if (typeof reach === 'string') return unchecked('optimiser', missing(reach), { field: reach });
      const went = reach.of === 'linf' ? sums.linf[i]! : Math.sqrt(sums.l2[i]!);
      const round = roundedAway(
        dtypes,
        [i, i + 1],
        reach.of === 'linf' ? [peak, sums.peak[i + 1]!] : [norm, Math.sqrt(sums.square[i + 1]!)],
      );
      // Weights kept in 16 bits: each step is rounded to the nearest, to at most twice itself.
      const stretch = dtypes.some(isCoarse) ? 2 : 1;
      const possible = stretch * reach.possible + round;
      if (possible > 0 && Number.isFinite(possible)) closest = Math.max(closest, went / possible);
      const told = { tensor: name, from: names[i]!, to: names[i + 1]!, went, possible };
      if (went > possible * (1 + 1e-6)) return contradicts('optimiser', told);
      if (went > stretch * reach.usual + round && usual.length < FLAGS_MAX) {
        usual.push({ code: 'beyond-usual', detail: { ...told, usual: reach.usual } });
      }
    }
  }
  if (read === 0) return unchecked('optimiser', 'not-read');
  return holds('optimiser', { tensors: read, closest }, usual);
}

/** One flag for each tensor that is odd, up to this many: the rest would say the same. */
const FLAGS_MAX = 20;

function missing(field: string): Reason {
  return field === 'max_grad_norm' ? 'no-gradient-bound' : 'no-recipe';
}

/** Rounding of both ends of a segment: half a unit each. Types without a rule are held to a sixteenth of the weight. */
function roundedAway(
  dtypes: readonly string[],
  ends: readonly [number, number],
  sizes: readonly [number, number],
): number {
  return ends.reduce((sum, end, k) => sum + (largestRounding(dtypes[end] ?? '') ?? 1 / 16) * sizes[k]!, 0);
}

/** All trained tensors as one: clipping bounds the length of the whole gradient. */
function whole(tensors: readonly MeasuredTensor[], count: number): MeasuredTensor {
  const trained = tensors.filter((one) => one.trained && one.sums !== null);
  const total = {
    peak: new Float64Array(count),
    square: new Float64Array(count),
    l2: new Float64Array(count - 1),
    linf: new Float64Array(count - 1),
  };
  for (const { sums } of trained) {
    for (let i = 0; i < count; i++) total.square[i]! += sums!.square[i]!;
    for (let i = 0; i + 1 < count; i++) total.l2[i]! += sums!.l2[i]!;
  }
  const coarsest = (i: number): string =>
    trained
      .map(({ dtypes }) => dtypes[i] ?? '')
      .sort((a, b) => (largestRounding(b) ?? 1) - (largestRounding(a) ?? 1))[0] ?? '';
  return {
    name: '',
    shape: [],
    dtypes: Array.from({ length: count }, (_, i) => coarsest(i)),
    sums: trained.length === 0 ? null : ({ ...trained[0]!.sums!, ...total } satisfies SequenceSums),
    trained: true,
  };
}

function init({ recipe, tensors, names, steps }: ClaimFacts): SequenceCheck {
  if (recipe === null || recipe.init.length === 0) return unchecked('init', 'no-recipe');
  const tested = recipe.init.flatMap((rule) => {
    const matches = matcherOf(rule.tensors);
    return tensors.flatMap(({ name, shape, first }) => {
      if (first === undefined || !matches(name)) return [];
      const sorted = first.sorted();
      if (sorted.length < (rule.distribution === 'constant' ? 1 : INIT_LEAST)) return [];
      const fit = testInit(sorted, rule, shape);
      return fit === null ? [] : [{ name, fit, rule }];
    });
  });
  if (tested.length === 0) return unchecked('init', 'no-match');
  // Bonferroni: of many tensors some look odd by chance.
  const flags = tested
    .filter(({ fit }) => fit.chance * tested.length < INIT_CHANCE)
    .slice(0, FLAGS_MAX)
    .map(({ name, fit, rule }): Flag => {
      const { distance, chance } = fit;
      return { code: 'not-as-filled', detail: { tensor: name, distribution: rule.distribution, distance, chance } };
    });
  const first = steps?.[0];
  return holds(
    'init',
    { tensors: tested.length, name: names[0]!, ...(first === undefined ? {} : { step: first }) },
    flags,
  );
}
