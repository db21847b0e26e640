import type { ByteSource } from '../bytes/source.ts';
import { AppError } from '../errors.ts';
import type { OpenArtifact } from '../formats/format.ts';
import type { HashProvider, StreamHasher } from '../hash/hasher.ts';

/** Bytes [0, headerEnd) of a file as they were parsed. */
type Parsed = Pick<OpenArtifact, 'headerEnd' | 'headerSha256'>;

/**
 * The header was parsed from reads of its own, before the pass. This hashes the same bytes as they come by in the pass:
 * were they others, the description would be of one file and the digest of another.
 */
export class HeaderGuard {
  readonly #name: string;
  readonly #end: number;
  readonly #expected: string;
  readonly #hasher: StreamHasher;

  private constructor(name: string, end: number, expected: string, hasher: StreamHasher) {
    this.#name = name;
    this.#end = end;
    this.#expected = expected;
    this.#hasher = hasher;
  }

  static async create(source: ByteSource, parsed: Parsed, hashes: HashProvider): Promise<HeaderGuard> {
    const hasher = await hashes.create('sha256', parsed.headerEnd);
    return new HeaderGuard(source.name, parsed.headerEnd, parsed.headerSha256, hasher);
  }

  feed(chunk: Uint8Array, offset: number): void {
    if (offset < this.#end) this.#hasher.update(chunk.subarray(0, this.#end - offset));
  }

  /** @throws AppError SOURCE_CHANGED {name, what: 'header'} */
  finish(): void {
    if (this.#hasher.digest() !== this.#expected)
      throw new AppError('SOURCE_CHANGED', { name: this.#name, what: 'header' });
  }
}
