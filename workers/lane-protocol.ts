/** What an engine and its lane worker say to each other. Types only. One file at a time. */
import type { LaneTensor } from '../src/core/hash/tensor-lane.ts';
import type { Result } from './wire.ts';

export type LaneCommand =
  | { readonly type: 'open'; readonly file: number; readonly tensors: readonly LaneTensor[]; readonly size: number }
  /** The next chunk; its buffer is transferred. */
  | { readonly type: 'chunk'; readonly file: number; readonly bytes: Uint8Array; readonly offset: number }
  | { readonly type: 'finish'; readonly file: number };

export type LaneEvent =
  /** A chunk is done with: there is room for another. */
  | { readonly type: 'taken'; readonly file: number }
  /** The digests, or why there are none; also before `finish` when something failed. */
  | { readonly type: 'done'; readonly file: number; readonly digests: Result<readonly string[]> };
