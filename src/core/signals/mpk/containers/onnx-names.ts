/**
 * Initialisers of an ONNX graph as tensors of the module they came from.
 *
 * PyTorch's exporter keeps the name of a parameter that the graph uses as it is, and folds the turning of a linear
 * layer's matrix into a new tensor (`onnx::MatMul_1234`) that has lost its name: the path of the module is then in the
 * name of the node (`/model/layers.0/self_attn/q_proj/MatMul`). Optimum's and transformers.js' files are made so.
 * onnxruntime-genai writes `model.layers.0.attn.q_proj.MatMul.weight`, turned as well.
 */
import type { InitialiserUse } from '../../../formats/onnx/uses.ts';
import type { TensorEntry } from '../../../tensors/entry.ts';
import type { Arrangement } from './arrangement.ts';

export interface NamedInitialiser {
  readonly tensor: TensorEntry;
  readonly stored: TensorEntry;
  readonly arrangement: Arrangement;
}

const LOST = /^(?:onnx::|_v_|val_|\d+$)/;
const INTEGERS = /^(?:U?\d+|I\d+|BOOL)$/;

export function nameInitialisers(
  tensors: readonly TensorEntry[],
  uses: ReadonlyMap<string, InitialiserUse>,
): { readonly tensors: readonly NamedInitialiser[]; readonly left: readonly string[] } {
  const out: NamedInitialiser[] = [];
  const left: string[] = [];
  for (const stored of tensors) {
    // Shapes, axes and indices; and weights quantised by ONNX Runtime, whose scales lie elsewhere.
    if (INTEGERS.test(stored.dtype)) {
      if (stored.shape.length >= 2) left.push(stored.name);
      continue;
    }
    const found = origin(stored, uses.get(stored.name));
    if (found === null) {
      if (stored.shape.length > 0 && stored.name !== '') left.push(stored.name);
      continue;
    }
    const turned = found.turned && stored.shape.length === 2;
    const shape = turned ? stored.shape.toReversed() : stored.shape;
    out.push({
      tensor: { ...stored, name: found.name, shape },
      stored,
      arrangement: turned ? { order: { kind: 'transposed' } } : {},
    });
  }
  return { tensors: out, left };
}

/** Null when nothing says which parameter it was. */
function origin({ name }: TensorEntry, use: InitialiserUse | undefined): { name: string; turned: boolean } | null {
  const built = /^(.+)\.MatMul\.(weight)$/.exec(name);
  if (built !== null) return { name: builderName(`${built[1]!}.weight`), turned: true };
  if (!LOST.test(name))
    return name.includes('/') || name.includes('@') ? null : { name: builderName(name), turned: false };
  if (use === undefined) return null;
  const path = use.node.split('/').filter((part) => part !== '');
  path.pop();
  if (path.length === 0 || use.input !== 1) return null;
  const matrix = use.operator === 'MatMul' || use.operator === 'Gemm';
  return matrix ? { name: `${path.join('.')}.weight`, turned: !use.transB } : null;
}

/** onnxruntime-genai shortens two names. */
function builderName(name: string): string {
  return name
    .replace(/(\.layers\.\d+)\.attn\.(?=[qkvo]_proj\.)/, '$1.self_attn.')
    .replace(/\.layers\.\d+\.final_norm_layernorm\./, '.norm.');
}
