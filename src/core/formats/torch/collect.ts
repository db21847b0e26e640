import type { PyContainer, PyValue } from '../../content/pickle/value.ts';
import { AppError } from '../../errors.ts';
import type { TensorTransform } from '../../tensors/entry.ts';
import { placeTensor, type PlacedTensor, type StoragePlace } from './place.ts';
import { isTensorCall, planTensor, type OtherPlan, type TensorPlan } from './rebuild.ts';
import { findLeaves, tensorName } from './walk.ts';

/** Finds the bytes of a storage. @throws AppError FORMAT_MISSING_ENTRY, FORMAT_SIZE_MISMATCH … */
export type Locate = (plan: TensorPlan) => StoragePlace;

/** Reads the values of a small one-dimensional tensor: the scales of a quantiser. */
export type ReadValues = (tensor: PlacedTensor) => Promise<readonly number[]>;

/** A tensor of the object that has no dense storage of its own. */
export interface OtherTensor {
  readonly name: string;
  readonly path: readonly string[];
  readonly plan: OtherPlan;
}

export interface Collected {
  readonly tensors: readonly PlacedTensor[];
  readonly others: readonly OtherTensor[];
  /** The first tensor that breaks a rule; the others may be fine. */
  readonly error: AppError | null;
}

/**
 * Every tensor of a described object, held against its storage.
 *
 * @param name how a path becomes a name
 * @throws AppError FORMAT_COUNT_TOO_LARGE; SOURCE_*
 */
export async function collectTensors(
  root: PyValue | undefined,
  locate: Locate,
  readValues: ReadValues,
  name: (path: readonly string[]) => string = tensorName,
): Promise<Collected> {
  const tensors: PlacedTensor[] = [];
  const others: OtherTensor[] = [];
  let error: AppError | null = null;
  for (const { path, value } of findLeaves(root, isTensorCall as (value: PyContainer) => boolean)) {
    try {
      const plan = isTensorCall(value) ? planTensor(value) : null;
      if (plan === null) continue;
      if (plan.kind !== 'strided') others.push({ name: name(path), path, plan });
      else tensors.push(await placed(name(path), path, plan, locate, readValues));
    } catch (thrown) {
      if (!(thrown instanceof AppError) || !thrown.code.startsWith('FORMAT_')) throw thrown;
      error ??= named(thrown, name(path));
    }
  }
  return { tensors, others, error };
}

function named(error: AppError, tensor: string): AppError {
  if (error.detail['tensor'] !== undefined || error.detail['entry'] !== undefined) return error;
  return new AppError(error.code, { tensor: tensor.slice(0, 200), ...error.detail }, error);
}

async function placed(
  name: string,
  path: readonly string[],
  plan: TensorPlan,
  locate: Locate,
  readValues: ReadValues,
): Promise<PlacedTensor> {
  return placeTensor(name, path, plan, locate(plan), await transformsOf(name, plan, locate, readValues));
}

async function transformsOf(
  name: string,
  plan: TensorPlan,
  locate: Locate,
  readValues: ReadValues,
): Promise<readonly TensorTransform[]> {
  const { quantiser } = plan;
  if (quantiser === null) return [];
  if (!('scales' in quantiser)) {
    return [{ kind: 'affine', scales: [quantiser.scale], zeroPoints: [quantiser.zeroPoint] }];
  }
  const part = async (which: 'scales' | 'zeroPoints'): Promise<readonly number[]> => {
    const inner = quantiser[which];
    return readValues(placeTensor(`${name} (${which})`, [], inner, locate(inner), []));
  };
  return [{ kind: 'affine', scales: await part('scales'), zeroPoints: await part('zeroPoints'), axis: quantiser.axis }];
}
