/** The worker of the browser measurement. */
import { examineOften, type BenchCase } from './examine.ts';

addEventListener('message', (event: MessageEvent<{ readonly one: BenchCase; readonly times: number }>) => {
  const { one, times } = event.data;
  void examineOften(one, times).then(
    (taken) => postMessage({ taken }),
    (error: unknown) => postMessage({ error: String(error) }),
  );
});
