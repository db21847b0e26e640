/** Pairs and what became of them, as the rows of a result. */
import { toErrorData, type ErrorData } from '../errors.ts';
import type { ComparedTensor, TensorSide } from '../report/comparison.ts';
import { ROLE_TITLES } from '../tensors/roles/role.ts';
import { componentTitles, dtypeOf, pathOf, type DescribedModel } from './compare-list.ts';
import type { Measured } from './compare-pair.ts';
import type { Pair, PairSide } from './compare-pairing.ts';
import type { PairOutcome } from './compare-run.ts';

const NOT_REACHED: ErrorData = { code: 'SOURCE_ABORTED', detail: {} };

/**
 * One row for each pair and each tensor that stands alone.
 *
 * @param outcomes by place of the pair; pairs without one were not reached
 * @param only tensors without a counterpart, by index
 */
export function rowsOf(
  a: DescribedModel,
  b: DescribedModel,
  pairs: readonly Pair[],
  outcomes: ReadonlyMap<number, PairOutcome>,
  only: { readonly a: readonly number[]; readonly b: readonly number[] },
): readonly ComparedTensor[] {
  const rows = [
    ...pairs.map((pair, place) => ({ pair, fields: fieldsOf(pair, outcomes.get(place)) })),
    ...only.a.map((i) => ({ pair: { a: wholeSide(a, i), b: null }, fields: alone('only-a', b) })),
    ...only.b.map((i) => ({ pair: { a: null, b: wholeSide(b, i) }, fields: alone('only-b', a) })),
  ].map(({ pair, fields }) => ({ pair, row: rowOf(a, b, pair, fields) }));
  return rows
    .sort((x, y) => (x.row.layer ?? -1) - (y.row.layer ?? -1) || placeOf(x.pair) - placeOf(y.pair))
    .map(({ row }) => row);
}

/** Without a counterpart; unless the other model has files that could not be opened, and might hold it. */
function alone(relation: 'only-a' | 'only-b', { model: { unread } }: DescribedModel): Fields {
  return unread.length === 0 ? { relation } : { relation: 'not-compared', reason: unread[0]!.reason };
}

/** A whole tensor as a side. */
export function wholeSide({ tensors }: DescribedModel, index: number): PairSide {
  return { index, selections: [], shape: tensors[index]!.shape };
}

/** A's order; what only B has after it, in its own. */
function placeOf({ a, b }: Pick<Pair, 'a' | 'b'>): number {
  return a?.index ?? Number.MAX_SAFE_INTEGER / 2 + b!.index;
}

type Fields = Omit<ComparedTensor, 'a' | 'b' | 'role' | 'component' | 'layer' | 'expert' | 'parameter'>;

function rowOf(a: DescribedModel, b: DescribedModel, pair: Pick<Pair, 'a' | 'b'>, fields: Fields): ComparedTensor {
  const of = pair.a !== null ? { model: a, side: pair.a } : { model: b, side: pair.b! };
  const { role, component, layer, expert, parameter } = of.model.candidates.tensors[of.side.index]!.role;
  const other = pair.a !== null && pair.b !== null ? b.candidates.tensors[pair.b.index]!.role : null;
  // The part's own role, where one side keeps it apart.
  const known = other !== null && (role === 'unknown' || of.side.part !== undefined) ? other : null;
  return {
    a: pair.a && sideOf(a, pair.a),
    b: pair.b && sideOf(b, pair.b),
    role: titleOf(known?.role ?? role),
    component: component === null ? null : (componentTitles(of.model.candidates.components)[component] ?? null),
    layer: layer ?? other?.layer ?? null,
    expert: known?.expert ?? expert,
    parameter: (known?.role ?? role) === 'unknown' ? null : (known?.parameter ?? parameter),
    ...fields,
  };
}

function titleOf(role: keyof typeof ROLE_TITLES): string | null {
  return role === 'unknown' ? null : ROLE_TITLES[role];
}

function sideOf({ tensors }: DescribedModel, { index, shape, part }: PairSide): TensorSide {
  const tensor = tensors[index]!;
  const stated = { name: tensor.name, path: pathOf(tensor), dtype: dtypeOf(tensor), shape };
  return part === undefined ? stated : { ...stated, part };
}

function fieldsOf(pair: Pair, outcome: PairOutcome | undefined): Fields {
  const transposed = pair.transposed ? { transposed: true } : {};
  const notCompared = (reason: ErrorData): Fields => ({ relation: 'not-compared', reason });
  if (pair.relation === 'not-compared') return notCompared(pair.reason ?? toErrorData(null));
  if (pair.relation !== undefined) return { relation: pair.relation };
  if (outcome === undefined) return notCompared(NOT_REACHED);
  if (outcome.measured === undefined) return notCompared(outcome.error ?? NOT_REACHED);
  return { ...measuredFields(outcome.measured), ...transposed };
}

function measuredFields(measured: Measured): Fields {
  if (measured.relation === 'identical-bytes') return { relation: 'identical-bytes', values: measured.values };
  const { values, changed, notFinite, largest, cosine, distance } = measured.difference;
  const places = notFinite === 0 ? {} : { notFinite };
  if (measured.relation === 'same-numbers') return { relation: 'same-numbers', values, ...places };
  return {
    relation: 'differs',
    ...(cosine === null ? {} : { cosine }),
    ...(distance === null ? {} : { distance }),
    largest,
    changed,
    values,
    ...places,
  };
}
