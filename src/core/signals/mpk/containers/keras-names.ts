/**
 * Datasets of an HDF5 file that transformers wrote for TensorFlow (`tf_model.h5`) as tensors of the same model in PyTorch:
 * `bert/tf_bert_model/bert/encoder/layer_._0/attention/self/query/kernel:0`. (transformers
 * `modeling_tf_pytorch_utils.py`, convert_tf_weight_name_to_pt_weight_name.)
 */
import type { TensorEntry } from '../../../tensors/entry.ts';
import type { Arrangement } from './arrangement.ts';

const ENDINGS: Readonly<Record<string, string>> = {
  kernel: 'weight',
  gamma: 'weight',
  embeddings: 'weight',
  beta: 'bias',
};

export interface NamedDataset {
  readonly tensor: TensorEntry;
  readonly stored: TensorEntry;
  readonly arrangement: Arrangement;
}

/** @returns in `left` what no model of transformers has: Keras' own layers say nothing of a place in a transformer */
export function nameDatasets(tensors: readonly TensorEntry[]): {
  readonly tensors: readonly NamedDataset[];
  readonly left: readonly string[];
} {
  const out: NamedDataset[] = [];
  const left: string[] = [];
  for (const stored of tensors) {
    const path = modulePath(stored.name);
    const last = path?.pop();
    if (path === null || last === undefined || path.length === 0) {
      left.push(stored.name);
      continue;
    }
    const turned = last === 'kernel' && stored.shape.length === 2;
    // Kernels of convolutions have another order of dimensions still.
    if (last === 'kernel' && stored.shape.length > 2) {
      left.push(stored.name);
      continue;
    }
    out.push({
      tensor: {
        ...stored,
        name: [...path, ENDINGS[last] ?? last].join('.'),
        shape: turned ? stored.shape.toReversed() : stored.shape,
      },
      stored,
      arrangement: turned ? { order: { kind: 'transposed' } } : {},
    });
  }
  return { tensors: out, left };
}

/** The steps behind the model's own scope; null when there is none. */
function modulePath(name: string): string[] | null {
  const steps = name
    .replace(/:\d+$/, '')
    .replaceAll('_._', '/')
    .split('/')
    .filter((step) => step !== '');
  const scope = steps.findIndex((step) => /^tf_?[a-z0-9]+_[a-z0-9_]*$/.test(step));
  if (scope < 0 || scope > 1) return null;
  return steps.slice(scope + 1).map((step) => step.replace(/^.*___/, ''));
}
