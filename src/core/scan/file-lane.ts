import { toHex } from '../bytes/hex.ts';
import type { Algorithm, HashProvider, StreamHasher } from '../hash/hasher.ts';

/**
 * The digests of a whole file. SHA-256 of a file that fits in memory is one native call at the end; all else streams.
 */
export class FileLane {
  readonly #hashes: HashProvider;
  readonly #streams: ReadonlyMap<Algorithm, StreamHasher>;
  readonly #whole: Uint8Array | null;

  private constructor(hashes: HashProvider, streams: ReadonlyMap<Algorithm, StreamHasher>, whole: Uint8Array | null) {
    this.#hashes = hashes;
    this.#streams = streams;
    this.#whole = whole;
  }

  /** @param size bytes of the file */
  static async create(algorithms: Iterable<Algorithm>, size: number, hashes: HashProvider): Promise<FileLane> {
    const streams = new Map<Algorithm, StreamHasher>();
    let whole: Uint8Array | null = null;
    for (const algorithm of new Set(algorithms)) {
      if (algorithm === 'sha256' && size <= hashes.oneShotMax) whole = new Uint8Array(size);
      else streams.set(algorithm, await hashes.create(algorithm, size));
    }
    return new FileLane(hashes, streams, whole);
  }

  feed(chunk: Uint8Array, offset: number): void {
    this.#whole?.set(chunk, offset);
    for (const hasher of this.#streams.values()) hasher.update(chunk);
  }

  /** Lower-case hex by algorithm. */
  async finish(): Promise<Partial<Record<Algorithm, string>>> {
    const digests: Partial<Record<Algorithm, string>> = {};
    if (this.#whole !== null) digests.sha256 = toHex(await this.#oneShot(this.#whole));
    for (const [algorithm, hasher] of this.#streams) digests[algorithm] = hasher.digest();
    return digests;
  }

  async #oneShot(bytes: Uint8Array): Promise<Uint8Array> {
    if (bytes.length > this.#hashes.shortMax) return this.#hashes.sha256(bytes);
    return (await this.#hashes.short())(bytes);
  }
}
