/** Digests of the tensors of one artifact: those that lie in the file as it streams by, the others afterwards. */
import type { ByteSource } from '../bytes/source.ts';
import { AppError, throwIfAborted, toErrorData, type ErrorData } from '../errors.ts';
import type { OpenArtifact } from '../formats/format.ts';
import { ExtraLane } from '../hash/extra-lane.ts';
import type { Algorithm, HashProvider } from '../hash/hasher.ts';
import { ChunkLease } from '../hash/lease.ts';
import { TensorLane, type Lane, type LaneTensor } from '../hash/tensor-lane.ts';
import type { TensorEntry } from '../tensors/entry.ts';

/** All arrays are in the order of the artifact's tensors; empty text: not known. */
export interface TensorDigests {
  readonly digests: readonly string[];
  readonly extra: Partial<Record<Algorithm, readonly string[]>>;
  readonly data: Partial<Record<Algorithm, string>>;
  /** Why a tensor that is stored compressed or scattered could not be put together. */
  readonly error?: ErrorData;
}

/** Means for digests of tensors. */
export interface TensorTools {
  readonly hashes: HashProvider;
  /** Makes the lane for a file of `size` bytes. Default: one in this thread. */
  readonly lane?: (tensors: readonly LaneTensor[], size: number) => Promise<Lane>;
}

/** A tensor whose row-major bytes are one piece of the file. */
function laid({ dtype, shape, byteLength, storage }: TensorEntry): LaneTensor | null {
  if (storage.kind !== 'range' || storage.strides !== undefined) return null;
  return { dtype, shape, byteLength, start: storage.start };
}

export class TensorDigester {
  readonly #opened: OpenArtifact;
  readonly #hashes: HashProvider;
  readonly #algorithms: readonly Algorithm[];
  /** For each tensor of the lanes its place among all tensors. */
  readonly #places: readonly number[];
  readonly #lane: Lane;
  readonly #extra: ExtraLane | null;

  private constructor(
    opened: OpenArtifact,
    hashes: HashProvider,
    algorithms: readonly Algorithm[],
    places: readonly number[],
    lane: Lane,
    extra: ExtraLane | null,
  ) {
    this.#opened = opened;
    this.#hashes = hashes;
    this.#algorithms = algorithms;
    this.#places = places;
    this.#lane = lane;
    this.#extra = extra;
  }

  /** @param algorithms plain digests per tensor that some claim asks for, besides `assay-tensor-v1` */
  static async create(
    source: ByteSource,
    opened: OpenArtifact,
    algorithms: readonly Algorithm[],
    { hashes, lane: makeLane }: TensorTools,
  ): Promise<TensorDigester> {
    const places: number[] = [];
    const tensors: LaneTensor[] = [];
    for (const [place, entry] of opened.tensors.entries()) {
      const tensor = laid(entry);
      if (tensor === null) continue;
      places.push(place);
      tensors.push(tensor);
    }
    const lane = await (makeLane?.(tensors, source.size) ?? TensorLane.create(tensors, source.size, hashes));
    const extra = algorithms.length > 0 ? await ExtraLane.create(tensors, source.size, algorithms, hashes) : null;
    return new TensorDigester(opened, hashes, algorithms, places, lane, extra);
  }

  /** Takes the next chunk of the file. Leaves may still read it afterwards: they hold the lease. */
  async feed(lease: ChunkLease, offset: number): Promise<void> {
    await this.#lane.feed(lease, offset);
    if (this.#extra !== null) await this.#extra.feed(lease.chunk, offset);
  }

  /** Ends the work on a file that is not read to its end. */
  close(): void {
    this.#lane.close?.();
  }

  /** After the last chunk. Tensors that are not one piece of the file are read now, by the format's own recipe. */
  async finish(signal: AbortSignal): Promise<TensorDigests> {
    const digests = this.#spread(await this.#lane.finish());
    const found = this.#extra?.finish();
    const extra: Partial<Record<Algorithm, string[]>> = {};
    for (const algorithm of this.#algorithms) extra[algorithm] = this.#spread(found?.tensors[algorithm] ?? []);
    const complete = this.#places.length === this.#opened.tensors.length;
    const error = await this.#assemble(digests, extra, signal);
    return { digests, extra, data: complete ? (found?.data ?? {}) : {}, ...(error === null ? {} : { error }) };
  }

  #spread(ofLane: readonly string[]): string[] {
    const all = this.#opened.tensors.map(() => '');
    for (const [i, place] of this.#places.entries()) all[place] = ofLane[i] ?? '';
    return all;
  }

  async #assemble(
    digests: string[],
    extra: Partial<Record<Algorithm, string[]>>,
    signal: AbortSignal,
  ): Promise<ErrorData | null> {
    if (this.#opened.payload === undefined) return null;
    let failure: ErrorData | null = null;
    for (const [place, tensor] of this.#opened.tensors.entries()) {
      if (laid(tensor) !== null || tensor.storage.kind === 'absent') continue;
      throwIfAborted(signal);
      try {
        const one = await this.#payload(tensor, signal);
        digests[place] = one.digest;
        for (const algorithm of this.#algorithms) extra[algorithm]![place] = one.extra[algorithm] ?? '';
      } catch (error) {
        if (!(error instanceof AppError) || !error.code.startsWith('FORMAT_')) throw error;
        failure ??= toErrorData(error);
      }
    }
    return failure;
  }

  async #payload(
    tensor: TensorEntry,
    signal: AbortSignal,
  ): Promise<{ digest: string; extra: Partial<Record<Algorithm, string>> }> {
    const { dtype, shape, byteLength } = tensor;
    const alone = [{ dtype, shape, byteLength, start: 0 }];
    const lane = await TensorLane.create(alone, byteLength, this.#hashes);
    const plain =
      this.#algorithms.length > 0 ? await ExtraLane.create(alone, byteLength, this.#algorithms, this.#hashes) : null;
    let at = 0;
    for await (const chunk of this.#opened.payload!(tensor, signal)) {
      throwIfAborted(signal);
      if (chunk.length > byteLength - at)
        throw new AppError('FORMAT_SIZE_MISMATCH', { tensor: tensor.name, stated: byteLength });
      const lease = new ChunkLease(chunk);
      await lane.feed(lease, at);
      await plain?.feed(chunk, at);
      at += chunk.length;
    }
    if (at !== byteLength)
      throw new AppError('FORMAT_SIZE_MISMATCH', { tensor: tensor.name, stated: byteLength, actual: at });
    const extra: Partial<Record<Algorithm, string>> = {};
    const found = plain?.finish();
    for (const algorithm of this.#algorithms) extra[algorithm] = found?.tensors[algorithm]?.[0] ?? '';
    return { digest: (await lane.finish())[0]!, extra };
  }
}
