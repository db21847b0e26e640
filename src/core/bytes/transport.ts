import type { NetworkEvent } from '../progress.ts';
import { sleep } from './abort.ts';

/** The part of the platform's `fetch` that is used. */
export type FetchFn = (url: string, init: RequestInit) => Promise<Response>;

/** Time, for backing off. Tests give one that does not wait. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
  /** In [0, 1): spreads retries of many clients. */
  random(): number;
}

export const systemClock: Clock = { now: () => Date.now(), sleep, random: () => Math.random() };

/** How requests leave this device. Given by whoever starts a job; nothing in core calls the platform's fetch itself. */
export interface HttpTransport {
  readonly fetchFn: FetchFn;
  /** Told of every request, when it has ended. */
  readonly network?: (event: NetworkEvent) => void;
  /** False: do not even try (Content-Security-Policy of the page, `--offline`). Default: every http and https address. */
  readonly allows?: (url: URL) => boolean;
  /** `navigator.onLine`, where there is one. */
  readonly online?: () => boolean;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Milliseconds without a byte after which a server is taken for stalled. Default STALL_MS. */
  readonly stallMs?: number;
}
