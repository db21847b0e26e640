import type { Finding } from '../content/finding.ts';
import type { TensorEntry } from '../tensors/entry.ts';
import type { TensorNumbers } from './decode-lane-one.ts';

/** Tensors of one artifact of which a fact is told one by one; the rest is one finding with a count. */
const LISTED_MAX = 20;

/** What the decoded numbers of an artifact's tensors tell: NaN and infinities, nothing but zeros, the same twice. */
export function numberFindings(
  entries: readonly TensorEntry[],
  numbers: readonly (TensorNumbers | null)[],
): readonly Finding[] {
  return [...nonFinite(entries, numbers), ...zeros(entries, numbers), ...twins(entries, numbers)];
}

function nonFinite(entries: readonly TensorEntry[], numbers: readonly (TensorNumbers | null)[]): Finding[] {
  const found: Finding[] = [];
  let more = 0;
  let nan = 0;
  for (const [i, entry] of entries.entries()) {
    const stats = numbers[i]?.stats;
    if (stats === null || stats === undefined || stats.nan + stats.infinite === 0) continue;
    if (found.length === LISTED_MAX) {
      more++;
      nan += stats.nan;
      continue;
    }
    found.push({
      code: 'non-finite-values',
      // Masks are made of -Infinity; a NaN is nobody's intention.
      severity: stats.nan > 0 ? 'caution' : 'note',
      ...placeOf(entry),
      detail: { tensor: entry.name, nan: stats.nan, infinite: stats.infinite, values: stats.count },
    });
  }
  if (more > 0) {
    found.push({ code: 'non-finite-values', severity: nan > 0 ? 'caution' : 'note', detail: { tensors: more } });
  }
  return found;
}

/** One finding: fresh biases and counters are zeros in thousands of ordinary tensors. Single numbers are left out. */
function zeros(entries: readonly TensorEntry[], numbers: readonly (TensorNumbers | null)[]): Finding[] {
  const all = entries.filter((_, i) => {
    const stats = numbers[i]?.stats;
    return stats !== null && stats !== undefined && stats.count > 1 && stats.zeros === stats.count;
  });
  const [first] = all;
  if (first === undefined) return [];
  return [
    {
      code: 'all-zero-tensor',
      severity: 'note',
      ...placeOf(first),
      detail: { tensor: first.name, tensors: all.length },
    },
  ];
}

/** Tensors that were stored twice. One range under two names is one tensor; constants are equal by chance. */
function twins(entries: readonly TensorEntry[], numbers: readonly (TensorNumbers | null)[]): Finding[] {
  const first = new Map<string, TensorEntry>();
  const found: Finding[] = [];
  let more = 0;
  for (const [i, entry] of entries.entries()) {
    const { canonical, stats } = numbers[i] ?? { canonical: null, stats: null };
    if (canonical === null || stats === null || stats.least === stats.most) continue;
    const other = first.get(canonical);
    if (other === undefined) first.set(canonical, entry);
    else if (!samePlace(other, entry)) {
      if (found.length === LISTED_MAX) more++;
      else {
        const detail = { tensor: entry.name, other: other.name, bytes: entry.byteLength };
        found.push({ code: 'equal-tensors', severity: 'note', ...placeOf(entry), detail });
      }
    }
  }
  if (more > 0) found.push({ code: 'equal-tensors', severity: 'note', detail: { tensors: more } });
  return found;
}

function samePlace(a: TensorEntry, b: TensorEntry): boolean {
  if (a.origin?.storageKey !== undefined && a.origin.storageKey === b.origin?.storageKey) return true;
  return a.storage.kind === 'range' && b.storage.kind === 'range' && a.storage.start === b.storage.start;
}

function placeOf({ storage, byteLength }: TensorEntry): Pick<Finding, 'offset' | 'length'> {
  return storage.kind === 'range' && storage.strides === undefined ? { offset: storage.start, length: byteLength } : {};
}
