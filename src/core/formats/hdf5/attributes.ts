import { AppError } from '../../errors.ts';
import { HDF5_ATTRIBUTES_MAX } from '../../limits.ts';
import { walkBtree2 } from './btree2.ts';
import { readDataspace, type Dataspace } from './dataspace.ts';
import { readDatatype, type Datatype } from './datatype.ts';
import { decodeText, H5Cursor, type H5File } from './file.ts';
import { FractalHeap } from './fractal-heap.ts';
import { findMessage, MESSAGE, messageCursor, type Message, type ObjectHeader } from './object-header.ts';

export interface Attribute {
  readonly name: string;
  readonly type: Datatype;
  readonly space: Dataspace;
  /** The stored elements; text of variable length is a reference into a global heap. */
  readonly data: Uint8Array;
  /** Absolute offset of the attribute, or of the header that holds it. */
  readonly offset: number;
}

/** All attributes of an object, in its header or in a heap. @throws AppError FORMAT_*; SOURCE_* */
export async function readAttributes(file: H5File, header: ObjectHeader): Promise<Attribute[]> {
  const attributes: Attribute[] = [];
  const add = (attribute: Attribute): void => {
    if (attributes.length >= HDF5_ATTRIBUTES_MAX) {
      throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'attributes', max: HDF5_ATTRIBUTES_MAX });
    }
    attributes.push(attribute);
  };
  for (const message of header.messages) {
    if (message.type === MESSAGE.attribute) add(await readAttribute(file, await messageCursor(file, message)));
  }
  const info = findMessage(header, MESSAGE.attributeInfo);
  if (info === undefined) return attributes;
  const cursor = await messageCursor(file, info);
  cursor.skip(1);
  if ((cursor.u8() & 1) !== 0) cursor.skip(2);
  const [heapAddress, names] = [cursor.address(), cursor.address()];
  if (heapAddress === null || names === null) return attributes;
  const heap = await FractalHeap.open(file, heapAddress);
  const dense: Attribute[] = [];
  await walkBtree2(file, names, 8, async (record) => {
    const id = record.take(heap.idLength);
    const flags = record.u8();
    // A shared attribute lives in the shared-message heap; nothing that writes models makes one.
    if ((flags & 0x02) === 0 && dense.length <= HDF5_ATTRIBUTES_MAX) {
      dense.push(await readAttribute(file, await heap.object(id)));
    }
  });
  // The index is in order of a hash: sorted by name, as the library gives them.
  for (const attribute of dense.sort((a, b) => (a.name < b.name ? -1 : 1))) add(attribute);
  return attributes;
}

/** Attribute message, versions 1 to 3 (specification IV.A.2.m). */
async function readAttribute(file: H5File, cursor: H5Cursor): Promise<Attribute> {
  const { offset } = cursor;
  const version = cursor.u8();
  const flags = cursor.u8();
  if (version < 1 || version > 3) throw new AppError('FORMAT_VERSION', { what: 'attribute', version });
  const nameSize = cursor.u16();
  const typeSize = cursor.u16();
  const spaceSize = cursor.u16();
  if (version === 3) cursor.skip(1);
  const padded = (size: number): number => (version === 1 ? Math.ceil(size / 8) * 8 : size);
  const part = (size: number): Message => {
    const at = cursor.offset;
    const data = cursor.take(padded(size)).subarray(0, size);
    return { type: 0, flags: 0, data, offset: at };
  };
  const nameBytes = part(nameSize).data;
  const end = nameBytes.indexOf(0);
  const name = decodeText(end < 0 ? nameBytes : nameBytes.subarray(0, end));
  const type = readDatatype(await shared(file, part(typeSize), MESSAGE.datatype, version > 1 && (flags & 1) !== 0));
  const space = readDataspace(await shared(file, part(spaceSize), MESSAGE.dataspace, version > 1 && (flags & 2) !== 0));
  return { name, type, space, data: cursor.take(cursor.remaining), offset };
}

/** The type of an attribute may be a committed one. */
async function shared(file: H5File, message: Message, type: number, isShared: boolean): Promise<H5Cursor> {
  return messageCursor(file, { ...message, type, flags: isShared ? 0x02 : 0 });
}
