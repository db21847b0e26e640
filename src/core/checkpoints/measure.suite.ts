/** For tests and bench/checkpoints.mjs: sums of weights in memory. */
import type { MeasuredTensor } from './judge-claims.ts';
import { roundingShare } from './rounding.ts';
import { addSums, emptySums, TensorSums, type SequenceSums } from './sums.ts';
import { SHAPES, type Weights } from './train.suite.ts';

export function measured(run: readonly Weights[], dtype = 'F32'): MeasuredTensor[] {
  return [...run[0]!.keys()].map((name) => {
    const sums = new TensorSums(run.length);
    const rows = run.map((weights) => weights.get(name)!);
    sums.add(
      rows,
      rows.map(() => 0),
      rows[0]!.length,
    );
    const share = roundingShare(dtype) ?? 0;
    return {
      name,
      shape: SHAPES[name] ?? [rows[0]!.length],
      dtypes: run.map(() => dtype),
      sums: sums.result(run.map(() => share)),
      trained: true,
    };
  });
}

export function totalOf(tensors: readonly MeasuredTensor[]): SequenceSums {
  const total = emptySums(tensors[0]!.dtypes.length);
  for (const { sums } of tensors) if (sums !== null) addSums(total, sums);
  return total;
}
