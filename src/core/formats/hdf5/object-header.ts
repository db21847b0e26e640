import { AppError } from '../../errors.ts';
import { HDF5_MESSAGES_MAX } from '../../limits.ts';
import { H5Cursor, type H5File } from './file.ts';

/** Message types of object headers that are read (specification IV.A.2). */
export const MESSAGE = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  oldFillValue: 0x04,
  fillValue: 0x05,
  link: 0x06,
  externalFiles: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

export interface Message {
  readonly type: number;
  /** Bit 1: `data` refers to the message, which is stored elsewhere. */
  readonly flags: number;
  readonly data: Uint8Array;
  /** Absolute offset of `data`. */
  readonly offset: number;
}

export interface ObjectHeader {
  readonly address: number;
  readonly messages: readonly Message[];
}

interface Block {
  readonly address: number;
  readonly length: number;
}

/**
 * All messages of the object at an address, of versions 1 and 2, with their continuation blocks.
 *
 * @throws AppError FORMAT_HEADER, FORMAT_VERSION, FORMAT_CHECKSUM, FORMAT_BOUNDS, FORMAT_CYCLE, FORMAT_COUNT_TOO_LARGE
 */
export async function readObjectHeader(file: H5File, address: number): Promise<ObjectHeader> {
  const head = await file.upTo(address, 16, 'object header');
  const second = head[0] === 0x4f && head[1] === 0x48;
  const messages = second ? await readVersion2(file, address) : await readVersion1(file, address);
  return { address, messages };
}

async function readVersion1(file: H5File, address: number): Promise<Message[]> {
  const head = await file.cursor(address, 16, 'object header');
  const version = head.u8();
  if (version !== 1) throw new AppError('FORMAT_HEADER', { why: 'no object header', offset: head.base });
  head.skip(7);
  const length = head.u32();
  return readBlocks(file, { address: address + 16, length }, async (block) => {
    const cursor = await file.cursor(block.address, block.length, 'object header');
    return readMessages(cursor, cursor.bytes.length, 8, () => {
      const type = cursor.u16();
      const size = cursor.u16();
      const flags = cursor.u8();
      cursor.skip(3);
      return { type, size, flags };
    });
  });
}

async function readVersion2(file: H5File, address: number): Promise<Message[]> {
  const head = new H5Cursor(await file.upTo(address, 64, 'object header'), file.base + address, file.widths);
  head.signature('OHDR');
  const version = head.u8();
  if (version !== 2) throw new AppError('FORMAT_VERSION', { what: 'object header', version });
  const flags = head.u8();
  if ((flags & 0x20) !== 0) head.skip(16);
  if ((flags & 0x10) !== 0) head.skip(4);
  const length = head.uint(2 ** (flags & 3));
  const prefix = head.position;
  const ordered = (flags & 0x04) !== 0;
  const header = (cursor: H5Cursor) => () => {
    const type = cursor.u8();
    const size = cursor.u16();
    const messageFlags = cursor.u8();
    if (ordered) cursor.skip(2);
    return { type, size, flags: messageFlags };
  };
  const first = { address, length: prefix + length + 4 };
  return readBlocks(file, first, async (block) => {
    const cursor = await file.signed(block.address, block.length, block === first ? 'OHDR' : 'OCHK', true);
    if (block === first) cursor.seek(prefix);
    return readMessages(cursor, cursor.bytes.length - 4, ordered ? 6 : 4, header(cursor));
  });
}

async function readBlocks(file: H5File, first: Block, read: (block: Block) => Promise<Message[]>): Promise<Message[]> {
  const queue = [first];
  const seen = new Set<number>();
  const messages: Message[] = [];
  for (let block = queue.shift(); block !== undefined; block = queue.shift()) {
    if (seen.has(block.address))
      throw new AppError('FORMAT_CYCLE', { name: 'object header', offset: file.base + block.address });
    seen.add(block.address);
    for (const message of await read(block)) {
      if (message.type === MESSAGE.continuation) {
        const cursor = new H5Cursor(message.data, message.offset, file.widths);
        const address = cursor.address();
        if (address !== null) queue.push({ address, length: cursor.extent() });
        continue;
      }
      messages.push(message);
      if (messages.length > HDF5_MESSAGES_MAX) {
        throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'header messages', max: HDF5_MESSAGES_MAX });
      }
    }
  }
  return messages;
}

/** Messages until fewer bytes are left than a message header has (`gap`). Views of the block, not copies. */
function readMessages(
  cursor: H5Cursor,
  end: number,
  gap: number,
  header: () => { readonly type: number; readonly size: number; readonly flags: number },
): Message[] {
  const messages: Message[] = [];
  while (end - cursor.position >= gap) {
    const { type, size, flags } = header();
    const { offset } = cursor;
    if (size > end - cursor.position)
      throw new AppError('FORMAT_BOUNDS', { what: 'header message', offset, length: size });
    messages.push({ type, flags, data: cursor.take(size), offset });
  }
  return messages;
}

/** The first message of a type, or undefined. */
export function findMessage(header: ObjectHeader, type: number): Message | undefined {
  return header.messages.find((message) => message.type === type);
}

/**
 * A cursor over a message, wherever it is stored: a committed datatype is a message of another object.
 *
 * @throws AppError FORMAT_HEADER for the shared-message heap, which no model writer uses
 */
export async function messageCursor(file: H5File, message: Message): Promise<H5Cursor> {
  if ((message.flags & 0x02) === 0) return new H5Cursor(message.data, message.offset, file.widths);
  const reference = new H5Cursor(message.data, message.offset, file.widths);
  const version = reference.u8();
  const kind = reference.u8();
  if (version === 1) reference.skip(6);
  if (version >= 3 && kind === 1)
    throw new AppError('FORMAT_HEADER', { why: 'shared message heap', offset: message.offset });
  const address = reference.address();
  if (address === null) throw new AppError('FORMAT_HEADER', { why: 'shared message', offset: message.offset });
  const target = findMessage(await readObjectHeader(file, address), message.type);
  // One step only: a shared message that is shared again would be a way to walk in circles.
  if (target === undefined || (target.flags & 0x02) !== 0) {
    throw new AppError('FORMAT_HEADER', { why: 'shared message', offset: message.offset });
  }
  return new H5Cursor(target.data, target.offset, file.widths);
}
