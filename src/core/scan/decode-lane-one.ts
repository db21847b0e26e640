/** What is computed from the decoded numbers of one tensor: statistics and its canonical digest. */
import type { ErrorData } from '../errors.ts';
import type { HashProvider, ShortSha256 } from '../hash/hasher.ts';
import { TreeStream } from '../hash/tree-stream.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { LEAF_BYTES_WAITING } from '../limits.ts';
import { canonicalForm } from '../tensors/canonical.ts';
import type { TensorStats } from '../tensors/stats.ts';
import { Summary } from '../tensors/summary.ts';

/** Plain data: it crosses worker boundaries. */
export interface TensorNumbers {
  /** Digest of the canonical form (DESIGN "Digests"), lower-case hex; null with `error`. */
  readonly canonical: string | null;
  readonly stats: TensorStats | null;
  /** Why the numbers are not known: FORMAT_NOT_DECODED, FORMAT_NO_DATA, FORMAT_OVERLAP, or what is broken. */
  readonly error?: ErrorData;
}

export function unknownNumbers(error: ErrorData): TensorNumbers {
  return { canonical: null, stats: null, error };
}

/** Means that all tensors of one run share, and a bound for the bytes that wait to be hashed on other threads. */
export class DecodeTools {
  readonly hashes: HashProvider;
  readonly kernels: Kernels;
  readonly short: ShortSha256;
  /** Leaf buffers that no tensor uses at the moment. */
  readonly spare: Uint8Array[] = [];
  readonly #closing = new Set<Promise<unknown>>();
  #waiting = 0;
  #open: TreeStream | null = null;

  private constructor(hashes: HashProvider, kernels: Kernels, short: ShortSha256) {
    this.hashes = hashes;
    this.kernels = kernels;
    this.short = short;
  }

  /** Loads the kernels, which nothing else of an ordinary scan needs. */
  static async create(hashes: HashProvider): Promise<DecodeTools> {
    const { loadKernels } = await import('../kernels/wasm.ts');
    return new DecodeTools(hashes, await loadKernels(), await hashes.short());
  }

  /** Resolves when at most about twice `LEAF_BYTES_WAITING` are on their way, over all tensors. */
  readonly room = async (): Promise<void> => {
    await this.#open?.room();
    while (this.#waiting > LEAF_BYTES_WAITING) await Promise.race(this.#closing);
  };

  fed(tree: TreeStream): void {
    this.#open = tree;
  }

  /** The digest of a tree that got its last byte. Failures wait for whoever awaits it. */
  close(tree: TreeStream, byteLength: number): Promise<string> {
    if (this.#open === tree) this.#open = null;
    const bytes = Math.min(byteLength, LEAF_BYTES_WAITING);
    const digest = tree.digest();
    const settled = digest
      .catch(() => undefined)
      .finally(() => {
        this.#waiting -= bytes;
        this.#closing.delete(settled);
      });
    this.#waiting += bytes;
    this.#closing.add(settled);
    return digest;
  }
}

/** Gathers the numbers of one tensor from tiles. */
export class NumbersOfOne {
  readonly #tools: DecodeTools;
  readonly #summary: Summary;
  readonly #tree: TreeStream | null;
  readonly #bytes: number;

  /**
   * @param dtype of the decoded numbers
   * @param hashed false when the digest of the stored bytes will do, unless NaN are among them
   */
  constructor(dtype: string, shape: readonly number[], tools: DecodeTools, hashed = true) {
    const form = canonicalForm(dtype, shape);
    this.#tools = tools;
    this.#bytes = form.byteLength;
    this.#tree = hashed ? new TreeStream(form, tools.hashes, tools.short, tools.spare) : null;
    this.#summary = new Summary(dtype, this.#tree === null ? {} : { canonical: this.#tree }, tools.kernels);
  }

  tile(values: Float32Array, stored: Uint8Array): void {
    if (this.#tree !== null) this.#tools.fed(this.#tree);
    this.#summary.add(values, stored);
  }

  /** After the last tile. `canonical` is null where nothing was hashed. */
  async result(): Promise<{ readonly canonical: string | null; readonly stats: TensorStats }> {
    const stats = this.#summary.result();
    const canonical = this.#tree === null ? null : await this.#tools.close(this.#tree, this.#bytes);
    return { canonical, stats };
  }
}
