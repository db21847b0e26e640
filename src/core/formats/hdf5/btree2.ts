import { AppError } from '../../errors.ts';
import { HDF5_NODES_MAX } from '../../limits.ts';
import type { H5Cursor, H5File } from './file.ts';

/** Signature, version, type and checksum of a node. */
const NODE_PREFIX = 10;
const DEPTH_MAX = 32;

interface Level {
  /** Records a node of this depth can hold. */
  readonly records: number;
  /** Bytes of one child pointer of a node of this depth. */
  readonly pointer: number;
  /** Bytes of a child's total count, 0 for the lowest inner level. */
  readonly total: number;
}

/**
 * Version 2 B-trees (specification III.A.2). Calls `record` for every record, in key order.
 *
 * @param type record type: 1 huge objects, 5 and 6 links, 8 and 9 attributes, 10 and 11 chunks
 * @throws AppError FORMAT_HEADER, FORMAT_CHECKSUM, FORMAT_CYCLE, FORMAT_BOUNDS, FORMAT_COUNT_TOO_LARGE, FORMAT_DEPTH
 */
export async function walkBtree2(
  file: H5File,
  address: number,
  type: number,
  record: (cursor: H5Cursor) => void | Promise<void>,
): Promise<void> {
  const { offset, length } = file.widths;
  const head = await file.signed(address, 22 + offset + length, 'BTHD', true);
  head.skip(1);
  const kind = head.u8();
  if (kind !== type) throw new AppError('FORMAT_HEADER', { why: `B-tree of type ${kind}`, offset: head.base });
  const nodeSize = head.u32();
  const recordSize = head.u16();
  const depth = head.u16();
  head.skip(2);
  const root = head.address();
  const rootRecords = head.u16();
  if (root === null || rootRecords === 0) return;
  if (depth > DEPTH_MAX) throw new AppError('FORMAT_DEPTH', { max: DEPTH_MAX, offset: head.base });
  if (recordSize === 0 || nodeSize < NODE_PREFIX + recordSize) {
    throw new AppError('FORMAT_HEADER', { why: 'B-tree sizes', offset: head.base });
  }
  const levels = levelSizes(nodeSize, recordSize, depth, offset);
  const seen = new Set<number>();
  const visit = async (node: number, count: number, at: number): Promise<void> => {
    if (seen.has(node)) throw new AppError('FORMAT_CYCLE', { name: 'B-tree', offset: file.base + node });
    seen.add(node);
    if (seen.size > HDF5_NODES_MAX)
      throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'B-tree nodes', max: HDF5_NODES_MAX });
    const level = levels[at]!;
    if (count > level.records) throw new AppError('FORMAT_HEADER', { why: 'B-tree node', offset: file.base + node });
    const size = NODE_PREFIX + count * recordSize + (at === 0 ? 0 : (count + 1) * level.pointer);
    const cursor = await file.signed(node, size, at === 0 ? 'BTLF' : 'BTIN', true);
    cursor.skip(1);
    if (cursor.u8() !== type) throw new AppError('FORMAT_HEADER', { why: 'B-tree node', offset: cursor.base });
    const records = cursor.position;
    const pointers = records + count * recordSize;
    for (let i = 0; i <= count; i += 1) {
      if (at > 0) {
        cursor.seek(pointers + i * level.pointer);
        const child = cursor.address();
        const childRecords = cursor.uint(countSize(levels[0]!.records));
        if (child === null) throw new AppError('FORMAT_HEADER', { why: 'B-tree child', offset: cursor.offset });
        await visit(child, childRecords, at - 1);
      }
      if (i === count) break;
      cursor.seek(records + i * recordSize);
      await record(cursor);
    }
  };
  await visit(root, rootRecords, depth);
}

/** Sizes per depth, leaf first: what a node holds decides how wide the counts in its parent are. */
function levelSizes(nodeSize: number, recordSize: number, depth: number, offset: number): Level[] {
  const leaf = Math.floor((nodeSize - NODE_PREFIX) / recordSize);
  const levels: Level[] = [{ records: leaf, pointer: 0, total: 0 }];
  let all = leaf;
  for (let d = 1; d <= depth; d += 1) {
    const total = d === 1 ? 0 : countSize(all);
    const pointer = offset + countSize(leaf) + total;
    const records = Math.floor((nodeSize - NODE_PREFIX - pointer) / (recordSize + pointer));
    if (records < 1) throw new AppError('FORMAT_HEADER', { why: 'B-tree sizes' });
    levels.push({ records, pointer, total });
    all = Math.min((records + 1) * all + records, Number.MAX_SAFE_INTEGER);
  }
  return levels;
}

/** Bytes that hold any count up to `most` (H5VM_limit_enc_size). */
export function countSize(most: number): number {
  let bytes = 1;
  for (let limit = 256; most >= limit && bytes < 8; limit *= 256) bytes += 1;
  return bytes;
}
