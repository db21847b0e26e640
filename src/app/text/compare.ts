/** Words of the Compare screen: relations, parts, cells, and one tensor beside another. */
import type { ComparedTensor, TensorRelation } from '../../core/report/comparison.ts';
import { clean } from '../../core/report/words/detail.ts';
import { formatCount, plural } from '../../core/report/words/units.ts';
import { elements, type Cell, type CellState } from '../parts/compare/cells.ts';
import { explain } from './errors.ts';

export const STATE_WORDS: Readonly<Record<CellState, string>> = {
  identical: 'identical',
  'same-numbers': 'same numbers',
  differs: 'differs',
  'other-shape': 'other shape',
  missing: 'on one side only',
  'not-compared': 'not compared',
};

/** For legends and readers who want to know exactly. */
export const STATE_MEANING: Readonly<Record<CellState, string>> = {
  identical: 'the stored bytes are the same',
  'same-numbers': 'same numbers, stored in another way',
  differs: 'the numbers differ',
  'other-shape': 'counterparts of other shapes',
  missing: 'in one model only',
  'not-compared': 'not read, or not decoded',
};

const RELATION_WORDS: Readonly<Record<TensorRelation, string>> = {
  'identical-bytes': 'identical bytes',
  'same-numbers': 'same numbers, stored in another way',
  differs: 'differs',
  'other-shape': 'shapes differ: nothing to compare number by number',
  'only-a': 'only in A',
  'only-b': 'only in B',
  'not-compared': 'not compared',
};

/** `attention.q` → `attention q`. Roles come from a report, which may be a stranger's. */
export function partName(role: string): string {
  return clean(role.replace(/[._]/g, ' '), 48);
}

/** A cosine with as many nines as it has: `0.9999987`, `0.83`, `−0.2`; never `1` unless it is. */
export function cosineText(cosine: number): string {
  if (cosine === 1) return '1';
  // Digits enough to show where it leaves 1, at least two, and no more than a double carries.
  const digits = Math.min(12, Math.max(2, 2 - Math.floor(Math.log10(Math.max(1e-12, 1 - Math.abs(cosine))))));
  const text = cosine.toFixed(digits);
  if (Math.abs(Number(text)) === 1) return `${cosine < 0 ? '−' : ''}0.${'9'.repeat(digits)}`;
  return text.replace(/(\.\d*?[1-9])0+$/, '$1').replace('-', '−');
}

/** Small quantities over many decades: `0.0123`, `2.1 × 10⁻⁷`. */
export function smallNumber(value: number): string {
  if (value === 0) return '0';
  if (!Number.isFinite(value)) return 'not finite';
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e5) return String(Number(value.toPrecision(3))).replace('-', '−');
  const exponent = Math.floor(Math.log10(size));
  const power = String(exponent).replace(/./g, (c) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'[c === '-' ? 0 : Number(c) + 1]!);
  return `${(value / 10 ** exponent).toFixed(1).replace('-', '−')} × 10${power}`;
}

export function layerName(layer: number | null): string {
  return layer === null ? 'outside the layers' : `layer ${layer}`;
}

/** One cell in a sentence, for the reader of the map: `Layer 3, mlp up: differs, cosine 0.9871; 2 tensors`. */
export function cellSentence(cell: Cell | null, layer: number | null, role: string): string {
  const where = `${layer === null ? partName(role) : `Layer ${layer}, ${partName(role)}`}`;
  if (!cell) return `${where}: neither model has it`;
  return `${where}: ${cellWords(cell)}`;
}

/** `differs, cosine 0.9871 (lowest of 3)`, `identical`. */
export function cellWords(cell: Cell): string {
  const { counts, tensors } = cell;
  const many = tensors.length > 1;
  const parts = [STATE_WORDS[cell.state]];
  if (cell.state === 'differs') {
    const of = counts.differs ?? 0;
    if (cell.cosine !== null) parts.push(`cosine ${cosineText(cell.cosine)}${of > 1 ? ` at the lowest` : ''}`);
    if (many) parts.push(`${of} of ${plural(tensors.length, 'tensor')} differ${of === 1 ? 's' : ''}`);
  } else if (many) {
    parts.push(countsText(counts, tensors.length));
  }
  if (cell.experts > 1) parts.push(`${cell.experts} experts`);
  return parts.join(', ');
}

const COUNTED: readonly (readonly [relation: TensorRelation, one: string, many: string])[] = [
  ['identical-bytes', 'identical', 'identical'],
  ['same-numbers', 'with the same numbers', 'with the same numbers'],
  ['differs', 'differs', 'differ'],
  ['other-shape', 'of another shape', 'of other shapes'],
  ['only-a', 'only in A', 'only in A'],
  ['only-b', 'only in B', 'only in B'],
  ['not-compared', 'not compared', 'not compared'],
];

/** `3 tensors` where all are alike, else `112 identical, 16 differ`. */
export function countsText(counts: Cell['counts'], total: number): string {
  const said = COUNTED.flatMap(([relation, one, many]) => {
    const count = counts[relation] ?? 0;
    return count === 0 ? [] : [`${formatCount(count)} ${count === 1 ? one : many}`];
  });
  return said.length === 1 ? plural(total, 'tensor') : said.join(', ');
}

/** Every relation of a comparison, counted, for the line above the map. */
export function tally(tensors: readonly ComparedTensor[]): string {
  const counts: Partial<Record<TensorRelation, number>> = {};
  for (const { relation } of tensors) counts[relation] = (counts[relation] ?? 0) + 1;
  const all = plural(tensors.length, 'tensor');
  const [only, ...others] = COUNTED.filter(([relation]) => counts[relation]);
  if (!only) return all;
  if (others.length > 0) return `${all}: ${countsText(counts, tensors.length)}`;
  return tensors.length === 1 ? `${all}, ${only[1]}` : `${all}, all ${only[2]}`;
}

export function relationWords(tensor: ComparedTensor): string {
  if (tensor.relation === 'not-compared' && tensor.reason) return `not compared: ${explain(tensor.reason).title}`;
  return RELATION_WORDS[tensor.relation];
}

/** Numbers that a count of changed ones is out of. */
export function numbersIn(tensor: ComparedTensor): number {
  return tensor.values ?? elements(tensor);
}

export function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? 'a single number' : shape.join(' × ');
}

/** `1,024 of 16,777,216 (0.0061 %)`. */
export function changedText(changed: number, of: number): string {
  if (of === 0) return formatCount(changed);
  const share = (100 * changed) / of;
  const percent =
    changed === of
      ? '100'
      : changed === 0
        ? '0'
        : share > 99.99
          ? '> 99.99'
          : share < 0.0001
            ? '< 0.0001'
            : String(Number(share.toPrecision(2)));
  return `${formatCount(changed)} of ${formatCount(of)} (${percent} %)`;
}
