import type { ScanMatch } from '../../../src/core/signals/mpk/scan.ts';
import type { ComputedScan } from './compute.ts';

export interface ExpectedScan {
  readonly model: string;
  readonly top_k: number | null;
  readonly threshold: number | null;
  readonly result: { readonly model_info: { readonly param_bucket: string }; readonly matches: readonly ScanMatch[] };
}

/** What float32 may move: one unit of the last decimal. */
const FLOATS: ReadonlySet<string> = new Set(['pipeline_score', 'identity_score', 'eas', 'nlf', 'lep', 'end', 'wvc']);
const UNIT = 1.0001e-4;

/** The same matches in the same order with the same scores. */
export function compareScan({ result }: ExpectedScan, found: ComputedScan): string[] {
  const differ: string[] = [];
  const names = (matches: readonly ScanMatch[]): string => matches.map(({ asset_id }) => asset_id).join(', ');
  if (result.model_info.param_bucket !== found.bucket) differ.push(`bucket: ${found.bucket}`);
  if (names(result.matches) !== names(found.matches)) {
    return [...differ, `order: expected ${names(result.matches)}, is ${names(found.matches)}`];
  }
  for (const [i, want] of result.matches.entries()) {
    const is = found.matches[i]!;
    for (const key of [
      'model_id',
      'family_id',
      'family_name',
      'param_bucket',
      'match_type',
      'provenance_decision',
    ] as const) {
      if (want[key] !== is[key]) differ.push(`${want.asset_id}.${key}: expected ${want[key]}, is ${is[key]}`);
    }
    for (const [key, value] of Object.entries(want.scores)) {
      const own = (is.scores as Readonly<Record<string, unknown>>)[key];
      const close =
        FLOATS.has(key) && typeof value === 'number' && typeof own === 'number' && Math.abs(value - own) <= UNIT;
      if (value !== own && !close) differ.push(`${want.asset_id}.${key}: expected ${String(value)}, is ${String(own)}`);
    }
  }
  return differ;
}
