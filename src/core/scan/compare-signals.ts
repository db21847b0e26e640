/** MPK's signals of a model as its plan lists it. */
import { openSource, type OpenContext } from '../bytes/open.ts';
import type { Kernels } from '../kernels/kernels.ts';
import type { JobContext } from '../progress.ts';
import { modelSignals, type ModelSignals } from '../signals/mpk/model.ts';
import type { ModelInput } from './compare-request.ts';

/** @throws AppError SOURCE_*; what a model merely lacks is in `missing` */
export async function extractSignals(
  { artifacts }: ModelInput,
  tools: OpenContext & { readonly kernels: () => Promise<Kernels> },
  ctx: JobContext,
): Promise<ModelSignals> {
  const files = artifacts.map(({ path, size, spec }) => ({
    path,
    size,
    open: (signal: AbortSignal) => openSource(spec, tools, signal),
  }));
  return modelSignals(files, {
    kernels: await tools.kernels(),
    signal: ctx.signal,
    progress: (done, total, path) => ctx.progress({ phase: 'reading', path, done, total }),
  });
}
