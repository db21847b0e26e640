/**
 * One file's bytes, wherever they are. The contract (tested by `source.suite.ts` against every implementation):
 *
 * - `read(start, end)` resolves to exactly `end - start` bytes or rejects with an AppError `SOURCE_*`. Never fewer.
 * - `stream(start, end)` yields non-empty chunks whose lengths add up to exactly `end - start`, or rejects.
 * - A chunk belongs to the caller: the source does not write into it again, the caller may transfer it.
 * - A source that notices that the file changed since it was opened rejects with SOURCE_CHANGED.
 * - Offsets are exact integers up to 2^53; nothing here uses bitwise operators on them.
 */
export interface ByteSource {
  /** Path within its model, `/`-separated, as shown to people and compared with claims. */
  readonly name: string;
  /** Length in bytes. */
  readonly size: number;
  /** False when only one pass from the start is possible (an HTTP server that ignores Range). */
  readonly random: boolean;
  read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array>;
  stream(start: number, end: number, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Rejects with SOURCE_CHANGED when the file is visibly not the one that was opened. Called after a full pass. */
  settle(signal?: AbortSignal): Promise<void>;
}

/** How to open a source on the other side of a worker boundary: a handle or an address, never bytes of a large file. */
export type SourceSpec =
  | { readonly kind: 'file'; readonly name: string; readonly file: Blob & { readonly lastModified?: number } }
  | { readonly kind: 'bytes'; readonly name: string; readonly bytes: Uint8Array }
  | {
      readonly kind: 'http';
      readonly name: string;
      readonly url: string;
      /** What a trusted listing said; checked against what the server sends. */
      readonly size?: number;
      /** `Bearer …`; only ever sent to the host of `url`. */
      readonly authorization?: string;
    }
  /** A path on this machine; opened by the command line only. */
  | { readonly kind: 'path'; readonly name: string; readonly path: string };
