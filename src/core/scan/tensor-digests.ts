/** Digests of the tensors of one artifact: those that lie in the file as it streams by, the others afterwards. */
import type { ByteSource } from '../bytes/source.ts';
import { AppError, throwIfAborted, toErrorData, type ErrorData } from '../errors.ts';
import type { OpenArtifact } from '../formats/format.ts';
import { ExtraLane } from '../hash/extra-lane.ts';
import type { Algorithm, HashProvider } from '../hash/hasher.ts';
import { ChunkLease } from '../hash/lease.ts';
import { TensorLane, type Lane, type LaneTensor } from '../hash/tensor-lane.ts';
import type { TensorEntry } from '../tensors/entry.ts';
import type { TensorFile } from '../tensors/read/model.ts';
import { storedBytesOf } from '../tensors/read/stored.ts';
import type { DecodeLane } from './decode-lane.ts';
import { DecodeTools, type TensorNumbers } from './decode-lane-one.ts';
import { decodeModel } from './decode-model.ts';

/** All arrays are in the order of the artifact's tensors; empty text: not known. */
export interface TensorDigests {
  readonly digests: readonly string[];
  readonly extra: Partial<Record<Algorithm, readonly string[]>>;
  readonly data: Partial<Record<Algorithm, string>>;
  /** Why a tensor that is stored compressed or scattered could not be put together. */
  readonly error?: ErrorData;
  /** What the decoded numbers are, where they were wanted; null for a tensor whose bytes are in another file. */
  readonly numbers?: readonly (TensorNumbers | null)[];
}

/** What is wanted of the tensors of an artifact. */
export interface TensorWants {
  /** Plain digests per tensor that some claim asks for, besides `assay-tensor-v1`. */
  readonly algorithms: readonly Algorithm[];
  /** Canonical digests and statistics, from the same read. Loads the kernels. */
  readonly numbers?: boolean;
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
  readonly #file: TensorFile;
  readonly #hashes: HashProvider;
  readonly #algorithms: readonly Algorithm[];
  /** For each tensor of the lanes its place among all tensors. */
  readonly #places: readonly number[];
  readonly #lane: Lane;
  readonly #extra: ExtraLane | null;
  readonly #decode: { readonly lane: DecodeLane; readonly tools: DecodeTools } | null;

  private constructor(
    file: TensorFile,
    hashes: HashProvider,
    algorithms: readonly Algorithm[],
    places: readonly number[],
    lane: Lane,
    extra: ExtraLane | null,
    decode: { readonly lane: DecodeLane; readonly tools: DecodeTools } | null,
  ) {
    this.#file = file;
    this.#hashes = hashes;
    this.#algorithms = algorithms;
    this.#places = places;
    this.#lane = lane;
    this.#extra = extra;
    this.#decode = decode;
  }

  static async create(
    source: ByteSource,
    opened: OpenArtifact,
    { algorithms, numbers = false }: TensorWants,
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
    const decode = numbers ? await decoding(opened, source.size, hashes) : null;
    const file: TensorFile = { ...opened, path: source.name, source };
    return new TensorDigester(file, hashes, algorithms, places, lane, extra, decode);
  }

  /** Takes the next chunk of the file. Leaves may still read it afterwards: they hold the lease. */
  async feed(lease: ChunkLease, offset: number): Promise<void> {
    await this.#lane.feed(lease, offset);
    if (this.#extra !== null) await this.#extra.feed(lease.chunk, offset);
    if (this.#decode !== null) await this.#decode.lane.feed(lease.chunk, offset);
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
    const complete = this.#places.length === this.#file.tensors.length;
    const error = await this.#assemble(digests, extra, signal);
    const numbers = await this.#numbers(digests, signal);
    return {
      digests,
      extra,
      data: complete ? (found?.data ?? {}) : {},
      ...(error === null ? {} : { error }),
      ...(numbers === null ? {} : { numbers }),
    };
  }

  #spread(ofLane: readonly string[]): string[] {
    const all = this.#file.tensors.map(() => '');
    for (const [i, place] of this.#places.entries()) all[place] = ofLane[i] ?? '';
    return all;
  }

  /** What the lane could not tell from its one look is read again: float32 with NaN of unusual bits. */
  async #numbers(digests: readonly string[], signal: AbortSignal): Promise<readonly (TensorNumbers | null)[] | null> {
    if (this.#decode === null) return null;
    const { lane, tools } = this.#decode;
    const numbers = [...(await lane.finish(digests))];
    const file = this.#file;
    const again = file.tensors
      .map((entry, place) => ({ entry, place }))
      .filter(({ entry, place }) => numbers[place] === null && entry.storage.kind !== 'external');
    const tensors = again.map(
      ({ entry }) => ({ kind: 'stored', name: entry.name, shape: entry.shape, at: { file, entry } }) as const,
    );
    const found = await decodeModel({ files: [file] }, tensors, { tools, signal });
    for (const [i, { place }] of again.entries()) numbers[place] = found[i]!;
    return numbers;
  }

  async #assemble(
    digests: string[],
    extra: Partial<Record<Algorithm, string[]>>,
    signal: AbortSignal,
  ): Promise<ErrorData | null> {
    let failure: ErrorData | null = null;
    for (const [place, tensor] of this.#file.tensors.entries()) {
      const { kind } = tensor.storage;
      // Bytes in another file are that file's to digest.
      if (laid(tensor) !== null || kind === 'absent' || kind === 'external') continue;
      throwIfAborted(signal);
      try {
        const one = await this.#payload(place, signal);
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
    place: number,
    signal: AbortSignal,
  ): Promise<{ digest: string; extra: Partial<Record<Algorithm, string>> }> {
    const entry = this.#file.tensors[place]!;
    const { dtype, shape, byteLength } = entry;
    const alone = [{ dtype, shape, byteLength, start: 0 }];
    const lane = await TensorLane.create(alone, byteLength, this.#hashes);
    const plain =
      this.#algorithms.length > 0 ? await ExtraLane.create(alone, byteLength, this.#algorithms, this.#hashes) : null;
    const decode = this.#decode?.lane.isOpen(place) === true ? this.#decode.lane.whole(place) : null;
    let at = 0;
    try {
      for await (const chunk of storedBytesOf({ file: this.#file, entry }, {}, signal)) {
        throwIfAborted(signal);
        if (chunk.length > byteLength - at)
          throw new AppError('FORMAT_SIZE_MISMATCH', { tensor: entry.name, stated: byteLength });
        const lease = new ChunkLease(chunk);
        await lane.feed(lease, at);
        await plain?.feed(chunk, at);
        await decode?.feed(chunk);
        at += chunk.length;
      }
      if (at !== byteLength)
        throw new AppError('FORMAT_SIZE_MISMATCH', { tensor: entry.name, stated: byteLength, actual: at });
      decode?.end();
    } catch (error) {
      decode?.end(toErrorData(error));
      throw error;
    }
    const extra: Partial<Record<Algorithm, string>> = {};
    const found = plain?.finish();
    for (const algorithm of this.#algorithms) extra[algorithm] = found?.tensors[algorithm]?.[0] ?? '';
    return { digest: (await lane.finish())[0]!, extra };
  }
}

async function decoding(opened: OpenArtifact, size: number, hashes: HashProvider) {
  const { DecodeLane: Made } = await import('./decode-lane.ts');
  const tools = await DecodeTools.create(hashes);
  return { lane: new Made(opened.tensors, opened.format, size, tools), tools };
}
