/** The signals of one model named on the command line. */
import { openSource } from '../core/bytes/open.ts';
import { loadKernels } from '../core/kernels/wasm.ts';
import type { PlannedArtifact } from '../core/scan/model.ts';
import { modelSignals, type ModelFile, type ModelSignals } from '../core/signals/mpk/model.ts';
import type { Options } from './args.ts';
import { machine } from './machine.ts';
import { createProgressBar } from './progress-bar.ts';
import { planTarget } from './session.ts';

/** @throws AppError SOURCE_*, HUB_*; what a model merely lacks is part of the result */
export async function signalsOf(target: string, options: Options, signal: AbortSignal): Promise<ModelSignals> {
  const plan = await planTarget({ ...options, target, against: [] }, 'headers', signal);
  const bar = createProgressBar(process.stderr);
  try {
    return await modelSignals(
      plan.artifacts.map((artifact) => modelFile(artifact, options.offline)),
      { kernels: await loadKernels(), signal, progress: (done, total, path) => bar.update(done, total, path) },
    );
  } finally {
    bar.clear();
  }
}

function modelFile({ path, size, spec }: PlannedArtifact, offline: boolean): ModelFile {
  return { path, size, open: (signal) => openSource(spec, machine(offline), signal) };
}
