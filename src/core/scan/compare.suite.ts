/** For tests: models in memory, compared with signals of their own. */
import { loadKernels } from '../kernels/wasm.ts';
import { openSource } from '../bytes/open.ts';
import { writeSafetensors, type WrittenTensor } from '../formats/writers.suite.ts';
import { wasmHashes } from '../hash/wasm.ts';
import { silentContext, type JobContext } from '../progress.ts';
import type { ComparedTensor, ModelComparison } from '../report/comparison.ts';
import { modelSignals } from '../signals/mpk/model.ts';
import { compareModels, type CompareTools } from './compare.ts';
import type { ModelInput } from './compare-request.ts';
import { roleByName } from './roles.ts';

/** A model of these files, as a plan of either depth lists it. */
export function modelOf(name: string, files: Readonly<Record<string, Uint8Array>>): ModelInput {
  return {
    name,
    origin: { kind: 'local' },
    artifacts: Object.entries(files).map(([path, bytes]) => ({
      path,
      size: bytes.length,
      spec: { kind: 'bytes', name: path, bytes },
      role: roleByName(path) ?? 'other',
      algorithms: [],
      tensorAlgorithms: [],
    })),
  };
}

export function safetensorsModel(name: string, tensors: readonly WrittenTensor[]): ModelInput {
  return modelOf(name, { 'model.safetensors': writeSafetensors(tensors) });
}

/** A tensor of these numbers, stored as F32. */
export function floats(name: string, shape: readonly number[], values: readonly number[]): WrittenTensor {
  return { name, dtype: 'F32', shape, bytes: new Uint8Array(Float32Array.from(values).buffer) };
}

export function compareTools(more: Partial<CompareTools> = {}): CompareTools {
  return {
    kernels: loadKernels,
    hashes: wasmHashes(),
    signals: async ({ artifacts }, ctx) => {
      const files = artifacts.map(({ path, size, spec }) => ({
        path,
        size,
        open: (signal: AbortSignal) => openSource(spec, {}, signal),
      }));
      const kernels = await loadKernels();
      return { signals: await modelSignals(files, { kernels, signal: ctx.signal }), cached: false };
    },
    ...more,
  };
}

export function compared(
  a: ModelInput,
  b: ModelInput,
  ctx: JobContext = silentContext(),
  more: Partial<CompareTools> = {},
): Promise<ModelComparison> {
  return compareModels({ models: [a, b], depth: 'tensors', now: '2026-11-21T00:00:00Z' }, compareTools(more), ctx);
}

export function rowOf({ tensors }: Pick<ModelComparison, 'tensors'>, name: string): ComparedTensor {
  const row = tensors.find(({ a, b }) => a?.name === name || b?.name === name);
  if (row === undefined) throw new Error(`no row for ${name}`);
  return row;
}
