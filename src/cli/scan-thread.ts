/** Scans on a thread of their own: what goes to it, what comes back, and its side of the talk. */
import type { MessagePort } from 'node:worker_threads';
import type { NetworkEvent, Progress } from '../core/progress.ts';
import type { ArtifactScan, Depth, PlannedArtifact } from '../core/scan/model.ts';
import { Scanner } from './scan-here.ts';

export type ScanCommand =
  { readonly type: 'scan'; readonly artifact: PlannedArtifact; readonly depth: Depth } | { readonly type: 'abort' };

export type ScanEvent =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'network'; readonly event: NetworkEvent }
  | { readonly type: 'done'; readonly scan: ArtifactScan };

/** One scan at a time: the pool sends the next after `done`. */
export function serveScans(port: MessagePort): void {
  const scanner = new Scanner();
  let controller = new AbortController();
  const say = (event: ScanEvent): void => port.postMessage(event);
  port.on('message', (command: ScanCommand) => {
    if (command.type === 'abort') {
      controller.abort();
      return;
    }
    controller = new AbortController();
    const ctx = {
      signal: controller.signal,
      progress: (progress: Progress) => say({ type: 'progress', progress }),
      network: (event: NetworkEvent) => say({ type: 'network', event }),
    };
    void scanner.scan(command.artifact, command.depth, ctx).then((scan) => say({ type: 'done', scan }));
  });
}
