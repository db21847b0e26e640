import type { MetadataFingerprint } from '../../../src/core/signals/mpk/mfi.ts';
import type { LoadPath } from '../../../src/core/signals/mpk/weights.ts';
import type { ComputedModel, ComputedWeights, Vector } from './compute.ts';

interface ExpectedVector {
  readonly length: number;
  readonly sha256_f32le: string;
  readonly values?: readonly (number | null)[];
}

interface ExpectedSignals {
  readonly error?: { readonly type: string };
  readonly embedding_tensor: string | null;
  readonly eas_anchor_count: number;
  readonly eas_self_sim: { readonly values?: readonly (readonly (number | null)[])[] } | null;
  readonly nlf_mode: string | null;
  readonly nlf_num_layers: number;
  readonly nlf_vector: ExpectedVector | null;
  readonly lep_profile: ExpectedVector | null;
  readonly end_histogram: ExpectedVector | null;
  readonly wvc: Readonly<Record<string, { readonly length: number; readonly sha256_f32le: string }>> | null;
  readonly intermediate?: {
    readonly end: { readonly counts: readonly number[] } | null;
    readonly layer_energy: Readonly<Record<string, number | null>>;
  };
}

export interface ExpectedModel {
  readonly base_error?: unknown;
  readonly mfi: MetadataFingerprint;
  readonly classify: readonly [string, number];
  readonly tfv: Readonly<Record<string, unknown>> & {
    readonly all_merges_str: { readonly sha256_utf8: string };
    readonly script_distribution_order: readonly string[];
  };
  readonly anchors?: { readonly ids: readonly number[] } | null;
  readonly load: { readonly error?: unknown };
  readonly full: ExpectedSignals | null;
  readonly streaming: ExpectedSignals | null;
  readonly sliced: ExpectedSignals | null;
}

/** Tolerances of the golden README, section 5. */
const EAS = 1e-6;
const ENERGY = 4e-6;
const SHARES = 1e-6;
const STATISTICS = 1e-7;

/** Disagreements in words; empty when there are none. */
export function compareModel(expected: ExpectedModel, found: ComputedModel, path: LoadPath): string[] {
  if (expected.base_error !== undefined)
    return found.fingerprint === null ? [] : ['expected an error, has a fingerprint'];
  const differ: string[] = [];
  const same = (what: string, want: unknown, is: unknown): void => {
    if (text(want) !== text(is)) differ.push(`${what}: expected ${text(want)}, is ${text(is)}`);
  };
  for (const [key, value] of Object.entries(expected.mfi))
    same(`mfi.${key}`, value, found.fingerprint?.[key as keyof MetadataFingerprint]);
  same('family', expected.classify[0], found.family);
  const { all_merges_str: merges, script_distribution_order: order, ...fields } = expected.tfv;
  for (const [key, value] of Object.entries(fields))
    same(`tfv.${key}`, value, (found.tokenizer as Readonly<Record<string, unknown>> | null)?.[key]);
  same('tfv.all_merges_str', merges?.sha256_utf8, found.tokenizer?.merges);
  same('order of scripts', order, Object.keys(found.tokenizer?.script_distribution ?? {}));
  return [...differ, ...compareWeights(expected, found, path)];
}

function compareWeights(expected: ExpectedModel, found: ComputedModel, path: LoadPath): string[] {
  const own = expected[path] ?? null;
  const { weights } = found;
  if (own === null) return weights === null ? [] : ['weights: expected none'];
  if (own.error !== undefined) {
    return found.missing.some(({ reason }) => reason.code === 'SIGNAL_MPK_STOPS')
      ? []
      : [`weights: expected ${own.error.type}`];
  }
  if (weights === null) return [`weights: none (${found.missing.map(({ reason }) => reason.code).join(', ')})`];
  const differ: string[] = [];
  const same = (what: string, want: unknown, is: unknown): void => {
    if (text(want) !== text(is)) differ.push(`${what}: expected ${text(want)}, is ${text(is)}`);
  };
  // Values equal to those of another path are stated there.
  const chain = [own, expected.streaming, expected.full].filter((signals) => signals !== null);
  const stated = <T>(pick: (signals: ExpectedSignals) => T | null | undefined): T | undefined =>
    chain.map(pick).find((value) => value !== undefined && value !== null) ?? undefined;
  same('embedding', own.embedding_tensor, weights.embedding);
  same('anchors', own.eas_anchor_count, weights.eas?.size ?? 0);
  if (weights.eas !== null && expected.anchors) same('anchor ids', expected.anchors.ids, weights.anchors);
  const matrix = stated(({ eas_self_sim: m }) => m?.values)?.flat();
  if (weights.eas !== null && matrix !== undefined) near(differ, 'eas', matrix, weights.eas.values, EAS);
  compareNlf(
    differ,
    own,
    stated(({ nlf_vector: vector }) => vector?.values),
    weights,
  );
  vector(
    differ,
    'lep',
    own.lep_profile,
    weights.lep,
    ENERGY,
    stated(({ lep_profile: profile }) => profile?.values),
  );
  vector(
    differ,
    'end',
    own.end_histogram,
    weights.end,
    SHARES,
    stated(({ end_histogram: shares }) => shares?.values),
  );
  const counts = stated(({ intermediate }) => intermediate?.end?.counts);
  if (weights.counts !== null && counts !== undefined) same('counts', counts, weights.counts);
  const layers = Object.entries(own.wvc ?? {}).map(([layer, w]) => [layer, w.length, w.sha256_f32le]);
  same(
    'wvc',
    layers,
    Object.entries(weights.wvc ?? {}).map(([layer, w]) => [layer, w.length, w.sha256]),
  );
  return differ;
}

function compareNlf(
  differ: string[],
  own: ExpectedSignals,
  values: readonly (number | null)[] | undefined,
  { nlf }: ComputedWeights,
): void {
  const is = [nlf?.mode ?? null, nlf?.tensors ?? 0, nlf?.vector.length ?? 0];
  const want = [own.nlf_mode, own.nlf_num_layers, own.nlf_vector?.length ?? 0];
  if (text(want) !== text(is)) differ.push(`nlf: expected ${text(want)}, is ${text(is)}`);
  if (nlf === null || own.nlf_vector === null) return;
  if (nlf.mode === 'direct' && nlf.vector.sha256 !== own.nlf_vector.sha256_f32le) differ.push('nlf: the values differ');
  if (nlf.mode === 'stats' && values !== undefined) near(differ, 'nlf', values, nlf.vector.values, STATISTICS);
}

function vector(
  differ: string[],
  name: string,
  expected: ExpectedVector | null,
  found: Vector | null,
  tolerance: number,
  values: readonly (number | null)[] | undefined,
): void {
  if ((expected === null) !== (found === null)) differ.push(`${name}: expected ${expected === null ? 'none' : 'some'}`);
  else if (found !== null && values !== undefined) near(differ, name, values, found.values, tolerance);
}

/** Absolute for small numbers, relative for large ones. */
function near(
  differ: string[],
  name: string,
  expected: readonly (number | null)[],
  found: readonly (number | null)[],
  tolerance: number,
): void {
  if (expected.length !== found.length) {
    differ.push(`${name}: expected ${expected.length} values, are ${found.length}`);
    return;
  }
  for (const [i, want] of expected.entries()) {
    const is = found[i] ?? null;
    if (want === null && is === null) continue;
    if (want !== null && is !== null && Math.abs(want - is) <= tolerance * Math.max(1, Math.abs(want))) continue;
    differ.push(`${name}[${i}]: expected ${want}, is ${is}`);
    return;
  }
}

/** Comparable text: keys of objects in one order. */
function text(value: unknown): string {
  if (value === undefined) return 'nothing';
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
