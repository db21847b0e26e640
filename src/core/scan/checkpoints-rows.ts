/** What a result says of one checkpoint. */
import type { Trajectory } from '../checkpoints/trajectory.ts';
import type { CheckpointRow } from '../report/checkpoints.ts';
import { elementCount } from '../tensors/dtypes.ts';
import { dtypeOf, type DescribedModel } from './compare-list.ts';
import type { PlannedCheckpoint } from './checkpoints-request.ts';

/** Distinct types shown of one checkpoint. */
const DTYPES_SHOWN = 6;

export function rowOf(
  { name, step, bytes }: PlannedCheckpoint,
  model: DescribedModel | null,
  path: Trajectory | null,
  place: number,
): CheckpointRow {
  const values = new Map<string, number>();
  for (const tensor of model?.tensors ?? []) {
    const dtype = dtypeOf(tensor);
    values.set(dtype, (values.get(dtype) ?? 0) + elementCount(tensor.shape));
  }
  const dtypes = [...values].sort((a, b) => b[1] - a[1]).map(([dtype]) => dtype);
  return {
    name,
    step,
    files: model?.model.files.length ?? 0,
    bytes,
    formats: model?.model.formats ?? [],
    dtypes: dtypes.slice(0, DTYPES_SHOWN),
    tensors: model?.tensors.length ?? 0,
    parameters: [...values.values()].reduce((sum, n) => sum + n, 0),
    norm: path?.norms[place] ?? null,
    fromStart: path?.fromStart[place] ?? null,
    toEnd: path?.toEnd[place] ?? null,
  };
}
