/** What the comparison of two models found, in words. Says what was compared with what; kinship is not concluded here. */
import type { ComparedTensor, ModelComparison, TensorRelation } from '../comparison.ts';
import { clean } from './detail.ts';
import { formatCount, plural } from './units.ts';

export interface ComparisonWords {
  /** `212 of 291 tensors are identical, 79 differ, all in mlp.` */
  readonly sentence: string;
  /** What the sentence leaves out: what was not compared and why not all of it counts. Empty when nothing was left out. */
  readonly note: string;
}

/** So many names are told; more are counted. */
const NAMED_MAX = 3;
/** Weights with an equal layout and this little in common in WVC were compared in another order. */
const WVC_LOW = 0.5;

export function comparisonWords(comparison: ModelComparison): ComparisonWords {
  return { sentence: sentenceOf(comparison), note: notesOf(comparison).join(' ') };
}

function sentenceOf({ depth, sides, stopped, tensors }: ModelComparison): string {
  const counts = countRelations(tensors);
  const total = tensors.length;
  if (depth === 'signals') return 'Signals of both were compared; no tensor was looked at by itself.';
  if (total === 0) return stopped ? 'Stopped before any tensor was compared.' : 'There were no tensors to compare.';
  const paired = total - counts['only-a'] - counts['only-b'];
  if (paired === 0) {
    const [a, b] = sides.map(({ tensors: count }) => plural(count, 'tensor'));
    return `Nothing in A has a counterpart in B: ${a} on one side, ${b} on the other, none alike by name, role or content.`;
  }
  if (counts['identical-bytes'] === total) return `${All(total)} identical, byte for byte.`;
  if (counts['same-numbers'] === total) {
    return `${All(total)} the same in both, number by number; they are stored in another way.`;
  }
  const said: string[] = [];
  const same = counts['identical-bytes'];
  const other = counts['same-numbers'];
  if (same > 0) said.push(`${formatCount(same)} of ${plural(total, 'tensor')} ${are(same)} identical`);
  if (other > 0)
    said.push(`${first(said, other, total)} ${other === 1 ? 'holds' : 'hold'} the same numbers in another form`);
  if (counts.differs > 0) {
    const where = placeOf(tensors.filter(({ relation }) => relation === 'differs'));
    said.push(`${first(said, counts.differs, total)} ${counts.differs === 1 ? 'differs' : 'differ'}${where}`);
  }
  if (counts['other-shape'] > 0) {
    const n = counts['other-shape'];
    said.push(`${first(said, n, total)} ${n === 1 ? 'has' : 'have'} another shape`);
  }
  const alone = counts['only-a'] + counts['only-b'];
  if (alone > 0) said.push(`${first(said, alone, total)} ${are(alone)} in one model only`);
  if (counts['not-compared'] > 0) {
    const n = counts['not-compared'];
    said.push(`${first(said, n, total)} ${n === 1 ? 'was' : 'were'} not compared`);
  }
  return `${said.join(', ')}.`;
}

/** The first count says of how many. */
function first(said: readonly string[], count: number, total: number): string {
  return said.length === 0 ? `${formatCount(count)} of ${plural(total, 'tensor')}` : formatCount(count);
}

function are(count: number): string {
  return count === 1 ? 'is' : 'are';
}

function All(total: number): string {
  return total === 1 ? 'The one tensor is' : `All ${plural(total, 'tensor')} are`;
}

function countRelations(tensors: readonly ComparedTensor[]): Record<TensorRelation, number> {
  const counts: Record<TensorRelation, number> = {
    'identical-bytes': 0,
    'same-numbers': 0,
    differs: 0,
    'other-shape': 0,
    'only-a': 0,
    'only-b': 0,
    'not-compared': 0,
  };
  for (const { relation } of tensors) counts[relation]++;
  return counts;
}

/** `, all in mlp of layer 5`: only what holds for each of them. */
function placeOf(tensors: readonly ComparedTensor[]): string {
  const groups = new Set(tensors.map(({ role }) => role?.split('.')[0] ?? null));
  const layers = new Set(tensors.map(({ layer }) => layer));
  const components = new Set(tensors.map(({ component }) => component));
  const [group] = groups;
  const [layer] = layers;
  if (tensors.length <= NAMED_MAX) {
    const names = tensors.map(({ a, b }) => clean(a?.name ?? b?.name ?? ''));
    return `: ${names.join(', ')}`;
  }
  const part = groups.size === 1 && group !== null && group !== undefined ? group : null;
  const depth = layers.size === 1 && layer !== null && layer !== undefined ? `layer ${layer}` : null;
  const [component] = components;
  const tower = components.size === 1 && component !== null && component !== undefined && component !== 'text';
  if (part !== null && depth !== null) return `, all in ${clean(part)} of ${depth}`;
  if (part !== null || depth !== null) return `, all in ${clean(part ?? depth!)}`;
  return tower ? `, all in the ${clean(component)} part` : '';
}

function notesOf({ depth, mpk, sides, stopped, tensors }: ModelComparison): string[] {
  const notes: string[] = [];
  if (stopped) {
    const left = tensors.filter(
      ({ relation, reason }) => relation === 'not-compared' && reason?.code === 'SOURCE_ABORTED',
    );
    notes.push(left.length > 0 ? `You stopped it: ${plural(left.length, 'tensor')} not reached.` : 'You stopped it.');
  }
  for (const [i, { unread = [] }] of sides.entries()) {
    if (unread.length === 0) continue;
    const names = unread.slice(0, NAMED_MAX).map(({ path }) => clean(path));
    const more = unread.length > NAMED_MAX ? ` and ${formatCount(unread.length - NAMED_MAX)} more` : '';
    notes.push(
      `Of ${i === 0 ? 'A' : 'B'}, ${names.join(', ')}${more} could not be opened; their tensors are not in it.`,
    );
  }
  const turned = tensors.filter(({ transposed }) => transposed === true).length;
  if (turned > 0) {
    notes.push(
      `${plural(turned, 'matrix', 'matrices')} ${are(turned)} stored turned in one of them and ${turned === 1 ? 'was' : 'were'} compared turned back.`,
    );
  }
  const odd = tensors.filter(({ notFinite }) => notFinite !== undefined).length;
  if (odd > 0)
    notes.push(
      `${plural(odd, 'tensor')} ${odd === 1 ? 'has' : 'have'} NaN or infinities, which are in no cosine and no distance.`,
    );
  if (depth === 'tensors' && mpk.mpk !== null) notes.push(...besideMpk(mpk.mpk, tensors));
  return notes;
}

/** Where what was found number by number contradicts the Kit's score, and why it can. */
function besideMpk(
  { scores, signals }: NonNullable<ModelComparison['mpk']['mpk']>,
  tensors: readonly ComparedTensor[],
): string[] {
  const notes: string[] = [];
  const counts = countRelations(tensors);
  const same = counts['identical-bytes'] + counts['same-numbers'];
  const compared = same + counts.differs;
  if (scores.mfi_tier <= 2 && compared > 0 && same === 0) {
    const median = medianCosine(tensors);
    notes.push(
      `The Kit says “${clean(scores.provenance_decision)}” for equal configurations; of ${plural(compared, 'tensor')} compared number by number none is equal${median === null ? '' : `, and the median cosine of their matrices is ${median.toFixed(4)}`}.`,
    );
  }
  if (signals.wvc !== null && signals.wvc < WVC_LOW && compared > 0 && same === compared) {
    notes.push(
      `Every tensor compared holds the same numbers, and WVC is ${signals.wvc.toFixed(4)}: it depends on the order in which files list their tensors and their rows.`,
    );
  }
  return notes;
}

/** Over what has rows and columns: vectors of gains point the same way in most models. */
function medianCosine(tensors: readonly ComparedTensor[]): number | null {
  const cosines = tensors
    .flatMap(({ a, cosine }) => (cosine === undefined || (a?.shape.length ?? 0) < 2 ? [] : [cosine]))
    .sort((x, y) => x - y);
  return cosines[Math.floor((cosines.length - 1) / 2)] ?? null;
}
