/** For tests: sequences of checkpoints in memory, and one look at them. */
import { bfloat, SHAPES, type Weights } from '../checkpoints/train.suite.ts';
import type { CheckId, SequenceCheck } from '../checkpoints/check.ts';
import { writeSafetensors } from '../formats/writers.suite.ts';
import { wasmHashes } from '../hash/wasm.ts';
import { loadKernels } from '../kernels/wasm.ts';
import { silentContext, type JobContext } from '../progress.ts';
import type { CheckpointsResult } from '../report/checkpoints.ts';
import { checkCheckpoints, type CheckpointsTools } from './checkpoints.ts';
import { planCheckpoints } from './checkpoints-plan.ts';
import type { Intake } from './model.ts';

export type Files = Readonly<Record<string, Uint8Array>>;

export function folderOf(name: string, files: Files): Intake {
  return {
    kind: 'local',
    name,
    files: Object.entries(files).map(([path, bytes]) => ({
      path,
      size: bytes.length,
      spec: { kind: 'bytes', name: path, bytes },
    })),
  };
}

/** As a safetensors file. */
export function stored(weights: Weights, dtype: 'F32' | 'BF16' = 'F32'): Uint8Array {
  return writeSafetensors(
    [...weights].map(([name, values]) => ({
      name,
      dtype,
      shape: SHAPES[name] ?? [values.length],
      bytes: dtype === 'F32' ? new Uint8Array(values.slice().buffer) : halves(values),
    })),
  );
}

function halves(values: Float32Array): Uint8Array {
  const words = new Uint16Array(bfloat(values).buffer);
  return new Uint8Array(Uint16Array.from({ length: values.length }, (_, i) => words[2 * i + 1]!).buffer);
}

/** `step0/model.safetensors`, `step24/model.safetensors` … */
export function sequence(run: readonly Weights[], every = 24, dtype: 'F32' | 'BF16' = 'F32'): Files {
  return Object.fromEntries(run.map((weights, i) => [`step${i * every}/model.safetensors`, stored(weights, dtype)]));
}

export interface Asked {
  readonly recipe?: unknown;
  readonly order?: readonly string[];
  readonly ctx?: JobContext;
}

export const tools: CheckpointsTools = { kernels: loadKernels, hashes: wasmHashes() };

export async function look(files: Files | readonly Intake[], asked: Asked = {}): Promise<CheckpointsResult> {
  const { recipe, order, ctx = silentContext() } = asked;
  const intakes = Array.isArray(files) ? (files as readonly Intake[]) : [folderOf('run', files as Files)];
  const plan = await planCheckpoints({ intakes, ...(order === undefined ? {} : { order }) }, tools, silentContext());
  return checkCheckpoints(
    { plan, recipe: recipe === undefined ? null : JSON.stringify(recipe), now: '2026-11-21T12:00:00.000Z' },
    tools,
    ctx,
  );
}

export function check({ checks }: CheckpointsResult, id: CheckId): SequenceCheck {
  return checks.find((one) => one.id === id)!;
}

/** Codes of all flags, each once. */
export function flagsOf({ checks }: CheckpointsResult): readonly string[] {
  return [...new Set(checks.flatMap(({ flags }) => flags.map(({ code }) => code)))].sort();
}
