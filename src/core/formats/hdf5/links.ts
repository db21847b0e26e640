import { AppError } from '../../errors.ts';
import { HDF5_LINKS_MAX } from '../../limits.ts';
import { walkBtree1 } from './btree1.ts';
import { walkBtree2 } from './btree2.ts';
import { decodeText, H5Cursor, type H5File } from './file.ts';
import { FractalHeap } from './fractal-heap.ts';
import { findMessage, MESSAGE, messageCursor, type ObjectHeader } from './object-header.ts';

export type Link =
  | { readonly kind: 'hard'; readonly name: string; readonly address: number }
  | { readonly kind: 'soft'; readonly name: string; readonly target: string }
  | { readonly kind: 'external'; readonly name: string; readonly file: string; readonly target: string }
  | { readonly kind: 'other'; readonly name: string };

/**
 * The links of a group, however it stores them: a symbol table, link messages, or a heap with an index. Null when the
 * object is no group.
 *
 * @throws AppError FORMAT_*; SOURCE_*
 */
export async function readLinks(file: H5File, header: ObjectHeader): Promise<readonly Link[] | null> {
  const table = findMessage(header, MESSAGE.symbolTable);
  if (table !== undefined) {
    const cursor = await messageCursor(file, table);
    const [tree, heap] = [cursor.address(), cursor.address()];
    return tree === null || heap === null ? [] : symbolTable(file, tree, heap);
  }
  const info = findMessage(header, MESSAGE.linkInfo);
  const links: Link[] = [];
  let group = info !== undefined;
  for (const message of header.messages) {
    if (message.type !== MESSAGE.link) continue;
    group = true;
    add(links, readLink(await messageCursor(file, message)));
  }
  if (info !== undefined) {
    const cursor = await messageCursor(file, info);
    cursor.skip(1);
    if ((cursor.u8() & 1) !== 0) cursor.skip(8);
    const [heap, names] = [cursor.address(), cursor.address()];
    if (heap !== null && names !== null) await denseLinks(file, heap, names, links);
  }
  return group ? links : null;
}

/** The index is in order of a hash: sorted by name, as the library gives them. */
async function denseLinks(file: H5File, heapAddress: number, names: number, links: Link[]): Promise<void> {
  const heap = await FractalHeap.open(file, heapAddress);
  const dense: Link[] = [];
  await walkBtree2(file, names, 5, async (record) => {
    record.skip(4);
    add(dense, readLink(await heap.object(record.take(heap.idLength))));
  });
  for (const link of dense.sort((a, b) => (a.name < b.name ? -1 : 1))) add(links, link);
}

/** A link message (specification IV.A.2.g). */
function readLink(cursor: H5Cursor): Link {
  const version = cursor.u8();
  if (version !== 1) throw new AppError('FORMAT_VERSION', { what: 'link', version });
  const flags = cursor.u8();
  const type = (flags & 0x08) === 0 ? 0 : cursor.u8();
  if ((flags & 0x04) !== 0) cursor.skip(8);
  if ((flags & 0x10) !== 0) cursor.skip(1);
  const name = decodeText(cursor.take(cursor.uint(2 ** (flags & 3))));
  if (type === 0) {
    const address = cursor.address();
    return address === null ? { kind: 'other', name } : { kind: 'hard', name, address };
  }
  const value = cursor.take(cursor.u16());
  if (type === 1) return { kind: 'soft', name, target: decodeText(value) };
  if (type !== 64) return { kind: 'other', name };
  const external = new H5Cursor(value, cursor.offset, cursor.widths);
  external.skip(1);
  return { kind: 'external', name, file: external.cString(), target: external.cString() };
}

async function symbolTable(file: H5File, tree: number, heapAddress: number): Promise<Link[]> {
  const { offset, length } = file.widths;
  const heap = await file.signed(heapAddress, 8 + 2 * length + offset, 'HEAP', false);
  heap.skip(4);
  const size = heap.extent();
  heap.extent();
  const data = heap.address();
  if (data === null) throw new AppError('FORMAT_HEADER', { why: 'local heap', offset: heap.base });
  const names = await file.cursor(data, size, 'local heap');
  const text = (at: number): string => {
    names.seek(at);
    return names.cString();
  };
  const links: Link[] = [];
  await walkBtree1(file, tree, 0, length, async (_key, node) => {
    const head = await file.signed(node, 8, 'SNOD', false);
    head.skip(2);
    const count = head.u16();
    const entrySize = 2 * offset + 24;
    const cursor = await file.cursor(node + 8, count * entrySize, 'symbol table node');
    for (let i = 0; i < count; i += 1) {
      cursor.seek(i * entrySize);
      const name = text(cursor.uint(offset));
      const address = cursor.address();
      const cached = cursor.u32();
      cursor.skip(4);
      if (cached === 2) add(links, { kind: 'soft', name, target: text(cursor.u32()) });
      else if (address !== null) add(links, { kind: 'hard', name, address });
      else add(links, { kind: 'other', name });
    }
  });
  return links;
}

function add(links: Link[], link: Link): void {
  if (links.length >= HDF5_LINKS_MAX)
    throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'links', max: HDF5_LINKS_MAX });
  links.push(link);
}
