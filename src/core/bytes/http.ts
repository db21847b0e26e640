import { AppError, throwIfAborted } from '../errors.ts';
import { HTTP_HEAD, HTTP_SEQUENTIAL_HEAD_MAX, HTTP_TRIES, READ_CHUNK, SLICE_MAX } from '../limits.ts';
import { gather } from './chunks.ts';
import { openHead, type Head } from './http-head.ts';
import { HttpRanges, type HttpFile, type RangeAnswer } from './http-ranges.ts';
import { backoff } from './patience.ts';
import { checkRange } from './ranges.ts';
import type { ByteSource } from './source.ts';
import { systemClock, type HttpTransport } from './transport.ts';

/**
 * A file behind an address. One small range request is made: it tells the size, whether ranges work, and brings the
 * first HTTP_HEAD bytes, which most headers fit into.
 *
 * @throws AppError SOURCE_*; SOURCE_LENGTH {reason: 'listing'} when the listing's size is not the server's
 */
export async function openHttp(file: HttpFile, transport: HttpTransport, signal?: AbortSignal): Promise<ByteSource> {
  throwIfAborted(signal);
  const ranges = new HttpRanges(file, transport);
  return new HttpSource(ranges, await openHead(ranges, signal), transport);
}

/** Errors after which the same bytes may be asked for again. */
const BREAKS: readonly string[] = ['SOURCE_OFFLINE', 'SOURCE_STALLED', 'SOURCE_LENGTH'];

class HttpSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly random: boolean;
  readonly #ranges: HttpRanges;
  readonly #transport: HttpTransport;
  readonly #ranged: boolean;
  /** First bytes of the file as received; grows only when the server has no ranges. */
  #head: Uint8Array;

  constructor(ranges: HttpRanges, head: Head, transport: HttpTransport) {
    this.name = ranges.file.name;
    this.size = head.size;
    this.#ranges = ranges;
    this.#transport = transport;
    this.#ranged = head.ranged;
    this.#head = head.bytes;
    this.random = head.ranged || head.bytes.length === head.size;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    throwIfAborted(signal);
    checkRange(this.name, this.size, start, end);
    if (end - start > SLICE_MAX) throw new AppError('SOURCE_TOO_LARGE', { name: this.name, size: end - start });
    if (!this.#ranged) await this.#growHead(end, signal);
    if (start === end || end <= this.#head.length) return this.#head.slice(start, end);
    return gather(this.name, this.#pull(start, end, signal), start, end);
  }

  async *stream(start: number, end: number, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    throwIfAborted(signal);
    checkRange(this.name, this.size, start, end);
    if (start === end) return;
    if (end <= this.#head.length) yield this.#head.slice(start, end);
    else yield* this.#pull(start, end, signal);
  }

  /**
   * Asks for the beginning once more and compares it and the validators. A server that cannot be asked any more shows
   * no change: what was read stands.
   */
  async settle(signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const wanted = Math.min(this.#head.length, HTTP_HEAD);
    if (wanted === 0) return;
    try {
      const now = await gather(this.name, this.#body(0, wanted, signal), 0, wanted);
      if (now.every((byte, i) => byte === this.#head[i])) return;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'SOURCE_NOT_FOUND') throw new AppError('SOURCE_CHANGED', { name: this.name, reason: 'gone' });
      if (BREAKS.includes(error.code) || error.code === 'SOURCE_HTTP' || error.code === 'SOURCE_CORS') return;
      throw error;
    }
    throw new AppError('SOURCE_CHANGED', { name: this.name, reason: 'content' });
  }

  /** The bytes, resumed after a break: at most HTTP_TRIES times without READ_CHUNK bytes of progress between. */
  async *#pull(
    start: number,
    end: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const clock = this.#transport.clock ?? systemClock;
    let at = start;
    let failures = 0;
    let resumedAt = start;
    while (at < end) {
      try {
        for await (const chunk of this.#body(at, end, signal)) {
          at += chunk.length;
          yield chunk;
          throwIfAborted(signal);
        }
      } catch (error) {
        if (!(error instanceof AppError) || !BREAKS.includes(error.code)) throw error;
        if (at > end || !this.#mayResume(at, start)) throw error;
        failures = at - resumedAt >= READ_CHUNK ? 1 : failures + 1;
        if (failures >= HTTP_TRIES) throw error;
        resumedAt = at;
        await clock.sleep(backoff(failures, clock), signal);
      }
    }
  }

  /** Two answers are put together only when equal validators prove that they are about the same bytes. */
  #mayResume(at: number, start: number): boolean {
    return at === start || (this.#ranged && this.#ranges.validators.strong);
  }

  /** One request's bytes of [start, end): exactly those, or a coded error after fewer. */
  async *#body(
    start: number,
    end: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    // Up to the end of the file the range is left open: a file that has grown then shows itself.
    const asked = await this.#ranges.ask(start, end === this.size ? null : end, signal);
    try {
      yield* exactBody(asked, this.name, start, end, this.size);
    } finally {
      await asked.answer.cancel();
    }
  }

  /**
   * Without ranges a header can be had only by reading from the beginning again. Each time at least twice as much is
   * taken and kept, so that a reader that goes forward in small steps costs at most four times what it reads.
   */
  async #growHead(end: number, signal: AbortSignal | undefined): Promise<void> {
    if (end <= this.#head.length) return;
    if (end > HTTP_SEQUENTIAL_HEAD_MAX) throw new AppError('SOURCE_RANGE_IGNORED', { name: this.name, end });
    const wanted = Math.min(Math.max(end, this.#head.length * 2), this.size, HTTP_SEQUENTIAL_HEAD_MAX);
    this.#head = await gather(this.name, this.#pull(0, wanted, signal), 0, wanted);
  }
}

async function* exactBody(
  asked: RangeAnswer,
  name: string,
  start: number,
  end: number,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (!asked.partial && start > 0) throw new AppError('SOURCE_RANGE_IGNORED', { name, start });
  let at = start;
  for (let chunk = await asked.answer.read(); chunk !== null; chunk = await asked.answer.read()) {
    const rest = end - at;
    if (chunk.length > rest) {
      // A whole file was sent where its beginning was wanted: the rest is not read.
      if (!asked.partial && end < size) {
        if (rest > 0) yield chunk.slice(0, rest);
        return;
      }
      const code = asked.partial ? 'SOURCE_RANGE_LIED' : 'SOURCE_LENGTH';
      throw new AppError(code, { name, reason: 'longer', start, wanted: end - start, got: at + chunk.length - start });
    }
    at += chunk.length;
    yield chunk;
  }
  if (at !== end) throw new AppError('SOURCE_LENGTH', { name, start, wanted: end - start, got: at - start });
}
