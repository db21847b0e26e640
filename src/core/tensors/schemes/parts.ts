/** Reading the stored tensors that a virtual one is made of. */
import { AppError, throwIfAborted } from '../../errors.ts';
import { SCHEME_HELD_MAX } from '../../limits.ts';
import type { Codec } from '../decode/codec.ts';
import type { Decoder } from '../decode/decoder.ts';
import { codecOf } from '../decode/registry.ts';
import type { TensorEntry } from '../entry.ts';

/** Where the bytes of stored tensors come from. */
export interface PartSource {
  /** Row-major little-endian stored bytes of a tensor from its first on, in chunks. May be asked more than once. */
  stream(entry: TensorEntry, signal: AbortSignal | undefined): AsyncIterable<Uint8Array>;
}

/** Stored bytes decoded between pauses. */
const PIECE = 256 * 1024;

/** The parts of one virtual tensor, with a common budget for what is held of them. */
export class Parts {
  readonly #entries: ReadonlyMap<string, TensorEntry>;
  readonly #source: PartSource;
  readonly #signal: AbortSignal | undefined;
  readonly #room: (() => Promise<void>) | undefined;
  /** Bytes that may be held. */
  readonly most: number;
  #held = 0;

  constructor(
    entries: ReadonlyMap<string, TensorEntry>,
    source: PartSource,
    signal: AbortSignal | undefined,
    most: number = SCHEME_HELD_MAX,
    room?: () => Promise<void>,
  ) {
    this.#entries = entries;
    this.#source = source;
    this.#signal = signal;
    this.most = most;
    this.#room = room;
  }

  /** A pause between pieces of work. @throws AppError SOURCE_ABORTED */
  async pause(): Promise<void> {
    throwIfAborted(this.#signal);
    if (this.#room !== undefined) await this.#room();
  }

  /** @throws AppError FORMAT_MISSING_TENSOR */
  entry(name: string): TensorEntry {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new AppError('FORMAT_MISSING_TENSOR', { name });
    return entry;
  }

  /**
   * The stored bytes, passing by. Exactly as many as the entry says.
   *
   * @throws AppError FORMAT_SIZE_MISMATCH; SOURCE_* as the source does
   */
  async *stream(name: string): AsyncIterable<Uint8Array> {
    const entry = this.entry(name);
    let seen = 0;
    for await (const chunk of this.#source.stream(entry, this.#signal)) {
      throwIfAborted(this.#signal);
      seen += chunk.length;
      if (seen > entry.byteLength) break;
      yield chunk;
    }
    if (seen !== entry.byteLength) {
      throw new AppError('FORMAT_SIZE_MISMATCH', { name, expected: entry.byteLength, actual: seen });
    }
  }

  /** All stored bytes through a decoder, with pauses. @throws as `stream` and the decoder do */
  async pour(name: string, decoder: Decoder): Promise<void> {
    for await (const chunk of this.stream(name)) {
      for (let at = 0; at < chunk.length; at += PIECE) {
        decoder.push(chunk.subarray(at, at + PIECE));
        await this.pause();
      }
    }
    decoder.end();
  }

  /** Takes bytes out of the budget. @throws AppError FORMAT_TOO_LARGE */
  reserve(name: string, bytes: number): void {
    this.#held += bytes;
    if (this.#held > this.most) throw new AppError('FORMAT_TOO_LARGE', { name, bytes, most: this.most });
  }

  /** All stored bytes. @throws AppError FORMAT_TOO_LARGE */
  async whole(name: string): Promise<Uint8Array> {
    const { byteLength } = this.entry(name);
    this.reserve(name, byteLength);
    const bytes = new Uint8Array(byteLength);
    let at = 0;
    for await (const chunk of this.stream(name)) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  /** The numbers of a small part as float32 values, decoded a window at a time. @param as dtype to read it as */
  async numbers(name: string, as?: string): Promise<Numbers> {
    const dtype = as ?? this.entry(name).dtype;
    const codec = codecOf(dtype);
    if (codec === undefined || (codec.blockValues !== 1 && codec.packed !== true))
      throw new AppError('FORMAT_DTYPE', { name, dtype });
    return new Numbers(codec, await this.whole(name));
  }
}

const WINDOW = 1024;

/** Held stored numbers, read at any place; cheapest where places are near each other. */
export class Numbers {
  readonly length: number;
  readonly #codec: Codec;
  readonly #bytes: Uint8Array;
  readonly #window = new Float32Array(WINDOW);
  #start = 0;
  #end = 0;

  constructor(codec: Codec, bytes: Uint8Array) {
    this.#codec = codec;
    this.#bytes = bytes;
    this.length = (bytes.length / codec.blockBytes) * codec.blockValues;
  }

  /** @throws AppError FORMAT_BOUNDS */
  at(index: number): number {
    if (index < this.#start || index >= this.#end) this.#move(index);
    return this.#window[index - this.#start]!;
  }

  /** All of them. */
  all(): Float32Array {
    const values = new Float32Array(this.length);
    this.#codec.decode(this.#bytes, values);
    return values;
  }

  #move(index: number): void {
    if (!(index >= 0 && index < this.length)) throw new AppError('FORMAT_BOUNDS', { index, length: this.length });
    this.#start = index - (index % WINDOW);
    this.#end = Math.min(this.#start + WINDOW, this.length);
    // A window begins at a whole block: codes below a byte come two, four or eight to one.
    const size = this.#codec.blockBytes / this.#codec.blockValues;
    const values = this.#window.subarray(0, this.#end - this.#start);
    this.#codec.decode(this.#bytes.subarray(this.#start * size, Math.ceil(this.#end * size)), values);
  }
}
