import type { JobContext, Progress } from '../src/core/progress.ts';
import type { Described, JobCommand, JobEvent } from './protocol.ts';
import { capture, type Result } from './wire.ts';

export interface PortContext extends JobContext {
  described(found: Described): void;
}

/**
 * Runs one job with its own port to the page: abort comes in, progress, requests and early finds go out. The port is
 * closed when the job ends, so an abort that arrives late reaches nothing.
 */
export async function runJob<T>(port: MessagePort, work: (ctx: PortContext) => Promise<T>): Promise<Result<T>> {
  const controller = new AbortController();
  const say = (event: JobEvent): void => port.postMessage(event);
  port.addEventListener('message', (message: MessageEvent<JobCommand>) => {
    if (message.data.type === 'abort') controller.abort();
  });
  port.start();
  const result = await capture(() =>
    work({
      signal: controller.signal,
      progress: (progress: Progress) => say({ type: 'progress', progress }),
      network: (event) => say({ type: 'network', event }),
      described: (found) => say({ type: 'described', found }),
    }),
  );
  port.close();
  return result;
}
