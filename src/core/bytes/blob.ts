import { AppError, throwIfAborted } from '../errors.ts';
import { READ_CHUNK, SLICE_MAX } from '../limits.ts';
import { abortable } from './abort.ts';
import { gather, streamByReads } from './chunks.ts';
import { checkLength, checkRange } from './ranges.ts';
import type { ByteSource } from './source.ts';

/** What is used of a `Blob` or `File`; tests give fakes of any size. */
export interface BlobLike {
  readonly size: number;
  readonly lastModified?: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/**
 * A picked or dropped file.
 *
 * Read with `slice(a, b).arrayBuffer()`: BYOB readers hang in Chromium when garbage collection meets them, and slices
 * of 2 GiB and more fail in Chromium and come back short without an error in Firefox, so every length is checked.
 * Chromium rejects reads of a file that was edited; Firefox reads on in silence, which only one pass over the bytes
 * for every purpose can answer.
 */
export class BlobSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly random = true;
  readonly #blob: BlobLike;
  readonly #lastModified: number | undefined;
  #wasRead = false;

  constructor(name: string, blob: BlobLike) {
    this.name = name;
    this.size = blob.size;
    this.#blob = blob;
    this.#lastModified = blob.lastModified;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    throwIfAborted(signal);
    checkRange(this.name, this.size, start, end);
    if (end - start > SLICE_MAX) throw new AppError('SOURCE_TOO_LARGE', { name: this.name, size: end - start });
    if (end - start <= READ_CHUNK) return this.#slice(start, end, signal);
    return gather(this.name, this.stream(start, end, signal), start, end);
  }

  async *stream(start: number, end: number, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    throwIfAborted(signal);
    checkRange(this.name, this.size, start, end);
    yield* streamByReads((a, b) => this.#slice(a, b, signal), start, end, signal);
  }

  /** Reads one byte again: Chromium holds every read against the file's state when it was picked. */
  async settle(signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    await this.#slice(0, Math.min(1, this.size), signal);
  }

  async #slice(start: number, end: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
    this.#checkUnchanged();
    if (start === end) return new Uint8Array(0);
    let buffer: ArrayBuffer;
    try {
      buffer = await abortable(this.#blob.slice(start, end).arrayBuffer(), signal);
    } catch (error) {
      throw await this.#explain(error, start, end, signal);
    }
    checkLength(this.name, start, end - start, buffer.byteLength);
    this.#checkUnchanged();
    this.#wasRead = true;
    return new Uint8Array(buffer);
  }

  #checkUnchanged(): void {
    if (this.#blob.size === this.size && this.#blob.lastModified === this.#lastModified) return;
    throw new AppError('SOURCE_CHANGED', { name: this.name, size: this.size, sizeNow: this.#blob.size });
  }

  /**
   * Browsers say NotReadableError for an edited file, a lost permission and a bad disk alike. What can be told apart:
   * when the first byte can still be read, only this place is bad; when nothing can be read any more although it could
   * before, the file is no longer the one that was picked; when nothing ever could, nobody can say why.
   */
  async #explain(error: unknown, start: number, end: number, signal: AbortSignal | undefined): Promise<unknown> {
    if (error instanceof AppError) return error;
    const cause = error instanceof Error ? error.name : 'unknown';
    const detail = { name: this.name, start, end, cause };
    const readable = await this.#firstByteReadable(signal);
    throwIfAborted(signal);
    if (readable) return new AppError('SOURCE_UNREADABLE', { ...detail, reason: 'place' }, error);
    if (this.#wasRead) return new AppError('SOURCE_CHANGED', { ...detail, reason: 'refused' }, error);
    if (cause === 'NotFoundError') return new AppError('SOURCE_NOT_FOUND', detail, error);
    return new AppError('SOURCE_UNREADABLE', { ...detail, reason: 'refused' }, error);
  }

  async #firstByteReadable(signal: AbortSignal | undefined): Promise<boolean> {
    try {
      return (await abortable(this.#blob.slice(0, 1).arrayBuffer(), signal)).byteLength === 1;
    } catch {
      return false;
    }
  }
}
