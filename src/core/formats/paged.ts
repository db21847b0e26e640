import type { ByteSource } from '../bytes/source.ts';
import { AppError, throwIfAborted } from '../errors.ts';

/** Descriptions come in small pieces near each other: pages of this size, this many of them kept. */
const PAGE = 32 * 1024;
const PAGES_KEPT = 128;
/** No single structure is longer; what is, is weights. */
const PIECE_MAX = 64 * 1024 * 1024;

/** Small pieces of a file by offset, for formats that point back and forth. Counts reads, so that no file asks without end. */
export class PagedBytes {
  readonly source: ByteSource;
  readonly signal: AbortSignal | undefined;
  readonly #readsMax: number;
  readonly #pages = new Map<number, Uint8Array>();
  #reads = 0;

  /** @param readsMax pieces that may be asked for */
  constructor(source: ByteSource, readsMax: number, signal?: AbortSignal) {
    this.source = source;
    this.#readsMax = readsMax;
    this.signal = signal;
  }

  /** The bytes at an offset, a view. @throws AppError FORMAT_BOUNDS, FORMAT_TOO_LARGE, FORMAT_COUNT_TOO_LARGE; SOURCE_* */
  async bytes(start: number, length: number, what: string): Promise<Uint8Array> {
    if (!Number.isSafeInteger(start + length) || start < 0 || length < 0 || start + length > this.source.size) {
      throw new AppError('FORMAT_BOUNDS', { what, offset: start, length, size: this.source.size });
    }
    if (length > PIECE_MAX) throw new AppError('FORMAT_TOO_LARGE', { what, size: length, limit: PIECE_MAX });
    this.#reads += 1;
    if (this.#reads > this.#readsMax)
      throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'structures', max: this.#readsMax });
    if (length > PAGE) return this.source.read(start, start + length, this.signal);
    const number = Math.floor(start / PAGE);
    const inPage = start - number * PAGE;
    const first = await this.#page(number);
    if (inPage + length <= first.length) return first.subarray(inPage, inPage + length);
    const second = await this.#page(number + 1);
    const out = new Uint8Array(length);
    out.set(first.subarray(inPage));
    out.set(second.subarray(0, length - (first.length - inPage)), first.length - inPage);
    return out;
  }

  async #page(number: number): Promise<Uint8Array> {
    const kept = this.#pages.get(number);
    if (kept !== undefined) return kept;
    throwIfAborted(this.signal);
    const start = number * PAGE;
    if (start >= this.source.size) return new Uint8Array(0);
    const page = await this.source.read(start, Math.min(start + PAGE, this.source.size), this.signal);
    // Oldest out: reads wander forward through a file.
    if (this.#pages.size >= PAGES_KEPT) {
      const [oldest] = this.#pages.keys();
      if (oldest !== undefined) this.#pages.delete(oldest);
    }
    this.#pages.set(number, page);
    return page;
  }
}
