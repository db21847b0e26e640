import { ENTRY_IN_MEMORY_MAX } from '../../limits.ts';
import { decodeName } from './directory.ts';
import { DEFLATED, STORED, type LocatedEntry } from './entry.ts';

const HEADER_SIZE = 30;
const FOUND_MAX = 64;

/**
 * Local headers in bytes that the directory does not account for. Readers that go through an archive from its start
 * take them for entries. Sizes may be missing (they follow the data then), in which case the data is taken to reach to
 * the next header or the end of the bytes.
 *
 * @param base absolute offset of the first byte
 * @param fileSize data that would reach beyond the file is cut there
 */
export function hiddenEntries(bytes: Uint8Array, base: number, fileSize: number): LocatedEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts: number[] = [];
  for (let at = bytes.indexOf(0x50); at >= 0 && starts.length < FOUND_MAX; at = bytes.indexOf(0x50, at + 1)) {
    if (at + HEADER_SIZE <= bytes.length && view.getUint32(at, true) === 0x04034b50) starts.push(at);
  }
  return starts.flatMap((at, i) => {
    const method = view.getUint16(at + 8, true);
    const nameLength = view.getUint16(at + 26, true);
    const dataAt = at + HEADER_SIZE + nameLength + view.getUint16(at + 28, true);
    if (dataAt > bytes.length || (method !== STORED && method !== DEFLATED)) return [];
    const stated = view.getUint32(at + 18, true);
    const until = starts[i + 1] ?? bytes.length;
    const length = stated > 0 && base + dataAt + stated <= fileSize ? stated : Math.max(0, until - dataAt);
    const size = view.getUint32(at + 22, true);
    return [
      {
        index: -1,
        name: decodeName(bytes.subarray(at + HEADER_SIZE, at + HEADER_SIZE + nameLength), false),
        flags: view.getUint16(at + 6, true),
        method,
        crc32: view.getUint32(at + 14, true),
        compressedSize: length,
        size: method === STORED ? length : size > 0 ? size : Math.min(length * 1032, ENTRY_IN_MEMORY_MAX),
        externalAttributes: 0,
        localOffset: base + at,
        dataStart: base + dataAt,
        dataEnd: base + dataAt + length,
        problem: null,
      },
    ];
  });
}
