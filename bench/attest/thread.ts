/** The thread of the Node measurement: the same code as the browser's, with the same stand-ins. */
import { parentPort } from 'node:worker_threads';
import { examineOften, type BenchCase } from './examine.ts';

parentPort!.on('message', ({ one, times }: { readonly one: BenchCase; readonly times: number }) => {
  void examineOften(one, times).then(
    (taken) => parentPort!.postMessage({ taken }, []),
    (error: unknown) => parentPort!.postMessage({ error: String(error) }, []),
  );
});
