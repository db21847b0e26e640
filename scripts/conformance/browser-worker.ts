/** The worker of the browser engine: real Blobs, real worker, the bundled code. */
import { BlobSource } from '../../src/core/bytes/blob.ts';
import { kindEntry, type CaseFiles } from './kinds.ts';

const files: CaseFiles = {
  async open(path) {
    const response = await fetch(`/case/${path.split('/').map(encodeURIComponent).join('/')}`);
    if (!response.ok) throw new Error(`${path}: status ${response.status}`);
    return new BlobSource(path, await response.blob());
  },
};
const computing = kindEntry(new URL(location.href).searchParams.get('kind') ?? '').compute();

addEventListener('message', (event: MessageEvent<{ readonly id: number; readonly job: unknown }>) => {
  const { id, job } = event.data;
  void computing
    .then((compute) => compute(job, files))
    .then(
      (value) => postMessage({ id, ok: true, value }),
      (error: unknown) => postMessage({ id, ok: false, why: String(error) }),
    );
});
