import { AppError } from '../errors.ts';
import { LEAF_BYTES_WAITING, TENSOR_LEAF } from '../limits.ts';
import type { HashProvider, ShortSha256 } from './hasher.ts';
import { ChunkLease } from './lease.ts';
import { distinctRanges, RangeCutter, type Placed, type SharedRange } from './ranges.ts';
import { LEAF_DIGEST_BYTES, leafCount, treeRoot, type TreeSubject } from './tree.ts';

export interface LaneTensor extends TreeSubject, Placed {}

/** Whoever computes `assay-tensor-v1` while a file streams by: in this thread, or in another that gets the chunks. */
export interface Lane {
  /**
   * Takes the next chunk of the file. Resolves when there is room for another, not when its leaves are done: those hold
   * the lease.
   *
   * @param offset of the chunk's first byte in the file
   */
  feed(lease: ChunkLease, offset: number): Promise<void>;
  /**
   * Digests in the order of the tensors, lower-case hex; empty for a tensor that `distinctRanges` left out.
   *
   * @throws AppError SOURCE_LENGTH when the stream ended inside a tensor; whatever a hasher failed with
   */
  finish(): Promise<readonly string[]>;
  /** Ends the work on a stream that will not be finished. */
  close?(): void;
}

/** What is known so far of a range that the stream has reached. */
interface Growing {
  /** Digests of the leaves, at their places. */
  readonly leaves: Uint8Array;
  /** Leaves whose digest is not known yet. */
  missing: number;
  /** A leaf that began in an earlier chunk. */
  partial: Uint8Array | null;
  filled: number;
}

/**
 * Computes `assay-tensor-v1` of any number of tensors while their file streams by, once and in order.
 *
 * Leaves go to native SHA-256 beside the file's own digest, those of tiny tensors are hashed in place. At most
 * `LEAF_BYTES_WAITING` are on their way, so memory does not depend on the size of the file.
 */
export class TensorLane implements Lane {
  readonly #tensors: readonly LaneTensor[];
  readonly #ranges: readonly SharedRange[];
  readonly #cutter: RangeCutter;
  readonly #hashes: HashProvider;
  readonly #short: ShortSha256;
  readonly #growing = new Map<number, Growing>();
  readonly #roots: string[];
  readonly #spare: Uint8Array[] = [];
  #waiting = 0;
  #closed = 0;
  #failure: unknown = null;
  #wake: (() => void) | null = null;

  private constructor(tensors: readonly LaneTensor[], size: number, hashes: HashProvider, short: ShortSha256) {
    this.#tensors = tensors;
    this.#ranges = distinctRanges(tensors, size);
    this.#cutter = new RangeCutter(this.#ranges);
    this.#hashes = hashes;
    this.#short = short;
    this.#roots = tensors.map(() => '');
    for (const range of this.#ranges) if (range.start === range.end) this.#close(range, new Uint8Array(0));
  }

  /** @param size length of the file in bytes */
  static async create(tensors: readonly LaneTensor[], size: number, hashes: HashProvider): Promise<TensorLane> {
    return new TensorLane(tensors, size, hashes, await hashes.short());
  }

  async feed(lease: ChunkLease, offset: number): Promise<void> {
    for (const { range, at, bytes } of this.#cutter.cut(lease.chunk, offset)) {
      for (let taken = 0; taken < bytes.length;) {
        if (this.#waiting > LEAF_BYTES_WAITING) await this.#until(LEAF_BYTES_WAITING);
        taken += this.#take(range, at + taken, bytes.subarray(taken), lease);
      }
    }
    if (this.#failure !== null) throw this.#failure;
  }

  async finish(): Promise<readonly string[]> {
    await this.#until(0);
    if (this.#failure !== null) throw this.#failure;
    if (this.#closed < this.#ranges.length) {
      throw new AppError('SOURCE_LENGTH', { end: this.#ranges.at(-1)!.end });
    }
    return this.#roots;
  }

  /** Uses bytes up to the end of the leaf they are in and says how many. */
  #take(range: number, at: number, bytes: Uint8Array, lease: ChunkLease): number {
    const { start, end } = this.#ranges[range]!;
    const length = end - start;
    const leaf = Math.floor(at / TENSOR_LEAF);
    const leafLength = Math.min(TENSOR_LEAF, length - leaf * TENSOR_LEAF);
    let state = this.#growing.get(range);
    if (state === undefined) {
      const count = leafCount(length);
      state = { leaves: new Uint8Array(count * LEAF_DIGEST_BYTES), missing: count, partial: null, filled: 0 };
      this.#growing.set(range, state);
    }
    if (state.partial === null && bytes.length >= leafLength) {
      this.#hash(range, leaf, bytes.subarray(0, leafLength), lease);
      return leafLength;
    }
    state.partial ??= this.#buffer(leafLength);
    const partial = state.partial;
    const taken = Math.min(bytes.length, leafLength - state.filled);
    partial.set(taken === bytes.length ? bytes : bytes.subarray(0, taken), state.filled);
    state.filled += taken;
    if (state.filled === leafLength) {
      state.partial = null;
      state.filled = 0;
      const own = new ChunkLease(partial, (buffer) => this.#keep(buffer));
      this.#hash(range, leaf, partial, own);
      own.drop();
    }
    return taken;
  }

  /** Digests one leaf, holding the memory it lies in for as long as that takes. */
  #hash(range: number, leaf: number, bytes: Uint8Array, lease: ChunkLease): void {
    if (bytes.length <= this.#hashes.shortMax) {
      this.#place(range, leaf, this.#short(bytes));
      return;
    }
    lease.hold();
    this.#waiting += bytes.length;
    this.#hashes
      .sha256(bytes)
      .then((digest) => this.#place(range, leaf, digest))
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        this.#waiting -= bytes.length;
        lease.drop();
        this.#wake?.();
      });
  }

  #place(range: number, leaf: number, digest: Uint8Array): void {
    const state = this.#growing.get(range)!;
    state.leaves.set(digest, leaf * LEAF_DIGEST_BYTES);
    if (--state.missing > 0) return;
    this.#growing.delete(range);
    this.#close(this.#ranges[range]!, state.leaves);
  }

  #close(range: SharedRange, leaves: Uint8Array): void {
    this.#closed++;
    for (const member of range.members) this.#roots[member] = treeRoot(this.#tensors[member]!, leaves, this.#short);
  }

  /** Waits until at most `most` bytes are on their way. */
  async #until(most: number): Promise<void> {
    while (this.#waiting > most) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = null;
  }

  #buffer(length: number): Uint8Array {
    const spare = length === TENSOR_LEAF ? this.#spare.pop() : undefined;
    return spare ?? this.#hashes.allocate?.(length) ?? new Uint8Array(length);
  }

  #keep(buffer: Uint8Array): void {
    if (buffer.length === TENSOR_LEAF && this.#spare.length < 4) this.#spare.push(buffer);
  }
}
