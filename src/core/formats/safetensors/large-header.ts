/**
 * Headers of tens of megabytes, read in pieces: whole, a legal one of 100 MB takes 400 MB of memory, half of it for
 * the bytes and WebCrypto's copy of them.
 */
import { toHex } from '../../bytes/hex.ts';
import type { ByteSource } from '../../bytes/source.ts';
import type { FindingCollector } from '../../content/collector.ts';
import { AppError, throwIfAborted } from '../../errors.ts';
import { SAFETENSORS_UNKNOWN_MAX } from '../../limits.ts';
import { JsonReader } from '../json-reader.ts';
import { sha256Hex } from '../sha256.ts';
import { HeaderMembers, noteStart, readHeader, type StatedHeader } from './header.ts';

/** Bytes looked at in one step; members that reach over its end wait for the next. */
const STEP = 1024 * 1024;
/** Bytes of one read: each may be a request. */
const READ = 4 * STEP;
/** The beginning that is kept for whoever looks what else the file is. */
const HEAD = 4096;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

export interface LargeHeader {
  readonly stated: StatedHeader;
  /** SHA-256 of everything that was read, the length field included. */
  readonly sha256: string;
  /** The first bytes. */
  readonly head: Uint8Array;
}

/**
 * As `readHeader`, for [0, end) of a source whose JSON begins at `start`. The same errors for the same bytes.
 *
 * @param step bytes looked at in one step
 * @throws AppError as `readHeader`; SOURCE_*
 */
export async function readLargeHeader(
  source: ByteSource,
  start: number,
  end: number,
  findings: FindingCollector,
  signal?: AbortSignal,
  step = STEP,
): Promise<LargeHeader> {
  // WebCrypto cannot hash in pieces.
  const { createSHA256 } = await import('hash-wasm');
  const sha256 = await createSHA256();
  const pieces = new HeaderPieces(start, findings);
  let head = new Uint8Array(0);
  let at = 0;
  for await (const chunk of piecesOf(source, end, signal)) {
    throwIfAborted(signal);
    sha256.update(chunk);
    if (at === 0) {
      head = chunk.slice(0, HEAD);
      if (firstByte(chunk, start) !== OPEN_OBJECT) return readWhole(source, start, end, findings, signal);
      noteStart(chunk.subarray(start), start, findings);
    }
    for (let from = Math.max(0, start - at); from < chunk.length; from += step) {
      pieces.push(chunk.subarray(from, from + step));
    }
    at += chunk.length;
  }
  return { stated: pieces.finish(), sha256: toHex(sha256.digest('binary')), head };
}

/** What does not begin as an object cannot be cut into members: refused with the words for the whole of it. */
async function readWhole(
  source: ByteSource,
  start: number,
  end: number,
  findings: FindingCollector,
  signal: AbortSignal | undefined,
): Promise<LargeHeader> {
  const head = await source.read(0, end, signal);
  return { stated: readHeader(head.subarray(start), start, findings), sha256: await sha256Hex(head), head };
}

/** The first byte that is not white space. */
function firstByte(bytes: Uint8Array, from: number): number | undefined {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at += 1;
  return bytes[at];
}

/** A stream keeps several large chunks in flight; where reading at any place is possible, smaller ones take turns. */
async function* piecesOf(source: ByteSource, end: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  if (!source.random) yield* source.stream(0, end, signal);
  else for (let at = 0; at < end; at += READ) yield await source.read(at, Math.min(at + READ, end), signal);
}

/** Cuts an object at commas between its members, so that each piece is an object of its own. */
class HeaderPieces {
  readonly #members: HeaderMembers;
  /** Bytes since the last cut, and room. All but the first begin with a brace in the place of the comma. */
  #buffer = new Uint8Array(2 * STEP);
  #length = 0;
  /** Where `#buffer` begins in the file. */
  #base: number;
  /** Bytes of `#buffer` that were looked at. */
  #seen = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #first = true;
  #built = 0;
  /** The first thing found wrong: told when the rest turns out to be JSON. */
  #wrong: unknown = null;

  constructor(base: number, findings: FindingCollector) {
    this.#base = base;
    this.#members = new HeaderMembers(findings);
  }

  push(bytes: Uint8Array): void {
    this.#append(bytes);
    const cut = this.#lastComma();
    if (cut < 0) return;
    this.#buffer[cut] = CLOSE_OBJECT;
    this.#read(this.#buffer.subarray(0, cut + 1), true);
    this.#buffer[cut] = OPEN_OBJECT;
    this.#buffer.copyWithin(0, cut, this.#length);
    this.#length -= cut;
    this.#seen = this.#length;
    this.#base += cut;
    this.#first = false;
  }

  /** One member may be as long as the header: room is doubled, not added. */
  #append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length = length;
  }

  finish(): StatedHeader {
    this.#read(this.#buffer.subarray(0, this.#length), false);
    if (this.#wrong !== null) throw this.#wrong;
    // Not the members themselves: they hold a set of all names.
    const { tensors, metadata } = this.#members;
    return { tensors, metadata };
  }

  /** The last comma between members among the bytes not looked at yet, or -1. */
  #lastComma(): number {
    const bytes = this.#buffer;
    let last = -1;
    for (let at = this.#seen; at < this.#length; at += 1) {
      const byte = bytes[at]!;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
      } else if (byte === QUOTE) this.#inString = true;
      else if (byte === COMMA) {
        if (this.#depth === 1) last = at;
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) this.#depth += 1;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) this.#depth -= 1;
    }
    this.#seen = this.#length;
    return last;
  }

  /** @param cut whether a comma follows: then, and behind one, there must be a member */
  #read(json: Uint8Array, cut: boolean): void {
    const needed = cut || !this.#first;
    const refuseEmpty = (count: number): void => {
      if (count === 0 && needed) throw new AppError('FORMAT_JSON', { offset: this.#base });
    };
    if (this.#wrong === null) {
      try {
        const reader = new JsonReader(json, this.#base, SAFETENSORS_UNKNOWN_MAX - this.#built);
        const count = this.#members.read(reader);
        reader.end();
        this.#built += reader.built;
        return refuseEmpty(count);
      } catch (error) {
        this.#wrong = error;
      }
    }
    // A header that is cut or damaged is called that, and not by whatever its first half looked like.
    const reader = new JsonReader(json, this.#base);
    let count = 0;
    reader.object(() => {
      count += 1;
      reader.skip();
    });
    reader.end();
    refuseEmpty(count);
  }
}
