/** What pickles would import, by the three classes: known names, names nobody here knows, names known to do harm. */
import type { Finding } from '../../content/finding.ts';
import type { PickleImport } from '../../content/pickle/import.ts';
import { formatCount, plural } from './units.ts';

export interface ImportCounts {
  readonly allowed: number;
  readonly unknown: number;
  readonly dangerous: number;
}

/** @param imports of one file or of all */
export function countImports(imports: readonly PickleImport[]): ImportCounts {
  const counts = { allowed: 0, unknown: 0, dangerous: 0 };
  for (const found of imports) counts[found.class] += 1;
  return counts;
}

/** `Loading it would import 12 names: 9 known ones that rebuild data, 2 unknown here, 1 known to run or reach something.` */
export function importWords(imports: readonly PickleImport[]): string {
  const { allowed, unknown, dangerous } = countImports(imports);
  if (imports.length === 0) return 'Loading it would import nothing.';
  const classes = [
    allowed === 0 ? '' : `${formatCount(allowed)} on the reviewed list of names that rebuild data`,
    unknown === 0 ? '' : `${formatCount(unknown)} that nobody here knows`,
    dangerous === 0 ? '' : `${formatCount(dangerous)} known to run or reach something`,
  ].filter((text) => text !== '');
  return `Loading it would import ${plural(imports.length, 'name')}: ${classes.join(', ')}.`;
}

/** A name on no list: it may be an ordinary class or anything else, so it is counted apart from dangers and cautions. */
export function isUnknownImport({ code }: Finding): boolean {
  return code === 'unknown-global';
}
