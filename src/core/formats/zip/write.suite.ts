/** Writes zip archives with every freedom a hostile or unusual writer has, for tests. */
import { deflateSync } from 'fflate';
import { crc32 } from './crc32.ts';

export interface EntryPlan {
  readonly name: string;
  readonly data: Uint8Array;
  readonly deflate?: boolean;
  /** Overrides of what the two headers say. */
  readonly central?: Partial<HeaderFields>;
  readonly local?: Partial<HeaderFields>;
  /** Left out of the directory. */
  readonly hidden?: boolean;
  /** Sums follow the data. */
  readonly descriptor?: boolean;
  /** Sizes and offset as 64-bit extra fields. */
  readonly zip64?: boolean;
  readonly attributes?: number;
  /** Bytes before the local header. */
  readonly before?: Uint8Array;
  /** Bytes of filling in the local extra field, as PyTorch aligns. */
  readonly filling?: number;
}

export interface HeaderFields {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly size: number;
  readonly packed: number;
  readonly offset: number;
}

export interface ArchivePlan {
  readonly comment?: Uint8Array;
  readonly count?: number;
  readonly directoryOffset?: number;
  readonly directorySize?: number;
  readonly prefix?: Uint8Array;
  /** Offsets count from the start of the archive proper and not from the prefix. */
  readonly relative?: boolean;
  readonly suffix?: Uint8Array;
}

const encoder = new TextEncoder();

export function bytesOf(...fields: readonly (readonly [value: number, bytes: 2 | 4 | 8] | Uint8Array)[]): Uint8Array {
  const parts = fields.map((field) => {
    if (field instanceof Uint8Array) return field;
    const [value, length] = field;
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt(value), true);
    return new Uint8Array(view.buffer, 0, length);
  });
  return new Uint8Array(Buffer.concat(parts));
}

export function makeZip(entries: readonly EntryPlan[], plan: ArchivePlan = {}): Uint8Array {
  const parts: Uint8Array[] = [plan.prefix ?? new Uint8Array(0)];
  const directory: Uint8Array[] = [];
  let at = parts[0]!.length;
  const base = plan.relative === true ? at : 0;
  const add = (part: Uint8Array): void => {
    parts.push(part);
    at += part.length;
  };
  for (const entry of entries) {
    add(entry.before ?? new Uint8Array(0));
    const packed = entry.deflate === true ? deflateSync(entry.data) : entry.data;
    const offset = at - base;
    const fields: HeaderFields = {
      name: entry.name,
      flags: entry.descriptor === true ? 8 : 0,
      method: entry.deflate === true ? 8 : 0,
      crc: crc32(entry.data),
      size: entry.data.length,
      packed: packed.length,
      offset,
    };
    const none = entry.descriptor === true ? { crc: 0, size: 0, packed: 0 } : {};
    add(local({ ...fields, ...none, ...entry.local }, entry));
    add(packed);
    if (entry.descriptor === true) add(bytesOf([0x08074b50, 4], [fields.crc, 4], [fields.packed, 4], [fields.size, 4]));
    if (entry.hidden !== true) directory.push(central({ ...fields, ...entry.central }, entry));
  }
  const directoryAt = at - base;
  for (const record of directory) add(record);
  const size = at - base - directoryAt;
  const comment = plan.comment ?? new Uint8Array(0);
  const count = plan.count ?? directory.length;
  add(
    bytesOf(
      [0x06054b50, 4],
      [0, 2],
      [0, 2],
      [count, 2],
      [count, 2],
      [plan.directorySize ?? size, 4],
      [plan.directoryOffset ?? directoryAt, 4],
      [comment.length, 2],
      comment,
    ),
  );
  add(plan.suffix ?? new Uint8Array(0));
  return new Uint8Array(Buffer.concat(parts));
}

function local(fields: HeaderFields, entry: EntryPlan): Uint8Array {
  const name = encoder.encode(fields.name);
  const large = entry.zip64 === true;
  const filling = entry.filling ?? 0;
  const extra = bytesOf(
    large ? bytesOf([1, 2], [16, 2], [fields.size, 8], [fields.packed, 8]) : new Uint8Array(0),
    filling > 0 ? bytesOf([0x4246, 2], [filling, 2], new Uint8Array(filling)) : new Uint8Array(0),
  );
  return bytesOf(
    [0x04034b50, 4],
    [20, 2],
    [fields.flags, 2],
    [fields.method, 2],
    [0, 4],
    [fields.crc, 4],
    [large ? 0xffffffff : fields.packed, 4],
    [large ? 0xffffffff : fields.size, 4],
    [name.length, 2],
    [extra.length, 2],
    name,
    extra,
  );
}

function central(fields: HeaderFields, entry: EntryPlan): Uint8Array {
  const name = encoder.encode(fields.name);
  const large = entry.zip64 === true;
  const extra = large
    ? bytesOf([1, 2], [24, 2], [fields.size, 8], [fields.packed, 8], [fields.offset, 8])
    : new Uint8Array(0);
  return bytesOf(
    [0x02014b50, 4],
    [20, 2],
    [20, 2],
    [fields.flags, 2],
    [fields.method, 2],
    [0, 4],
    [fields.crc, 4],
    [large ? 0xffffffff : fields.packed, 4],
    [large ? 0xffffffff : fields.size, 4],
    [name.length, 2],
    [extra.length, 2],
    [0, 2],
    [0, 2],
    [0, 2],
    [entry.attributes ?? 0, 4],
    [large ? 0xffffffff : fields.offset, 4],
    name,
    extra,
  );
}
