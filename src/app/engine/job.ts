import { transfer } from 'comlink';
import type { Described, EngineApi, JobCommand, JobEvent } from '../../../workers/protocol.ts';
import type { Result } from '../../../workers/wire.ts';
import { toErrorData, type ErrorCode } from '../../core/errors.ts';
import type { NetworkEvent, Progress } from '../../core/progress.ts';
import type { EngineWorker } from './start-worker.ts';

/** What a job tells while it runs, and how it is stopped. */
export interface JobListener {
  readonly signal: AbortSignal;
  progress?(update: Progress): void;
  network?(event: NetworkEvent): void;
  described?(found: Described): void;
}

/** One call of the engine with the job's own port. */
export type JobCall<T> = (api: EngineApi, port: MessagePort) => Promise<Result<T>>;

export interface JobEnd<T> {
  readonly result: Result<T>;
  /** False: the worker died or did not answer, and must be ended. */
  readonly reusable: boolean;
}

/**
 * One job on one worker. Always ends: with the worker's answer, with its death, or `patience` milliseconds after an
 * abort. An abort after the answer reaches nobody, so it cannot hurt a worker that already does something else.
 */
export function runJobOn<T>(
  worker: EngineWorker,
  call: JobCall<T>,
  listener: JobListener,
  patience: number,
): Promise<JobEnd<T>> {
  const { port1, port2 } = new MessageChannel();
  const { promise, settle } = settleable<JobEnd<T>>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const abort = (): void => {
    port1.postMessage({ type: 'abort' } satisfies JobCommand);
    timer = setTimeout(() => settle(lost('SOURCE_ABORTED')), patience);
  };
  const unwatch = worker.watch(() => settle(lost('ENGINE_WORKER_DIED')));
  listener.signal.addEventListener('abort', abort, { once: true });
  port1.addEventListener('message', ({ data }: MessageEvent<JobEvent>) => tell(listener, data));
  port1.start();
  call(worker.api, transfer(port2, [port2])).then(
    (result) => settle({ result, reusable: true }),
    // Not a failure of the job, which is data: its request or its answer could not be sent.
    (error: unknown) => settle({ result: { ok: false, error: toErrorData(error) }, reusable: false }),
  );
  return promise.finally(() => {
    clearTimeout(timer);
    listener.signal.removeEventListener('abort', abort);
    unwatch();
    port1.close();
  });
}

/** A promise and the function that settles it; what comes after the first is dropped. */
function settleable<T>(): { readonly promise: Promise<T>; settle(value: T): void } {
  let settle!: (value: T) => void;
  const promise = new Promise<T>((resolve) => (settle = resolve));
  return { promise, settle };
}

function lost(code: ErrorCode): JobEnd<never> {
  return { result: { ok: false, error: { code, detail: {} } }, reusable: false };
}

function tell(listener: JobListener, event: JobEvent): void {
  switch (event.type) {
    case 'progress':
      listener.progress?.(event.progress);
      return;
    case 'network':
      listener.network?.(event.event);
      return;
    case 'described':
      listener.described?.(event.found);
  }
}
