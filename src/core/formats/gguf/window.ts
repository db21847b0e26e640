import type { ByteSource } from '../../bytes/source.ts';
import { AppError } from '../../errors.ts';
import { GGUF_HEADER_MAX, READ_CHUNK } from '../../limits.ts';
import { has } from '../magic.ts';
import { readHeader, type StatedHeader } from './header.ts';
import type { Keep } from './values.ts';

/** First read: metadata without a vocabulary fits. */
const FIRST = 64 * 1024;
const GROWTH = 4;

/**
 * Reads as much of the file's beginning as its header needs.
 *
 * Nothing says how long a GGUF header is, so it is parsed from a window that grows fourfold whenever it ends too early.
 * Parsing starts over each time; the sum of all passes stays below one and a third of the last, so a vocabulary of 40 MB
 * costs no more than linear time, and no byte is read twice.
 *
 * @returns the header, and the bytes read: at least up to `tensorsEnd`
 * @throws AppError FORMAT_TOO_LARGE above GGUF_HEADER_MAX; all of `readHeader` but SOURCE_LENGTH
 */
export async function readWindow(
  source: ByteSource,
  keep: Keep,
  signal: AbortSignal | undefined,
): Promise<{ readonly header: StatedHeader; readonly bytes: Uint8Array }> {
  const { size } = source;
  let bytes = await source.read(0, Math.min(size, FIRST), signal);
  for (;;) {
    const tried = tryHeader(bytes, size, keep);
    if (typeof tried !== 'number') return { header: tried, bytes };
    const limit = Math.min(size, GGUF_HEADER_MAX);
    if (tried > limit || bytes.length >= limit) {
      throw new AppError('FORMAT_TOO_LARGE', { what: 'The header', size: tried, max: GGUF_HEADER_MAX });
    }
    bytes = await extend(source, bytes, Math.min(limit, Math.max(tried, bytes.length * GROWTH)), signal);
  }
}

/** The header, or how many bytes it needs at least. */
function tryHeader(bytes: Uint8Array, size: number, keep: Keep): StatedHeader | number {
  try {
    return readHeader(bytes, size, keep);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { offset, wanted, available } = error.detail;
    const need = Number(offset ?? 0) + Number(wanted ?? 1);
    if (error.code === 'SOURCE_LENGTH') return Math.max(need, bytes.length + 1);
    if (isVersion1(bytes)) throw new AppError('FORMAT_VERSION', { format: 'GGUF', version: 1 }, error);
    // The cursor met the end of the file itself.
    if (error.code === 'FORMAT_TRUNCATED' && available !== undefined) {
      throw new AppError('FORMAT_TRUNCATED', {
        where: 'header',
        offset: Number(offset),
        missing: need - size,
        expected: need,
        actual: size,
      });
    }
    throw error;
  }
}

/** Whatever else is wrong with a file of version 1: well-formed ones are rare, later files with a changed number are not. */
function isVersion1(bytes: Uint8Array): boolean {
  return has(bytes, 'GGUF\u0001\u0000\u0000\u0000') || has(bytes, 'GGUF\u0000\u0000\u0000\u0001');
}

async function extend(
  source: ByteSource,
  bytes: Uint8Array,
  length: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const longer = new Uint8Array(length);
  longer.set(bytes);
  for (let at = bytes.length; at < length; at += READ_CHUNK) {
    longer.set(await source.read(at, Math.min(length, at + READ_CHUNK), signal), at);
  }
  return longer;
}
