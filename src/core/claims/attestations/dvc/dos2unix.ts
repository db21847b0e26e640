/**
 * DVC's old rule: the MD5 of a text file with CR LF as LF (treeverse/dvc-data, hashfile/hash.py and istextfile.py). What
 * is text is told from 512 bytes: at the beginning of the file in older releases, of every MiB that was read in newer.
 */
import type { HashProvider } from '../../../hash/hasher.ts';

const BLOCK = 512;
/** What DVC reads at a time. */
const CHUNK = 1024 * 1024;
/** Share of bytes outside printable ASCII and line ends up to which it is text. */
const ODD_SHARE = 0.3;

export function isText(block: Uint8Array): boolean {
  if (block.length === 0) return true;
  let odd = 0;
  for (const byte of block) {
    if (byte === 0) return false;
    const plain = (byte >= 0x20 && byte <= 0x7e) || (byte >= 0x08 && byte <= 0x0d && byte !== 0x0b);
    if (!plain) odd++;
  }
  return odd / block.length <= ODD_SHARE;
}

/** Replaces CR LF by LF, as bytes come; a CR at the end of a piece is kept as it is, as DVC does. */
export function dos2unix(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === 0x0d && bytes[i + 1] === 0x0a) continue;
    out[length++] = bytes[i]!;
  }
  return out.subarray(0, length);
}

export interface Dos2UnixDigests {
  /** Decided once, from the beginning of the file. */
  readonly perFile: string;
  /** Decided for each MiB. */
  readonly perChunk: string;
}

/** Both forms in one pass, lower-case hex. Memory: two MiB. @throws AppError SOURCE_* of the stream */
export async function dos2unixDigests(
  stream: AsyncIterable<Uint8Array>,
  size: number,
  hashes: HashProvider,
): Promise<Dos2UnixDigests> {
  const perFile = await hashes.create('md5', size);
  const perChunk = await hashes.create('md5', size);
  let textFile: boolean | null = null;
  for await (const chunk of chunksOf(stream)) {
    const text = isText(chunk.subarray(0, BLOCK));
    textFile ??= text;
    const converted = text || textFile ? dos2unix(chunk) : chunk;
    perFile.update(textFile ? converted : chunk);
    perChunk.update(text ? converted : chunk);
  }
  return { perFile: perFile.digest(), perChunk: perChunk.digest() };
}

/** The same bytes in pieces of exactly one MiB and a rest. */
async function* chunksOf(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let buffer = new Uint8Array(CHUNK);
  let filled = 0;
  for await (const piece of stream) {
    for (let at = 0; at < piece.length;) {
      const taken = Math.min(CHUNK - filled, piece.length - at);
      buffer.set(piece.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled < CHUNK) continue;
      yield buffer;
      buffer = new Uint8Array(CHUNK);
      filled = 0;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}
