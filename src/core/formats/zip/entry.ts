import type { AppError } from '../../errors.ts';

/** Compression methods that model files use (APPNOTE 4.4.5). */
export const STORED = 0;
export const DEFLATED = 8;

/** One file of an archive as its central directory describes it. Offsets are absolute in the artifact. */
export interface ZipEntry {
  /** Place in the central directory; names may repeat. */
  readonly index: number;
  /** As stored, `/`-separated by custom. Hostile text. */
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly compressedSize: number;
  /** Unpacked. */
  readonly size: number;
  readonly externalAttributes: number;
  readonly localOffset: number;
}

/** The same with what its local header said. */
export interface LocatedEntry extends ZipEntry {
  /** Packed bytes. Both -1 when no local header is where the directory says. */
  readonly dataStart: number;
  readonly dataEnd: number;
  /** Why a careful reader would refuse it; its bytes may still be readable. */
  readonly problem: AppError | null;
}

export function isDirectory(entry: ZipEntry): boolean {
  return entry.name.endsWith('/') && entry.size === 0;
}

/** Unix file type in the upper half of the external attributes; `S_IFLNK` is 0xA000. */
export function isSymlink(entry: ZipEntry): boolean {
  return entry.externalAttributes >>> 28 === 0xa;
}

/** Bit 0, and bit 6 for the strong kind, and bit 13 for a masked directory (APPNOTE 4.4.4). */
export function isEncrypted(entry: ZipEntry): boolean {
  return (entry.flags & 0x2041) !== 0;
}

/** A data descriptor follows the data, and the local header may leave its sums at zero. */
export function hasDescriptor(entry: ZipEntry): boolean {
  return (entry.flags & 0x8) !== 0;
}
