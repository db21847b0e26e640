/** In which order checkpoints belong, from their names. Never silently: the result says by what it went. */

/** By what: what a person said; step numbers; numbers in otherwise equal names; nothing in the names. */
export type OrderBy = 'given' | 'steps' | 'numbers' | 'none';

/** What the number in a name counts. */
export type StepUnit = 'step' | 'epoch' | 'number';

export interface Ordered {
  /** Places in the list that was given, in their order. */
  readonly places: readonly number[];
  readonly by: OrderBy;
  /** In the order of `places`; null where the name has none. */
  readonly steps: readonly (number | null)[];
  readonly unit: StepUnit | null;
}

/** Words before a number, the more telling first. A `checkpoint-500` of Hugging Face's trainer is step 500. */
const COUNTED: readonly { readonly unit: StepUnit; readonly pattern: RegExp }[] = [
  { unit: 'step', pattern: /(?:^|[^a-z])(?:global[-_ ]?)?steps?[-_= ]?(\d{1,15})(?!\d)/gi },
  { unit: 'step', pattern: /(?:^|[^a-z])iter(?:ation)?s?[-_= ]?(\d{1,15})(?!\d)/gi },
  { unit: 'step', pattern: /(?:^|[^a-z])(?:checkpoint|ckpt)[-_= ]?(\d{1,15})(?!\d)/gi },
  { unit: 'epoch', pattern: /(?:^|[^a-z])ep(?:och)?s?[-_= ]?(\d{1,15})(?!\d)/gi },
];

/** Without the endings of files and the numbering of shards, which count no steps. */
function bare(name: string): string {
  return name
    .replace(/\.(?:safetensors|gguf|bin|pth?|ckpt|npz|npy|onnx|h5|hdf5|keras|tflite|tar|gz|zip)(?=$|\/)/gi, '')
    .replace(/-\d{5}-of-\d{5}/g, '');
}

/** @param names of the checkpoints: folders, files, revisions */
export function orderByName(names: readonly string[]): Ordered {
  for (const { unit, pattern } of COUNTED) {
    const steps = names.map((name) => lastNumber(bare(name), pattern));
    if (allDistinct(steps)) return sorted(steps, unit === 'epoch' ? 'numbers' : 'steps', unit);
  }
  const steps = numbersIn(names.map(bare));
  if (steps !== null) return sorted(steps, 'numbers', 'number');
  return { places: names.map((_, i) => i), by: 'none', steps: names.map(() => null), unit: null };
}

/** The order a person gave. @param names in the order in which the models were given @returns null when it is not a rearrangement of them */
export function orderAsGiven(names: readonly string[], order: readonly string[]): Ordered | null {
  if (order.length !== names.length) return null;
  const places = order.map((name) => names.indexOf(name));
  if (places.includes(-1) || new Set(places).size !== names.length) return null;
  const own = orderByName(names);
  const steps = names.map((_, i) => own.steps[own.places.indexOf(i)] ?? null);
  return { places, by: 'given', steps: places.map((i) => steps[i]!), unit: own.unit };
}

function lastNumber(name: string, pattern: RegExp): number | null {
  const found = [...name.matchAll(pattern)].at(-1);
  return found === undefined ? null : Number(found[1]);
}

function allDistinct(steps: readonly (number | null)[]): steps is readonly number[] {
  return steps.every((step) => step !== null) && new Set(steps).size === steps.length;
}

/** Names that differ in one number alone. */
function numbersIn(names: readonly string[]): readonly number[] | null {
  const parts = names.map((name) => name.split(/(\d{1,15})/));
  const [first] = parts;
  if (first === undefined || parts.some((one) => one.length !== first.length)) return null;
  const differing = first.flatMap((_, i) => (parts.every((one) => one[i] === first[i]) ? [] : [i]));
  const [place] = differing;
  if (place === undefined || differing.length > 1 || place % 2 === 0) return null;
  const numbers = parts.map((one) => Number(one[place]));
  return allDistinct(numbers) ? numbers : null;
}

function sorted(steps: readonly number[], by: OrderBy, unit: StepUnit): Ordered {
  const places = steps.map((_, i) => i).sort((a, b) => steps[a]! - steps[b]!);
  return { places, by, steps: places.map((i) => steps[i]!), unit };
}
