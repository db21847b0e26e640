/** The signals of one model, as the app's workers take them. */
import { openSource } from '../../../src/core/bytes/open.ts';
import { loadKernels } from '../../../src/core/kernels/wasm.ts';
import { modelSignals } from '../../../src/core/signals/mpk/model.ts';

self.addEventListener('message', (event: MessageEvent<readonly File[]>) => void extract(event.data));

async function extract(files: readonly File[]): Promise<void> {
  const model = files.map((file) => ({
    path: file.name,
    size: file.size,
    open: (signal: AbortSignal) => openSource({ kind: 'file', name: file.name, file }, {}, signal),
  }));
  const signals = await modelSignals(model, { kernels: await loadKernels(), signal: new AbortController().signal });
  self.postMessage(signals, { transfer: [] });
}
