import { AppError } from '../errors.ts';
import { LEAF_BYTES_WAITING, TENSOR_LEAF } from '../limits.ts';
import type { HashProvider, ShortSha256 } from './hasher.ts';
import { LEAF_DIGEST_BYTES, leafCount, treeRoot, type TreeSubject } from './tree.ts';

/**
 * `assay-tensor-v1` of bytes that are made as they go: the canonical form of a tensor, which lies in no file. Bytes given
 * to `update` are copied, so they may be a view of something short-lived; leaves go to native SHA-256 on another thread.
 *
 * `update` never waits, because what makes the bytes cannot: call `room` between pieces of work.
 */
export class TreeStream {
  readonly #subject: TreeSubject;
  readonly #hashes: HashProvider;
  readonly #short: ShortSha256;
  readonly #leaves: Uint8Array;
  readonly #spare: Uint8Array[];
  #leaf: Uint8Array | null = null;
  #filled = 0;
  #next = 0;
  #taken = 0;
  #waiting = 0;
  #failure: unknown = null;
  #wake: (() => void) | null = null;

  /**
   * @param short from `hashes.short()`: one for any number of streams
   * @param spare buffers of `TENSOR_LEAF` bytes, handed from stream to stream: memory that threads share is given back late
   */
  constructor(subject: TreeSubject, hashes: HashProvider, short: ShortSha256, spare: Uint8Array[] = []) {
    this.#spare = spare;
    this.#subject = subject;
    this.#hashes = hashes;
    this.#short = short;
    this.#leaves = new Uint8Array(leafCount(subject.byteLength) * LEAF_DIGEST_BYTES);
  }

  update(bytes: Uint8Array): void {
    this.#taken += bytes.length;
    if (this.#taken > this.#subject.byteLength) this.#mismatch();
    for (let at = 0; at < bytes.length;) {
      const size = Math.min(TENSOR_LEAF, this.#subject.byteLength - this.#next * TENSOR_LEAF);
      this.#leaf ??= this.#buffer(size);
      const take = Math.min(bytes.length - at, size - this.#filled);
      this.#leaf.set(bytes.subarray(at, at + take), this.#filled);
      this.#filled += take;
      at += take;
      if (this.#filled === size) this.#close(size);
    }
  }

  /** Resolves when at most `LEAF_BYTES_WAITING` are on their way. */
  async room(): Promise<void> {
    await this.#until(LEAF_BYTES_WAITING);
  }

  /**
   * Lower-case hex.
   *
   * @throws AppError FORMAT_SIZE_MISMATCH when other than `byteLength` bytes came; whatever a hasher failed with
   */
  async digest(): Promise<string> {
    if (this.#taken !== this.#subject.byteLength) this.#mismatch();
    await this.#until(0);
    if (this.#leaf?.length === TENSOR_LEAF) this.#spare.push(this.#leaf);
    this.#leaf = null;
    return treeRoot(this.#subject, this.#leaves, this.#short);
  }

  #buffer(size: number): Uint8Array {
    if (size <= this.#hashes.shortMax && size < TENSOR_LEAF) return new Uint8Array(size);
    return this.#spare.pop() ?? this.#hashes.allocate?.(TENSOR_LEAF) ?? new Uint8Array(TENSOR_LEAF);
  }

  #close(size: number): void {
    const buffer = this.#leaf!;
    const bytes = buffer.subarray(0, size);
    const at = this.#next++ * LEAF_DIGEST_BYTES;
    this.#filled = 0;
    if (size <= this.#hashes.shortMax) {
      this.#leaves.set(this.#short(bytes), at);
      return;
    }
    this.#leaf = null;
    this.#waiting += size;
    this.#hashes
      .sha256(bytes)
      .then((digest) => this.#leaves.set(digest, at))
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        this.#waiting -= size;
        if (buffer.length === TENSOR_LEAF) this.#spare.push(buffer);
        this.#wake?.();
      });
  }

  async #until(most: number): Promise<void> {
    while (this.#waiting > most) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = null;
    if (this.#failure !== null) throw this.#failure;
  }

  #mismatch(): never {
    throw new AppError('FORMAT_SIZE_MISMATCH', { expected: this.#subject.byteLength, actual: this.#taken });
  }
}
