/** What an engine and its lane worker say to each other. Types only. One file at a time. */
import type { LaneTensor } from '../src/core/hash/tensor-lane.ts';
import type { Result } from './wire.ts';

export type LaneCommand =
  | { readonly type: 'open'; readonly file: number; readonly tensors: readonly LaneTensor[]; readonly size: number }
  /** The next bytes of the file: the first `length` of the buffer, which is transferred and comes back. */
  | { readonly type: 'bytes'; readonly file: number; readonly buffer: ArrayBuffer; readonly length: number }
  | { readonly type: 'finish'; readonly file: number };

export type LaneEvent =
  /** The buffer is done with. */
  | { readonly type: 'back'; readonly buffer: ArrayBuffer }
  /** The digests, or why there are none; also before `finish` when something failed. */
  | { readonly type: 'done'; readonly file: number; readonly digests: Result<readonly string[]> };
