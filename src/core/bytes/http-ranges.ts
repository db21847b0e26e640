import { AppError } from '../errors.ts';
import { parseContentRange } from './content-range.ts';
import { patientRequest, statedPause } from './patience.ts';
import type { Answer } from './request.ts';
import { systemClock, type HttpTransport } from './transport.ts';
import { Validators } from './validators.ts';

export interface HttpFile {
  /** Path within its model. */
  readonly name: string;
  readonly url: string;
  /** Bytes, as a trusted listing said. */
  readonly size?: number;
  /** `Bearer …`; only ever sent to the origin of `url`. */
  readonly authorization?: string;
}

/** A checked answer to a range request. */
export interface RangeAnswer {
  readonly answer: Answer;
  /** False: the server ignored the range, the body is the file from its beginning. */
  readonly partial: boolean;
  /** Bytes of the whole file, when the answer says. */
  readonly total?: number;
  /** Exclusive end of the body, when the answer says. */
  readonly end?: number;
  /** Bytes of the body, when the answer says. */
  readonly length?: number;
}

/** Statuses of a signed address that is no longer good. */
const EXPIRED: readonly number[] = [400, 401, 403, 404, 410];

/**
 * Range requests to one file, each held against the ones before: same validators, same total.
 *
 * Where a redirect led is asked directly from then on: the Hub counts every request to `/resolve/`, its CDN does not.
 * When that signed address expires, the original one is asked again.
 */
export class HttpRanges {
  readonly file: HttpFile;
  readonly validators: Validators;
  readonly #transport: HttpTransport;
  #direct: string | undefined;
  #total: number | undefined;

  constructor(file: HttpFile, transport: HttpTransport) {
    this.file = file;
    this.#transport = transport;
    this.validators = new Validators(file.name, (transport.clock ?? systemClock).now());
  }

  /**
   * Asks for bytes from `start` up to `end` (exclusive), or to the end of the file when `end` is null: only such an
   * open range shows a file that is longer than believed.
   *
   * @throws AppError SOURCE_* ; SOURCE_RANGE_LIED when the answer is about other bytes; SOURCE_CHANGED when it is about
   * another version; SOURCE_NOT_FOUND; SOURCE_HTTP {status}
   */
  async ask(start: number, end: number | null, signal: AbortSignal | undefined): Promise<RangeAnswer> {
    let answer = await this.#request(this.#direct ?? this.file.url, start, end, signal);
    const expired = this.#direct !== undefined && EXPIRED.includes(answer.status);
    // CDNs were seen to answer 416 at random for bytes that exist (huggingface/datasets #7685): asked once more.
    if (expired || (answer.status === 416 && start < (this.#total ?? 0))) {
      await answer.cancel();
      this.#direct = undefined;
      answer = await this.#request(this.file.url, start, end, signal);
    }
    try {
      const checked = this.#check(answer, start, end);
      if (answer.url !== this.file.url) this.#direct = answer.url;
      this.#total ??= checked.total;
      return checked;
    } catch (error) {
      await answer.cancel();
      throw error;
    }
  }

  #request(url: string, start: number, end: number | null, signal: AbortSignal | undefined): Promise<Answer> {
    const { authorization } = this.file;
    const own = url === this.file.url || new URL(url).origin === new URL(this.file.url).origin;
    const headers = {
      // A single plain range needs no CORS preflight, and makes the platform ask for unencoded bytes (Fetch standard).
      range: `bytes=${start}-${end === null ? '' : end - 1}`,
      ...(authorization !== undefined && own ? { authorization } : {}),
    };
    return patientRequest(url, { headers, signal }, this.#transport);
  }

  #check(answer: Answer, start: number, end: number | null): RangeAnswer {
    const { name } = this.file;
    if (answer.status === 416) throw this.#outOfRange(answer, start);
    if (answer.status === 404 || answer.status === 410) {
      throw new AppError('SOURCE_NOT_FOUND', { name, status: answer.status });
    }
    if (answer.status !== 200 && answer.status !== 206) throw this.#refused(answer);
    const encoding = answer.headers.get('content-encoding');
    if (encoding !== null && encoding !== 'identity') {
      throw new AppError('SOURCE_HTTP', { name, status: answer.status, reason: 'encoded', encoding });
    }
    this.validators.check(answer.headers);
    const stated = answer.headers.get('content-length') ?? '';
    const length = /^\d{1,15}$/.test(stated) ? { length: Number(stated) } : {};
    if (answer.status === 200) return { answer, partial: false, ...length, ...this.#sameTotal(length.length) };
    return { answer, partial: true, ...length, ...this.#checkContentRange(answer, start, end) };
  }

  #checkContentRange(answer: Answer, start: number, end: number | null): { total?: number; end?: number } {
    const text = answer.headers.get('content-range');
    // Across origins the header is invisible unless the server exposes it; then the byte count has to do.
    if (text === null) return {};
    const range = parseContentRange(text);
    const lie = new AppError('SOURCE_RANGE_LIED', {
      name: this.file.name,
      start,
      ...(end === null ? {} : { end }),
      text,
    });
    if (range?.start === undefined || range.end === undefined || range.start !== start) throw lie;
    const total = this.#sameTotal(range.total);
    // A server may stop at the end of the file, nowhere else (RFC 9110 would allow it, and nothing here asks for that).
    const expected = Math.min(end ?? Infinity, total.total ?? this.#total ?? range.end);
    if (range.end !== expected) throw lie;
    return { ...total, end: range.end };
  }

  #sameTotal(total: number | undefined): { total?: number } {
    if (total === undefined) return {};
    if (this.#total !== undefined && this.#total !== total) {
      const detail = { name: this.file.name, reason: 'size', size: this.#total, sizeNow: total };
      throw new AppError('SOURCE_CHANGED', detail);
    }
    return { total };
  }

  #outOfRange(answer: Answer, start: number): AppError {
    const { name } = this.file;
    const total = parseContentRange(answer.headers.get('content-range') ?? '')?.total;
    if (total !== undefined && this.#total !== undefined && total !== this.#total) {
      return new AppError('SOURCE_CHANGED', { name, reason: 'size', size: this.#total, sizeNow: total });
    }
    return new AppError('SOURCE_HTTP', { name, status: 416, start, ...(total === undefined ? {} : { total }) });
  }

  #refused(answer: Answer): AppError {
    const { name } = this.file;
    const seconds = statedPause(answer.headers, (this.#transport.clock ?? systemClock).now());
    const code = answer.headers.get('x-error-code');
    // The Hub lists a gated repository to everyone and refuses only its files: the one refusal a person can act on.
    if (code === 'GatedRepo') return new AppError('HUB_GATED', { name, status: answer.status });
    return new AppError('SOURCE_HTTP', {
      name,
      status: answer.status,
      ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
      ...(code === null ? {} : { serverCode: code.slice(0, 100) }),
    });
  }
}
