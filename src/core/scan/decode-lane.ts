/** Decoded numbers of the tensors of one artifact, from the same read as its digests. */
import type { ErrorData } from '../errors.ts';
import { DECODED_TIMES_MAX } from '../limits.ts';
import { distinctRanges, RangeCutter, type SharedRange } from '../hash/ranges.ts';
import { createDecoder, type Decoder } from '../tensors/decode/decoder.ts';
import type { TensorEntry } from '../tensors/entry.ts';
import { isPiece } from '../tensors/read/visit.ts';
import { notReadable, storedTensor } from '../tensors/read/stored.ts';
import type { TensorStats } from '../tensors/stats.ts';
import { NumbersOfOne, unknownNumbers, type DecodeTools, type TensorNumbers } from './decode-lane-one.ts';

/** Stored bytes decoded before others get a turn. */
const PIECE = 256 * 1024;

/** Types whose canonical form is their stored form, unless a NaN has unusual bits. */
const KEPT: ReadonlySet<string> = new Set(['F32', 'F64', 'I64', 'U64', 'I32', 'U32', 'I16', 'U16', 'I8', 'U8']);

/** Row-major little-endian numbers of a type that keeps its own form: the stored digest is the canonical one. */
function isCanonical({ dtype, storage, transforms }: TensorEntry): boolean {
  const straight = storage.kind === 'range' ? storage.strides === undefined : storage.kind === 'assembled';
  return KEPT.has(dtype) && transforms === undefined && straight && !('order' in storage && storage.order === 'big');
}

/** More readings of the same bytes than any real file asks for. */
function overlap({ name }: TensorEntry): ErrorData {
  return { code: 'FORMAT_OVERLAP', detail: { tensor: name.slice(0, 200) } };
}

/** Tensors over one range that mean the same numbers. */
interface Reader {
  readonly decoder: Decoder;
  readonly one: NumbersOfOne;
  readonly members: readonly number[];
}

interface Gathered {
  readonly canonical: string | null;
  readonly stats: TensorStats;
}

export class DecodeLane {
  readonly #entries: readonly TensorEntry[];
  readonly #format: string;
  readonly #tools: DecodeTools;
  /** For each placed tensor its position among all. */
  readonly #places: readonly number[];
  readonly #ranges: readonly SharedRange[];
  readonly #cutter: RangeCutter;
  readonly #open = new Map<number, readonly Reader[]>();
  readonly #found: (Promise<Gathered> | ErrorData | undefined)[] = [];

  /** @param size bytes of the file */
  constructor(entries: readonly TensorEntry[], format: string, size: number, tools: DecodeTools) {
    this.#entries = entries;
    this.#format = format;
    this.#tools = tools;
    const places: number[] = [];
    for (const [i, entry] of entries.entries()) {
      const why = notReadable(entry, format);
      if (why !== null) this.#found[i] = why;
      else if (isPiece(entry)) places.push(i);
    }
    this.#places = places;
    this.#ranges = distinctRanges(
      places.map((i) => {
        const { storage, byteLength } = entries[i]!;
        return { start: storage.kind === 'range' ? storage.start : 0, byteLength };
      }),
      size,
    );
    this.#cutter = new RangeCutter(this.#ranges);
    for (const range of this.#ranges) {
      if (range.start === range.end) for (const reader of this.#readers(range)) this.#close(reader);
    }
  }

  /** Takes the next chunk of the file; nothing of it is held afterwards. @throws what a hasher failed with */
  async feed(chunk: Uint8Array, offset: number): Promise<void> {
    for (const { range, at, bytes } of this.#cutter.cut(chunk, offset)) {
      const shared = this.#ranges[range]!;
      const readers = this.#open.get(range) ?? this.#readers(shared);
      for (let done = 0; done < bytes.length; done += PIECE) {
        const piece = bytes.subarray(done, done + PIECE);
        for (const { decoder } of readers) decoder.push(piece);
        await this.#tools.room();
      }
      const complete = at + bytes.length === shared.end - shared.start;
      if (complete) for (const reader of readers) this.#close(reader);
      if (complete) this.#open.delete(range);
      else this.#open.set(range, readers);
    }
  }

  /** Whether the numbers of this tensor are still to be had by `whole`: it is no piece of the file. */
  isOpen(place: number): boolean {
    return this.#found[place] === undefined && !isPiece(this.#entries[place]!);
  }

  /** A tensor that is no piece of the file, from its row-major stored bytes. */
  whole(place: number): { feed(chunk: Uint8Array): Promise<void>; end(error?: ErrorData): void } {
    const reader = this.#reader([place]);
    return {
      feed: async (chunk) => {
        for (let done = 0; done < chunk.length; done += PIECE) {
          reader.decoder.push(chunk.subarray(done, done + PIECE));
          await this.#tools.room();
        }
      },
      end: (error) => {
        if (error === undefined) this.#close(reader);
        else this.#found[place] = error;
      },
    };
  }

  /**
   * After the last byte.
   *
   * @param stored `assay-tensor-v1` digests of the stored bytes, in the order of the tensors
   * @returns one per tensor; null for one that another read is needed for (in another file, or float32 with NaN that may
   *   not have the canonical bits)
   */
  async finish(stored: readonly string[]): Promise<readonly (TensorNumbers | null)[]> {
    const covered = new Set(this.#ranges.flatMap(({ members }) => members.map((i) => this.#places[i]!)));
    return Promise.all(
      this.#entries.map(async (entry, place) => {
        const found = await this.#found[place];
        if (found === undefined) {
          const refused = isPiece(entry) && !covered.has(place);
          return refused
            ? unknownNumbers({ code: 'FORMAT_OVERLAP', detail: { tensor: entry.name.slice(0, 200) } })
            : null;
        }
        if ('code' in found) return unknownNumbers(found);
        if (found.canonical !== null) return found;
        const digest = stored[place] ?? '';
        return found.stats.nan > 0 || digest === '' ? null : { canonical: digest, stats: found.stats };
      }),
    );
  }

  #readers({ members }: SharedRange): readonly Reader[] {
    const groups = new Map<string, number[]>();
    for (const member of members) {
      const place = this.#places[member]!;
      const { dtype, shape, storage, transforms } = this.#entries[place]!;
      const key = JSON.stringify([dtype, shape, storage, transforms]);
      const same = groups.get(key) ?? [];
      groups.set(key, same);
      same.push(place);
    }
    const all = [...groups.values()];
    for (const places of all.slice(DECODED_TIMES_MAX)) {
      for (const place of places) this.#found[place] = overlap(this.#entries[place]!);
    }
    return all.slice(0, DECODED_TIMES_MAX).map((places) => this.#reader(places));
  }

  #reader(members: readonly number[]): Reader {
    const entry = this.#entries[members[0]!]!;
    const tensor = storedTensor(entry, this.#format);
    let one: NumbersOfOne | null = null;
    const decoder = createDecoder(tensor, (values, bytes) => one!.tile(values, bytes), this.#tools.kernels);
    // Refused by `notReadable` before.
    if ('notDecoded' in decoder) throw new TypeError(decoder.notDecoded);
    one = new NumbersOfOne(decoder.dtype, entry.shape, this.#tools, !isCanonical(entry));
    return { decoder, one, members };
  }

  #close({ decoder, one, members }: Reader): void {
    decoder.end();
    const result = one.result();
    // Awaited by `finish`; a failure must not be unhandled until then.
    result.catch(() => undefined);
    for (const place of members) this.#found[place] = result;
  }
}
