/** What a long piece of work says while it runs. Bytes only ever grow within one job. */
export interface Progress {
  /** What is being done now. */
  readonly phase: 'listing' | 'headers' | 'reading' | 'comparing';
  /** The artifact at hand, by its path in the model. */
  readonly path?: string;
  /** Bytes done of this job. */
  readonly done: number;
  /** Bytes this job will read, when known. */
  readonly total?: number;
}

/** One request that left this device: kept for the network log. */
export interface NetworkEvent {
  readonly method: string;
  readonly url: string;
  /** Where the answer came from, when the first address sent the request on: a second host that was asked. */
  readonly answeredBy?: string;
  /** HTTP status, or 0 when no answer came. */
  readonly status: number;
  /** Bytes of body received. */
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** How a job talks back. Every function is optional for the callee to use, never for the caller to give. */
export interface JobContext {
  readonly signal: AbortSignal;
  progress(update: Progress): void;
  network(event: NetworkEvent): void;
}

/** A context that listens to nothing: for tests and short work. */
export function silentContext(signal: AbortSignal = new AbortController().signal): JobContext {
  return { signal, progress() {}, network() {} };
}
