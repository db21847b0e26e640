import type { Algorithm, HashProvider, StreamHasher } from './hasher.ts';
import { distinctRanges, RangeCutter, type Placed, type SharedRange } from './ranges.ts';

/** Digests of tensors that some claim states in another form than ours, as llama.cpp's gguf-hash does. */
export interface ExtraDigests {
  /** Algorithm → digests of the stored bytes, in the order of the tensors; empty text: not known. */
  readonly tensors: Partial<Record<Algorithm, readonly string[]>>;
  /** Algorithm → digest over all tensors' bytes one after another in the order of the table. */
  readonly data: Partial<Record<Algorithm, string>>;
}

/** Hashers of one algorithm, used again: a hundred thousand tensors must not make a hundred thousand WASM instances. */
class Pool {
  readonly #make: () => Promise<StreamHasher>;
  readonly #free: StreamHasher[] = [];

  constructor(make: () => Promise<StreamHasher>) {
    this.#make = make;
  }

  async take(size: number): Promise<StreamHasher> {
    const hasher = this.#free.pop() ?? (await this.#make());
    hasher.reset(size);
    return hasher;
  }

  give(hasher: StreamHasher): void {
    this.#free.push(hasher);
  }
}

/** Feeds plain streaming hashers per tensor and over all tensor data, in the same pass as everything else. */
export class ExtraLane {
  readonly #algorithms: readonly Algorithm[];
  readonly #ranges: readonly SharedRange[];
  readonly #cutter: RangeCutter;
  readonly #pools: readonly Pool[];
  readonly #open = new Map<number, StreamHasher[]>();
  readonly #digests: string[][];
  /** One per algorithm, or none when the table's order is not the order of the bytes. */
  readonly #whole: readonly StreamHasher[];

  private constructor(
    placed: readonly Placed[],
    size: number,
    algorithms: readonly Algorithm[],
    hashes: HashProvider,
    whole: readonly StreamHasher[],
  ) {
    this.#algorithms = algorithms;
    this.#ranges = distinctRanges(placed, size);
    this.#cutter = new RangeCutter(this.#ranges);
    this.#pools = algorithms.map((algorithm) => new Pool(() => hashes.create(algorithm, 0)));
    this.#digests = algorithms.map(() => placed.map(() => ''));
    this.#whole = whole;
  }

  static async create(
    placed: readonly Placed[],
    size: number,
    algorithms: readonly Algorithm[],
    hashes: HashProvider,
  ): Promise<ExtraLane> {
    const total = placed.reduce((sum, p) => sum + p.byteLength, 0);
    const whole = followsTable(placed, size) ? await Promise.all(algorithms.map((a) => hashes.create(a, total))) : [];
    const lane = new ExtraLane(placed, size, algorithms, hashes, whole);
    await lane.#closeEmpty();
    return lane;
  }

  /** Takes the next chunk of the file. */
  async feed(chunk: Uint8Array, offset: number): Promise<void> {
    for (const { range, at, bytes } of this.#cutter.cut(chunk, offset)) {
      const { start, end } = this.#ranges[range]!;
      const hashers = this.#open.get(range) ?? (await this.#begin(range, end - start));
      for (const hasher of hashers) hasher.update(bytes);
      for (const hasher of this.#whole) hasher.update(bytes);
      if (at + bytes.length === end - start) this.#end(range, hashers);
    }
  }

  finish(): ExtraDigests {
    const tensors: Partial<Record<Algorithm, readonly string[]>> = {};
    const data: Partial<Record<Algorithm, string>> = {};
    for (const [i, algorithm] of this.#algorithms.entries()) {
      tensors[algorithm] = this.#digests[i]!;
      const whole = this.#whole[i];
      if (whole !== undefined) data[algorithm] = whole.digest();
    }
    return { tensors, data };
  }

  async #begin(range: number, length: number): Promise<StreamHasher[]> {
    const hashers = await Promise.all(this.#pools.map((pool) => pool.take(length)));
    this.#open.set(range, hashers);
    return hashers;
  }

  #end(range: number, hashers: readonly StreamHasher[]): void {
    this.#open.delete(range);
    for (const [i, hasher] of hashers.entries()) {
      const digest = hasher.digest();
      for (const member of this.#ranges[range]!.members) this.#digests[i]![member] = digest;
      this.#pools[i]!.give(hasher);
    }
  }

  async #closeEmpty(): Promise<void> {
    for (const [range, { start, end }] of this.#ranges.entries()) {
      if (start === end) this.#end(range, await this.#begin(range, 0));
    }
  }
}

/** True when one pass over the file meets the tensors in the order of the table, each byte once. */
function followsTable(placed: readonly Placed[], size: number): boolean {
  let at = 0;
  for (const { start, byteLength } of placed) {
    if (byteLength === 0) continue;
    if (start < at || byteLength > size - start) return false;
    at = start + byteLength;
  }
  return true;
}
