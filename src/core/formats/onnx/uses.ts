/** How the initialisers of an ONNX graph are used: the signals recover names and orientation from it. */
import type { ByteSource } from '../../bytes/source.ts';
import type { TensorUse } from '../../tensors/entry.ts';
import { readMessage } from '../protobuf.ts';
import { MODEL, newModel } from './proto.ts';
import type { OnnxModel } from './types.ts';

export type InitialiserUse = TensorUse;

/**
 * Reads the graph again; bytes of tensors are stepped over.
 *
 * @throws AppError FORMAT_*, SOURCE_*
 */
export async function initialiserUses(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, TensorUse>> {
  const model = newModel();
  await readMessage(source, { start: 0, end: source.size }, MODEL, model, signal);
  return usesOf(model);
}

/** By name of the initialiser. */
export function usesOf(model: OnnxModel): ReadonlyMap<string, TensorUse> {
  const uses = new Map<string, TensorUse>();
  const initialisers = new Set(model.graph?.initializers.map(({ name }) => name));
  for (const [order, { opType, name, inputs, attributes }] of (model.graph?.nodes ?? []).entries()) {
    for (const [input, tensor] of inputs.entries()) {
      if (!initialisers.has(tensor) || uses.has(tensor)) continue;
      const transB = attributes.some((attribute) => attribute.name === 'transB' && Number(attribute.int ?? 0) !== 0);
      uses.set(tensor, { operator: opType, node: name, input, order, transB });
    }
  }
  return uses;
}
