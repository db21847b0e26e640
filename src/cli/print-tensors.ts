/** The rows of a comparison as text: what is not identical, each on a line. */
import { explain } from '../app/text/errors.ts';
import type { ComparedTensor, ModelComparison } from '../core/report/comparison.ts';
import { formatCount, plural } from '../core/report/words/units.ts';

/** So many rows are read by a person; scripts take them all. */
const ROWS_SHOWN = 40;

/** @param all also what is identical, and however many there are */
export function tensorTable({ tensors }: ModelComparison, all: boolean): string[] {
  const rows = all ? tensors : tensors.filter(({ relation }) => relation !== 'identical-bytes');
  const shown = all ? rows : rows.slice(0, ROWS_SHOWN);
  const out = shown.map((row) => `${relationOf(row).padEnd(16)} ${nameOf(row)}${numbersOf(row)}`);
  if (shown.length < rows.length) {
    out.push(`… and ${plural(rows.length - shown.length, 'more tensor')}: --plain or --json tells them all.`);
  }
  return out;
}

function relationOf({ relation, transposed }: ComparedTensor): string {
  return transposed === true ? `${relation} (turned)` : relation;
}

function nameOf({ a, b }: ComparedTensor): string {
  const told = (side: NonNullable<ComparedTensor['a']>): string =>
    side.part === undefined ? side.name : `${side.name}[${side.part}]`;
  if (a === null || b === null) return told((a ?? b)!);
  return told(a) === told(b) ? told(a) : `${told(a)} = ${told(b)}`;
}

function numbersOf({
  relation,
  cosine,
  distance,
  largest,
  changed,
  values,
  notFinite,
  reason,
}: ComparedTensor): string {
  if (reason !== undefined) return `  ${explain(reason).title} (${reason.code})`;
  if (relation !== 'differs') return '';
  const facts = [
    cosine === undefined ? null : `cosine ${cosine.toFixed(6)}`,
    distance === undefined ? null : `distance ${distance.toPrecision(4)}`,
    largest === undefined ? null : `largest ${largest.toPrecision(4)}`,
    changed === undefined || values === undefined ? null : `${formatCount(changed)} of ${formatCount(values)} numbers`,
    notFinite === undefined ? null : `${formatCount(notFinite)} not finite`,
  ];
  return `  ${facts.filter((one) => one !== null).join(', ')}`;
}
