/** The worker thread of the Node engine. */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { openFile } from '../../src/cli/fs-source.ts';
import { kindEntry, type CaseFiles } from './kinds.ts';

const { kind, folder } = workerData as { readonly kind: string; readonly folder: string };
const files: CaseFiles = { open: (path) => openFile({ name: path, path: join(folder, path) }) };
const compute = await kindEntry(kind).compute();

parentPort!.on('message', (job: unknown) => {
  void compute(job, files).then(
    (value) => parentPort!.postMessage({ ok: true, value }, []),
    (error: unknown) => parentPort!.postMessage({ ok: false, why: String(error) }, []),
  );
});
parentPort!.postMessage('ready', []);
