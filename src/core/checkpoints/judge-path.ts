/** Checks of the way that a sequence goes: lengths, straightness, turns. Unusual is a flag, never a contradiction. */
import { holds, unchecked, type Flag, type SequenceCheck } from './check.ts';
import {
  APPROACH_SEGMENTS_LEAST,
  AWAY_FROM_END,
  EVEN_STEPS,
  FASTER_LATER,
  FASTER_SEGMENTS_LEAST,
  JUMP_DEVIATION_LEAST,
  JUMP_NEIGHBOURS,
  JUMP_SCORE,
  JUMP_SEGMENTS_LEAST,
  NOISE_SIGMAS,
  NOISE_TURNS_LEAST,
  NOISE_VALUES_LEAST,
  ON_LINE_ROUNDINGS,
  RESOLVED_ROUNDINGS,
  STRAIGHT_RATIO,
  STRAIGHT_SEGMENTS_LEAST,
  TURNED_BACK,
} from './thresholds.ts';
import { median, robustScores, type Trajectory } from './trajectory.ts';

/** What the checks know besides numbers. Lists are in the order of the sequence. */
export interface PathFacts {
  readonly path: Trajectory;
  readonly names: readonly string[];
  readonly steps: readonly (number | null)[];
  /** Σ η by segment; null without a schedule or without steps. */
  readonly rates: readonly number[] | null;
  /** Places that have the same numbers as an earlier one: [earlier, later]. */
  readonly same: readonly (readonly [number, number])[];
  /** Some tensors are of types whose rounding is not known. */
  readonly roundingKnown: boolean;
}

export function judgePath(facts: PathFacts): readonly SequenceCheck[] {
  return [duplicate(facts), jump(facts), straight(facts), collinear(facts), direction(facts), approach(facts)];
}

function duplicate({ same, names }: PathFacts): SequenceCheck {
  const flags = same.map(([a, b]): Flag => ({ code: 'same-numbers', detail: { first: names[a]!, second: names[b]! } }));
  return holds('duplicate', { checkpoints: names.length }, flags);
}

/** log(d ÷ Σ rates) of the segments that have one; null where they are not comparable. */
function logLengths({ path, rates, steps }: PathFacts): readonly (number | null)[] | null {
  if (rates === null && !evenSteps(steps)) return null;
  return path.segments.map(({ l2 }, i) => {
    const rate = rates === null ? 1 : rates[i]!;
    return l2 > 0 && rate > 0 ? Math.log(l2 / rate) : null;
  });
}

const known = (logs: readonly (number | null)[]): readonly number[] => logs.filter((log) => log !== null);

/** Scores of the segments' lengths. */
export function lengthScores(facts: PathFacts): readonly (number | null)[] | 'few' | 'uneven' {
  const logs = logLengths(facts);
  if (logs === null) return 'uneven';
  const list = known(logs);
  if (list.length < JUMP_SEGMENTS_LEAST) return 'few';
  const scores = robustScores(list, JUMP_DEVIATION_LEAST);
  let next = 0;
  return logs.map((log) => (log === null ? null : scores[next++]!));
}

/** By what factor a segment is longer than the longer one of its neighbours; null at the ends, which have one only. */
export function neighbourFactors(facts: PathFacts): readonly (number | null)[] {
  const logs = logLengths(facts) ?? [];
  return logs.map((log, i) => {
    const [before, after] = [logs[i - 1] ?? null, logs[i + 1] ?? null];
    return log === null || before === null || after === null ? null : Math.exp(log - Math.max(before, after));
  });
}

/** By what factor segments of the last third are longer than those of the first; null when there are few. */
export function growth(facts: PathFacts): number | null {
  const list = known(logLengths(facts) ?? []);
  if (list.length < FASTER_SEGMENTS_LEAST) return null;
  const third = Math.floor(list.length / 3);
  return Math.exp(median(list.slice(-third)) - median(list.slice(0, third)));
}

/** Unknown steps are taken for even: nothing says otherwise. */
function evenSteps(steps: readonly (number | null)[]): boolean {
  const gaps = steps.slice(1).flatMap((step, i) => (step === null || steps[i] === null ? [] : [step - steps[i]!]));
  return gaps.length === 0 || Math.max(...gaps) <= EVEN_STEPS * Math.min(...gaps);
}

function jump(facts: PathFacts): SequenceCheck {
  const scores = lengthScores(facts);
  if (scores === 'uneven') return unchecked('jump', 'uneven-steps');
  const segments = facts.path.segments.length;
  if (scores === 'few') return unchecked('jump', 'few-checkpoints', { segments, least: JUMP_SEGMENTS_LEAST });
  const factors = neighbourFactors(facts);
  const flags = scores.flatMap((score, i): Flag[] => {
    const factor = factors[i] ?? null;
    if (score === null || score <= JUMP_SCORE || factor === null || factor < JUMP_NEIGHBOURS) return [];
    return [{ code: 'jump', detail: { from: facts.names[i]!, to: facts.names[i + 1]!, score, factor } }];
  });
  return holds('jump', { segments, schedule: facts.rates !== null }, flags);
}

function straight({ path }: PathFacts): SequenceCheck {
  const segments = path.segments.filter(({ l2 }) => l2 > 0).length;
  if (path.pathRatio === null) return unchecked('straight', 'nothing-moved');
  if (segments < STRAIGHT_SEGMENTS_LEAST) {
    return unchecked('straight', 'few-checkpoints', { segments, least: STRAIGHT_SEGMENTS_LEAST });
  }
  const ratio = path.unrounded;
  if (ratio === null) return unchecked('straight', 'rounding', { ratio: path.pathRatio });
  return holds('straight', { ratio }, ratio > STRAIGHT_RATIO ? [{ code: 'straight-line', detail: { ratio } }] : []);
}

function collinear({ path, names, roundingKnown }: PathFacts): SequenceCheck {
  if (path.turns.length === 0) {
    return unchecked('collinear', 'few-checkpoints', { segments: path.segments.length, least: 2 });
  }
  if (!roundingKnown) return unchecked('collinear', 'rounding');
  const flags: Flag[] = [];
  let told = 0;
  for (const [i, { residual, rounding, shorter, cosine }] of path.turns.entries()) {
    // Where a segment is hardly longer than rounding, every point is near every line.
    if (residual === null || rounding === null || shorter < RESOLVED_ROUNDINGS * rounding) continue;
    told++;
    // On the line and between the neighbours; beyond them it is a turn, told elsewhere.
    if (residual > ON_LINE_ROUNDINGS * rounding || (cosine ?? 0) < 0) continue;
    flags.push({ code: 'on-the-line', detail: { name: names[i + 1]!, share: residual / shorter } });
  }
  if (told === 0) return unchecked('collinear', path.pathRatio === null ? 'nothing-moved' : 'rounding');
  return holds('collinear', { checkpoints: told, of: path.turns.length }, flags);
}

function direction({ path, names }: PathFacts): SequenceCheck {
  const turns = path.turns.flatMap(({ cosine, sigmas }, i) =>
    cosine === null || sigmas === null ? [] : [{ i, cosine, sigmas }],
  );
  if (turns.length === 0) {
    return unchecked('direction', path.turns.length > 0 ? 'nothing-moved' : 'few-checkpoints', {
      segments: path.segments.length,
      least: 2,
    });
  }
  const flags: Flag[] = turns
    .filter(({ cosine }) => cosine < TURNED_BACK)
    .map(({ i, cosine }) => ({ code: 'turned-back', detail: { name: names[i + 1]!, cosine } }));
  const [least, most] = [Math.min(...turns.map((t) => t.cosine)), Math.max(...turns.map((t) => t.cosine))];
  const told = { least, most, turns: turns.length };
  const noisy = turns.every(({ sigmas }) => Math.abs(sigmas) < NOISE_SIGMAS);
  if (noisy && turns.length >= NOISE_TURNS_LEAST && path.values >= NOISE_VALUES_LEAST) {
    flags.push({ code: 'noise', detail: told });
  }
  return holds('direction', told, flags);
}

/** Late in a run each checkpoint is nearer to the last one; early, a run may go round. */
function approach(facts: PathFacts): SequenceCheck {
  const { path, names } = facts;
  const segments = path.segments.length;
  if (segments < APPROACH_SEGMENTS_LEAST) {
    return unchecked('approach', 'few-checkpoints', { segments, least: APPROACH_SEGMENTS_LEAST });
  }
  if (path.pathRatio === null) return unchecked('approach', 'nothing-moved');
  const flags: Flag[] = [];
  for (let i = Math.floor(segments / 2); i + 1 < segments; i++) {
    const [here, next] = [path.toEnd[i]!, path.toEnd[i + 1]!];
    if (next > AWAY_FROM_END * here) {
      flags.push({ code: 'away-from-end', detail: { name: names[i + 1]!, share: here > 0 ? next / here : 0 } });
    }
  }
  const times = growth(facts);
  if (times !== null && times > FASTER_LATER) flags.push({ code: 'faster-later', detail: { times } });
  return holds('approach', { segments }, flags);
}
