/** How the initialisers of an ONNX graph are used: the signals recover names and orientation from it. */
import type { ByteSource } from '../../bytes/source.ts';
import { readMessage } from '../protobuf.ts';
import { MODEL, newModel } from './proto.ts';

/** The first node of the main graph that takes an initialiser. */
export interface InitialiserUse {
  readonly operator: string;
  /** Name of the node: exporters put the path of the module there. */
  readonly node: string;
  /** Which of its inputs it is, from 0. */
  readonly input: number;
  /** `Gemm` with `transB`: the second matrix lies as the module has it. */
  readonly transB: boolean;
}

/**
 * Reads the graph again; bytes of tensors are stepped over.
 *
 * @throws AppError FORMAT_*, SOURCE_*
 */
export async function initialiserUses(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, InitialiserUse>> {
  const model = newModel();
  await readMessage(source, { start: 0, end: source.size }, MODEL, model, signal);
  const uses = new Map<string, InitialiserUse>();
  const initialisers = new Set(model.graph?.initializers.map(({ name }) => name));
  for (const { opType, name, inputs, attributes } of model.graph?.nodes ?? []) {
    for (const [input, tensor] of inputs.entries()) {
      if (!initialisers.has(tensor) || uses.has(tensor)) continue;
      const transB = attributes.some((attribute) => attribute.name === 'transB' && Number(attribute.int ?? 0) !== 0);
      uses.set(tensor, { operator: opType, node: name, input, transB });
    }
  }
  return uses;
}
