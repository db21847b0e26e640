import { AppError } from '../../errors.ts';
import { HDF5_NODES_MAX } from '../../limits.ts';
import type { H5Cursor, H5File } from './file.ts';

/**
 * Version 1 B-trees (specification III.A.1): type 0 indexes the links of old groups, type 1 the chunks of a dataset.
 * Calls `leaf` for each child of the lowest level, with a cursor at the key before it.
 *
 * @param keySize bytes of one key
 * @throws AppError FORMAT_HEADER, FORMAT_CYCLE, FORMAT_BOUNDS, FORMAT_COUNT_TOO_LARGE
 */
export async function walkBtree1(
  file: H5File,
  root: number,
  type: 0 | 1,
  keySize: number,
  leaf: (key: H5Cursor, child: number) => void | Promise<void>,
): Promise<void> {
  const stack = [{ address: root, level: -1 }];
  const seen = new Set<number>();
  const { offset } = file.widths;
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (seen.has(next.address))
      throw new AppError('FORMAT_CYCLE', { name: 'B-tree', offset: file.base + next.address });
    seen.add(next.address);
    if (seen.size > HDF5_NODES_MAX)
      throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'B-tree nodes', max: HDF5_NODES_MAX });
    const head = await file.signed(next.address, 8 + 2 * offset, 'TREE', false);
    const kind = head.u8();
    const level = head.u8();
    const used = head.u16();
    if (kind !== type || (next.level >= 0 && level !== next.level - 1)) {
      throw new AppError('FORMAT_HEADER', { why: 'B-tree node', offset: head.base });
    }
    const start = next.address + 8 + 2 * offset;
    const cursor = await file.cursor(start, used * (keySize + offset), 'B-tree node');
    const children: { address: number; level: number }[] = [];
    for (let i = 0; i < used; i += 1) {
      const at = i * (keySize + offset);
      cursor.seek(at + keySize);
      const child = cursor.address();
      if (child === null) throw new AppError('FORMAT_HEADER', { why: 'B-tree child', offset: cursor.offset });
      if (level > 0) children.push({ address: child, level });
      else {
        cursor.seek(at);
        await leaf(cursor, child);
      }
    }
    // A stack takes the last first: put the children on in reverse, so that leaves come in order.
    for (const child of children.reverse()) stack.push(child);
  }
}
