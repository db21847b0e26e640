/**
 * What somebody states about how a sequence was trained: a small JSON file that a person gives. It is a claim the
 * checkpoints are held against, never a source of trust. Every field is optional; one that is not known is refused,
 * because it would be an expectation that is never checked. Fields: docs/checkpoints.md.
 */
import { AppError } from '../errors.ts';
import { numberOf, object, refuse, step } from './recipe-fields.ts';
import { parseSchedule, type Schedule } from './schedule.ts';

export type Optimiser = 'adam' | 'adamw' | 'lion' | 'sgd';

/** How tensors are said to have been filled before training. Bounds and deviations as PyTorch's `nn.init` defines them. */
export interface DeclaredInit {
  readonly tensors: string;
  readonly distribution: InitName;
  readonly std?: number;
  readonly mean?: number;
  readonly bound?: number;
  readonly value?: number;
  readonly gain?: number;
  /** Negative slope of the rectifier after it, for the kaiming family. PyTorch's `nn.Linear` takes √5. */
  readonly a?: number;
  readonly mode?: 'fan_in' | 'fan_out';
}

export const INIT_NAMES = [
  'normal',
  'trunc_normal',
  'uniform',
  'kaiming_uniform',
  'kaiming_normal',
  'xavier_uniform',
  'xavier_normal',
  'constant',
] as const;
export type InitName = (typeof INIT_NAMES)[number];

export interface Recipe {
  readonly optimizer?: Optimiser;
  readonly learningRate?: Schedule;
  readonly betas?: readonly [number, number];
  readonly weightDecay?: number;
  readonly momentum?: number;
  readonly maxGradNorm?: number;
  /** Step number of each checkpoint, in order. */
  readonly steps?: readonly number[];
  readonly frozen: readonly string[];
  /** Tensors that no optimiser moves (running means), besides those known by name. */
  readonly buffers: readonly string[];
  readonly init: readonly DeclaredInit[];
}

/** Rules of one recipe: real models have a dozen kinds of tensors. */
const RULES_MAX = 1_000;
const PATTERN_MAX = 1_024;
const BETA_LEAST = 1e-6;
const OPTIMISERS: readonly Optimiser[] = ['adam', 'adamw', 'lion', 'sgd'];
const FIELDS = [
  'optimizer',
  'learning_rate',
  'betas',
  'weight_decay',
  'momentum',
  'max_grad_norm',
  'steps',
  'frozen',
  'buffers',
  'init',
  'comment',
];

/** @throws AppError USAGE {problem}: not JSON, a field that is not known, a value that cannot be */
export function parseRecipe(text: string): Recipe {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AppError('USAGE', { problem: 'The recipe is not JSON.' }, error);
  }
  const given = object(value, 'The recipe', FIELDS);
  const { betas, learning_rate: rate, init, steps, optimizer } = given;
  if (optimizer !== undefined && !OPTIMISERS.some((name) => name === optimizer)) {
    throw refuse(`"optimizer" is one of ${OPTIMISERS.join(', ')}`);
  }
  const number = (key: string, low: number, high: number): number | undefined =>
    given[key] === undefined ? undefined : numberOf(given[key], `"${key}"`, low, high);
  return {
    ...optional('optimizer', optimizer as Optimiser | undefined),
    ...optional('learningRate', rate === undefined ? undefined : parseSchedule(rate)),
    ...optional('betas', betas === undefined ? undefined : pair(betas)),
    ...optional('weightDecay', number('weight_decay', 0, 1e6)),
    ...optional('momentum', number('momentum', 0, 0.999_999_9)),
    ...optional('maxGradNorm', number('max_grad_norm', 0, 1e30)),
    ...optional('steps', steps === undefined ? undefined : list(steps, '"steps"').map(step)),
    frozen: patterns(given['frozen'], '"frozen"'),
    buffers: patterns(given['buffers'], '"buffers"'),
    init: init === undefined ? [] : list(init, '"init"').map(declared),
  };
}

function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length > RULES_MAX) throw refuse(`${what} is a list of at most ${RULES_MAX}`);
  return value;
}

function patterns(value: unknown, what: string): readonly string[] {
  if (value === undefined) return [];
  return list(value, what).map((pattern) => patternOf(pattern, what));
}

function patternOf(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '' || value.length > PATTERN_MAX) {
    throw refuse(`${what} names tensors as text`);
  }
  return value;
}

function pair(value: unknown): readonly [number, number] {
  const [a, b, ...more] = list(value, '"betas"');
  if (more.length > 0) throw refuse('"betas" is two numbers');
  const beta = (value: unknown): number => {
    // Between lie numbers whose squares vanish, and no bound can be computed with them.
    if (typeof value === 'number' && value !== 0 && value < BETA_LEAST)
      throw refuse(`"betas" are 0 or from ${BETA_LEAST} on`);
    return numberOf(value, '"betas"', 0, 0.999_999_99);
  };
  return [beta(a), beta(b)];
}

function declared(value: unknown): DeclaredInit {
  const fields = ['tensors', 'distribution', 'std', 'mean', 'bound', 'value', 'gain', 'a', 'mode'];
  const rule = object(value, '"init"', fields);
  const { distribution, mode } = rule;
  if (!INIT_NAMES.some((name) => name === distribution)) {
    throw refuse(`"distribution" is one of ${INIT_NAMES.join(', ')}`);
  }
  if (mode !== undefined && mode !== 'fan_in' && mode !== 'fan_out') throw refuse('"mode" is fan_in or fan_out');
  const number = (key: string, low: number): Partial<Record<string, number>> =>
    rule[key] === undefined ? {} : { [key]: numberOf(rule[key], `"${key}"`, low, 1e30) };
  const numbers = {
    ...number('std', Number.MIN_VALUE),
    ...number('mean', -1e30),
    ...number('bound', Number.MIN_VALUE),
    ...number('value', -1e30),
    ...number('gain', Number.MIN_VALUE),
    ...number('a', 0),
  };
  const needs = { normal: 'std', trunc_normal: 'std', uniform: 'bound', constant: 'value' } as const;
  const need = needs[distribution as keyof typeof needs];
  if (need !== undefined && rule[need] === undefined) throw refuse(`${String(distribution)} needs "${need}"`);
  return {
    tensors: patternOf(rule['tensors'], '"tensors"'),
    distribution: distribution as InitName,
    ...numbers,
    ...(mode === undefined ? {} : { mode }),
  };
}
