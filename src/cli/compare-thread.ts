/** Signals of a model, or a share of the pairs of two, on a thread of its own: what goes to it and what comes back. */
import type { MessagePort } from 'node:worker_threads';
import { toErrorData, type ErrorData } from '../core/errors.ts';
import { loadKernels } from '../core/kernels/wasm.ts';
import type { JobContext, NetworkEvent, Progress } from '../core/progress.ts';
import { comparePairsOf, type PairsRequest, type SignalsFound } from '../core/scan/compare.ts';
import { signalsOfModel } from '../core/scan/compare-cached.ts';
import type { ModelInput } from '../core/scan/compare-request.ts';
import type { PairOutcome } from '../core/scan/compare-run.ts';
import { featureCache } from './feature-cache.ts';
import { ChunkRing } from './chunk-ring.ts';
import { openFile } from './fs-source.ts';
import { machine } from './machine.ts';
import { sameBytes } from './same-bytes.ts';

export type LaneJob =
  | {
      readonly type: 'signals';
      readonly model: ModelInput;
      readonly offline: boolean;
      /** Folder of kept signals; null: none are looked for, none are kept. */
      readonly cache: string | null;
    }
  | { readonly type: 'pairs'; readonly request: PairsRequest; readonly offline: boolean };

/** What a job gives, by its type. */
export interface LaneAnswer {
  readonly signals: SignalsFound;
  readonly pairs: readonly PairOutcome[];
}

export type LaneCommand = LaneJob | { readonly type: 'abort' };

export type LaneEvent =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'network'; readonly event: NetworkEvent }
  | { readonly type: 'done'; readonly value: LaneAnswer[keyof LaneAnswer] }
  | { readonly type: 'failed'; readonly error: ErrorData };

/** The same work on the calling thread. @throws AppError SOURCE_* */
export async function workHere(job: LaneJob, ctx: JobContext): Promise<LaneAnswer[keyof LaneAnswer]> {
  const tools = { ...machine(job.offline, (event) => ctx.network(event)), kernels: loadKernels, equal: sameBytes };
  if (job.type === 'pairs') return comparePairsOf(job.request, tools, ctx);
  const ring = new ChunkRing();
  const give = (chunk: Uint8Array): void => ring.give(chunk);
  const cache = job.cache === null ? {} : { cache: featureCache(job.cache, give) };
  const again = {
    openPath: (name: string, path: string, signal?: AbortSignal) =>
      openFile({ name, path, followLinks: true, allocate: (length) => ring.take(length) }, signal),
    give,
  };
  return signalsOfModel(job.model, { ...tools, ...cache, ...again }, ctx);
}

/** One job at a time: the next is sent after `done` or `failed`. */
export function serveComparisons(port: MessagePort): void {
  let controller = new AbortController();
  const say = (event: LaneEvent): void => port.postMessage(event);
  port.on('message', (command: LaneCommand) => {
    if (command.type === 'abort') {
      controller.abort();
      return;
    }
    controller = new AbortController();
    const ctx: JobContext = {
      signal: controller.signal,
      progress: (progress) => say({ type: 'progress', progress }),
      network: (event) => say({ type: 'network', event }),
    };
    workHere(command, ctx).then(
      (value) => say({ type: 'done', value }),
      (error: unknown) => say({ type: 'failed', error: toErrorData(error) }),
    );
  });
}
