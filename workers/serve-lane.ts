/**
 * Digests of tensors beside the engine that reads their file. WebCrypto computes a digest on the thread that asks for
 * it (Chromium 156: measured, 2.3 s of CPU per 2 GiB on the asking worker), so the leaves need a worker of their own to
 * cost the file's own SHA-256 nothing.
 */
import { ChunkLease } from '../src/core/hash/lease.ts';
import { TensorLane } from '../src/core/hash/tensor-lane.ts';
import { wasmHashes } from '../src/core/hash/wasm.ts';
import { freeChunk } from './free-chunk.ts';
import type { LaneCommand, LaneEvent } from './lane-protocol.ts';
import { capture, type Result } from './wire.ts';

/** The name under which the engine's program serves as its helper. */
export const LANE = 'lane';

/** The part of a worker's global scope that is used. */
export interface LaneScope {
  postMessage(event: LaneEvent, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<LaneCommand>) => void): void;
}

/** Serves one engine, one file after another. */
export function serveLane(scope: LaneScope): void {
  const server = new LaneServer((event) => scope.postMessage(event, []));
  let last: Promise<void> = Promise.resolve();
  scope.addEventListener('message', ({ data }) => {
    // One after another: a chunk must not overtake the one before it.
    last = last.then(() => server.carryOut(data));
  });
}

class LaneServer {
  readonly #say: (event: LaneEvent) => void;
  /** The file at hand. A new one replaces one that was given up. */
  #file = -1;
  #lane: TensorLane | null = null;

  constructor(say: (event: LaneEvent) => void) {
    this.#say = say;
  }

  async carryOut(command: LaneCommand): Promise<void> {
    const { file } = command;
    const failed = (result: Result<unknown>): void => {
      if (!result.ok) this.#say({ type: 'done', file, digests: result });
    };
    if (command.type === 'open') {
      this.#file = file;
      this.#lane = null;
      failed(
        await capture(async () => (this.#lane = await TensorLane.create(command.tensors, command.size, wasmHashes()))),
      );
      return;
    }
    const lane = this.#lane;
    // The rest of a file that was given up or has failed.
    if (file !== this.#file || lane === null) return;
    if (command.type === 'finish') {
      this.#say({ type: 'done', file, digests: await capture(() => lane.finish()) });
      return;
    }
    const fed = await capture(() => lane.feed(new ChunkLease(command.bytes, freeChunk), command.offset));
    if (fed.ok) this.#say({ type: 'taken', file });
    else {
      this.#lane = null;
      failed(fed);
    }
  }
}
