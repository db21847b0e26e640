import type { ByteSource } from '../../bytes/source.ts';
import { AppError } from '../../errors.ts';
import { H5Cursor, H5File } from './file.ts';
import { HDF5_SIGNATURE, hasSignature } from './magic.ts';

/** Longest superblock: version 1 with 8-byte addresses takes 100 bytes. */
const SUPERBLOCK_MAX = 128;

export interface Superblock {
  readonly version: number;
  /** Absolute offset of the signature: the size of the user block. */
  readonly offset: number;
  readonly file: H5File;
  /** Address of the root group's object header. */
  readonly root: number;
}

/** Where the signature may be: 0, 512, 1024, 2048 … (HDF5 file format specification 4.0, II.A). */
function* signaturePlaces(size: number): Generator<number, void, undefined> {
  yield 0;
  for (let place = 512; place + HDF5_SIGNATURE.length <= size; place *= 2) yield place;
}

/**
 * Finds and reads the superblock, versions 0 to 3.
 *
 * @throws AppError FORMAT_MAGIC, FORMAT_TRUNCATED, FORMAT_VERSION, FORMAT_HEADER, FORMAT_CHECKSUM, FORMAT_BOUNDS
 */
export async function readSuperblock(source: ByteSource, signal?: AbortSignal): Promise<Superblock> {
  const offset = await findSignature(source, signal);
  const bytes = await source.read(offset, Math.min(offset + SUPERBLOCK_MAX, source.size), signal);
  if (bytes.length < 14) throw new AppError('FORMAT_TRUNCATED', { what: 'superblock', available: bytes.length });
  const version = bytes[8]!;
  if (version > 3) throw new AppError('FORMAT_VERSION', { what: 'superblock', version });
  const [offsetSize, lengthSize] = version < 2 ? [bytes[13]!, bytes[14] ?? 0] : [bytes[9]!, bytes[10]!];
  for (const width of [offsetSize, lengthSize]) {
    if (![2, 4, 8].includes(width)) throw new AppError('FORMAT_HEADER', { why: `width ${width}`, offset: offset + 13 });
  }
  const widths = { offset: offsetSize, length: lengthSize };
  const start = version === 0 ? 24 : version === 1 ? 28 : 12;
  const length = version < 2 ? start + 4 * offsetSize + 2 * offsetSize + 24 : start + 4 * offsetSize + 4;
  if (bytes.length < length) throw new AppError('FORMAT_TRUNCATED', { what: 'superblock', available: bytes.length });
  const cursor = new H5Cursor(bytes.subarray(0, length), offset, widths);
  if (version >= 2) cursor.checksum(length - 4, 'superblock');
  cursor.seek(start);
  const base = cursor.address() ?? 0;
  cursor.address();
  const eof = cursor.address();
  if (eof === null) throw new AppError('FORMAT_HEADER', { why: 'no end of file', offset });
  // A user block may have been put before the file later: then the stated base is not where the superblock is.
  const end = eof + (offset - base);
  if (end > source.size) {
    throw new AppError('FORMAT_TRUNCATED', { what: 'HDF5 file', wanted: end, available: source.size });
  }
  if (version < 2) {
    cursor.address();
    cursor.address();
  }
  const root = cursor.address();
  if (root === null) throw new AppError('FORMAT_HEADER', { why: 'no root group', offset });
  const file = new H5File(source, widths, offset, end, signal);
  file.place(root, 0, 'root group');
  return { version, offset, file, root };
}

async function findSignature(source: ByteSource, signal?: AbortSignal): Promise<number> {
  for (const place of signaturePlaces(source.size)) {
    const bytes = await source.read(place, Math.min(place + HDF5_SIGNATURE.length, source.size), signal);
    if (hasSignature(bytes)) return place;
    if (place === 0 && bytes.length < HDF5_SIGNATURE.length && bytes.every((byte, i) => byte === HDF5_SIGNATURE[i])) {
      throw new AppError('FORMAT_TRUNCATED', { what: 'signature', available: bytes.length });
    }
  }
  throw new AppError('FORMAT_MAGIC', { format: 'HDF5' });
}
