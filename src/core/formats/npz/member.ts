import { MemorySource } from '../../bytes/memory.ts';
import type { ByteSource } from '../../bytes/source.ts';
import type { Finding } from '../../content/finding.ts';
import { AppError } from '../../errors.ts';
import { ENTRY_IN_MEMORY_MAX } from '../../limits.ts';
import type { TensorEntry } from '../../tensors/entry.ts';
import type { ContentReport } from '../archive-content.ts';
import { describeArray } from '../npy/array.ts';
import { npyHeaderLength, parseNpyHeader, type NpyHeader } from '../npy/header.ts';
import { readObjects } from '../npy/objects.ts';
import { rowMajor } from '../npy/row-major.ts';
import { STORED, type LocatedEntry } from '../zip/entry.ts';
import { readEntry, readEntryHead, streamEntry } from '../zip/read.ts';

/** Most headers are 128 bytes long: one small unpacking tells. */
const HEAD = 4096;

/** What one .npy file of an archive holds. */
export interface Member {
  readonly entries: readonly TensorEntry[];
  readonly findings: readonly Finding[];
  /** Row-major bytes of an entry whose storage is `assembled`; null when it is none of this member. */
  payload(entry: TensorEntry, signal?: AbortSignal): AsyncIterable<Uint8Array> | null;
}

/** @throws AppError FORMAT_*; SOURCE_* */
export async function readMember(
  source: ByteSource,
  located: LocatedEntry,
  report: ContentReport,
  signal?: AbortSignal,
): Promise<Member> {
  const name = located.name.slice(0, -'.npy'.length);
  const header = await readHeader(source, located, signal);
  if (header.type.object) {
    const objects = await readMemberObjects(source, located, header, name, report, signal);
    if (objects.entries.length > 0) return objects;
  }
  const { entry, findings } = describeArray(header, name, located.size);
  const { storage } = entry;
  if (storage.kind !== 'range') return { entries: [entry], findings, payload: () => null };
  if (located.method === STORED) {
    const shift = located.dataStart;
    const moved = findings.map(({ offset, ...rest }) =>
      offset === undefined ? rest : { ...rest, offset: offset + shift },
    );
    const place = { ...storage, start: shift + storage.start };
    return { entries: [{ ...entry, storage: place }], findings: moved, payload: () => null };
  }
  // Places inside a compressed entry are no places of the file.
  const told = findings.map(({ code, severity, detail }) => ({ code, severity, detail }));
  const strides = storage.strides ?? null;
  if (strides !== null && entry.byteLength > ENTRY_IN_MEMORY_MAX) {
    const absent = { ...entry, storage: { kind: 'absent', why: 'column by column and too large' } } as const;
    return { entries: [absent], findings: told, payload: () => null };
  }
  const order = storage.order === undefined ? {} : { order: storage.order };
  const assembled: TensorEntry = { ...entry, storage: { kind: 'assembled', ...order } };
  return {
    entries: [assembled],
    findings: told,
    payload: (_, abort) => unpacked(source, located, header, assembled, strides, abort),
  };
}

async function readHeader(source: ByteSource, located: LocatedEntry, signal?: AbortSignal): Promise<NpyHeader> {
  const head = await readEntryHead(source, located, HEAD, signal);
  const length = npyHeaderLength(head.subarray(0, 12), located.size);
  const bytes = length <= head.length ? head.subarray(0, length) : await readEntryHead(source, located, length, signal);
  if (bytes.length !== length) throw new AppError('FORMAT_TRUNCATED', { entry: located.name.slice(0, 200) });
  return parseNpyHeader(bytes);
}

async function readMemberObjects(
  source: ByteSource,
  located: LocatedEntry,
  header: NpyHeader,
  name: string,
  report: ContentReport,
  signal?: AbortSignal,
): Promise<Member> {
  const stored = located.method === STORED;
  const bytes = stored ? null : new MemorySource(located.name, await readEntry(source, located, signal));
  const [start, end] = stored
    ? [located.dataStart + header.dataStart, located.dataEnd]
    : [header.dataStart, bytes?.size ?? 0];
  const place = { member: located.name, shift: stored ? 0 : null };
  const content = await readObjects(bytes ?? source, start, end, `${name}.`, place, report, signal);
  return { entries: content.entries, findings: [], payload: content.payload };
}

async function* unpacked(
  source: ByteSource,
  located: LocatedEntry,
  { dataStart, type }: NpyHeader,
  entry: TensorEntry,
  strides: readonly number[] | null,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const end = dataStart + entry.byteLength;
  const whole = strides === null ? null : new Uint8Array(entry.byteLength);
  let at = 0;
  for await (const chunk of streamEntry(source, located, signal)) {
    const from = Math.min(Math.max(dataStart - at, 0), chunk.length);
    const to = Math.min(Math.max(end - at, 0), chunk.length);
    if (from < to) {
      if (whole === null) yield chunk.subarray(from, to);
      else whole.set(chunk.subarray(from, to), at + from - dataStart);
    }
    at += chunk.length;
  }
  if (whole !== null && strides !== null) yield* rowMajor(whole, entry.shape, strides, type.size);
}
