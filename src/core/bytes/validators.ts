import { AppError } from '../errors.ts';

/** Last-Modified counts in seconds: it is proof of sameness only when it was not fresh (RFC 9110 §8.8.2.2). */
const SETTLED_MS = 60_000;

/** What a server says identifies the version of a file; the same in every answer, or the file changed between them. */
export class Validators {
  readonly #name: string;
  readonly #openedAt: number;
  #etag: string | null = null;
  #lastModified: string | null = null;

  constructor(name: string, now: number) {
    this.#name = name;
    this.#openedAt = now;
  }

  /**
   * Holds an answer against the ones before. A validator that appears or vanishes is not a change: the Hub and its CDN
   * expose different ones.
   * @throws AppError SOURCE_CHANGED
   */
  check(headers: Headers): void {
    const etag = headers.get('etag');
    const lastModified = headers.get('last-modified');
    // A weak etag (W/"x") may stand for the same version as the strong one, never for another.
    if (this.#etag !== null && etag !== null && opaque(this.#etag) !== opaque(etag)) {
      throw new AppError('SOURCE_CHANGED', { name: this.#name, reason: 'etag', before: this.#etag, now: etag });
    }
    // With equal etags the date decides nothing: mirrors of one CDN may disagree about it.
    const sameEtag = this.#etag !== null && etag !== null;
    if (!sameEtag && this.#lastModified !== null && lastModified !== null && this.#lastModified !== lastModified) {
      const detail = { name: this.#name, reason: 'last-modified', before: this.#lastModified, now: lastModified };
      throw new AppError('SOURCE_CHANGED', detail);
    }
    this.#etag ??= etag;
    this.#lastModified ??= lastModified;
  }

  /** True when equal validators prove equal bytes, so that parts of two answers may be put together. */
  get strong(): boolean {
    if (this.#etag !== null) return !this.#etag.startsWith('W/');
    if (this.#lastModified === null) return false;
    return this.#openedAt - Date.parse(this.#lastModified) > SETTLED_MS;
  }
}

function opaque(etag: string): string {
  return etag.startsWith('W/') ? etag.slice(2) : etag;
}
