/**
 * Digests of tensors beside the engine that reads their file. WebCrypto computes a digest on the thread that asks for
 * it (Chromium 156: measured, 2.3 s of CPU per 2 GiB on the asking worker), so the leaves need a worker of their own to
 * cost the file's own SHA-256 nothing.
 */
import { ChunkLease } from '../src/core/hash/lease.ts';
import { TensorLane } from '../src/core/hash/tensor-lane.ts';
import { wasmHashes } from '../src/core/hash/wasm.ts';
import type { LaneCommand, LaneEvent } from './lane-protocol.ts';
import { capture } from './wire.ts';

/** The name under which the engine's program serves as its helper. */
export const LANE = 'lane';

/** The part of a worker's global scope that is used. */
export interface LaneScope {
  postMessage(event: LaneEvent, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<LaneCommand>) => void): void;
}

/** Serves one engine, one file after another. */
export function serveLane(scope: LaneScope): void {
  const server = new LaneServer(scope);
  let last: Promise<void> = Promise.resolve();
  scope.addEventListener('message', ({ data }) => {
    // One after another: bytes must not overtake those before them.
    last = last.then(() => server.carryOut(data));
  });
}

class LaneServer {
  readonly #scope: LaneScope;
  /** The file at hand. A new one replaces one that was given up. */
  #file = -1;
  /** Null when there is no file, or it has failed. */
  #lane: TensorLane | null = null;
  /** Bytes of the file so far. */
  #at = 0;

  constructor(scope: LaneScope) {
    this.#scope = scope;
  }

  async carryOut(command: LaneCommand): Promise<void> {
    switch (command.type) {
      case 'open': {
        this.#file = command.file;
        this.#at = 0;
        this.#lane = null;
        const made = await capture(() => TensorLane.create(command.tensors, command.size, wasmHashes()));
        if (made.ok) this.#lane = made.value;
        else this.#scope.postMessage({ type: 'done', file: command.file, digests: made }, []);
        return;
      }
      case 'bytes':
        return this.#feed(command.file, command.buffer, command.length);
      case 'finish': {
        const lane = this.#lane;
        if (command.file !== this.#file || lane === null) return;
        const digests = await capture(() => lane.finish());
        this.#scope.postMessage({ type: 'done', file: command.file, digests }, []);
      }
    }
  }

  async #feed(file: number, buffer: ArrayBuffer, length: number): Promise<void> {
    const lease = new ChunkLease(new Uint8Array(buffer, 0, length), () => {
      this.#scope.postMessage({ type: 'back', buffer }, [buffer]);
    });
    const lane = this.#lane;
    // Bytes of a file that was given up or has failed only go back.
    if (file === this.#file && lane !== null) {
      const fed = await capture(() => lane.feed(lease, this.#at));
      this.#at += length;
      if (!fed.ok) {
        this.#lane = null;
        this.#scope.postMessage({ type: 'done', file, digests: fed }, []);
      }
    }
    lease.drop();
  }
}
