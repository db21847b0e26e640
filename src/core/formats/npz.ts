/** NumPy archives: a zip of .npy files, stored or deflated (numpy.savez). */
import type { ByteSource } from '../bytes/source.ts';
import type { Finding } from '../content/finding.ts';
import { AppError } from '../errors.ts';
import { ENTRY_IN_MEMORY_MAX, TENSORS_MAX } from '../limits.ts';
import type { TensorEntry } from '../tensors/entry.ts';
import type { Format, InnerChecksum, OpenArtifact } from './format.ts';
import { leadingDigest } from './header-digest.ts';
import { describeArray } from './npy/array.ts';
import { npyHeaderLength, parseNpyHeader } from './npy/header.ts';
import { rowMajor } from './npy/row-major.ts';
import { looksLikeZip, openZip } from './zip/archive.ts';
import { isDirectory, STORED, type LocatedEntry } from './zip/entry.ts';
import { readEntryHead, streamEntry } from './zip/read.ts';

/** Most headers are 128 bytes long: one small unpacking tells. */
const HEAD = 4096;

export const npz: Format = {
  id: 'npz',
  title: 'NumPy archive',
  extensions: ['.npz'],
  match(head, { name }) {
    return looksLikeZip(head) && (/\.npz$/i.test(name) || firstName(head).endsWith('.npy'));
  },
  open: openNpz,
};

/** One array of the archive with how to unpack it, where it has to be unpacked. */
interface Member {
  readonly entry: TensorEntry;
  readonly packed: {
    readonly located: LocatedEntry;
    readonly dataStart: number;
    readonly strides: readonly number[] | null;
    readonly elementSize: number;
  } | null;
}

async function openNpz(source: ByteSource, signal?: AbortSignal): Promise<OpenArtifact> {
  const archive = await openZip(source, signal);
  const [problem] = archive.problems;
  if (problem !== undefined) throw problem;
  const findings: Finding[] = [...archive.findings];
  const members: Member[] = [];
  const checksums: InnerChecksum[] = [];
  const names = new Set<string>();
  for (const located of archive.entries) {
    if (isDirectory(located)) continue;
    if (names.has(located.name)) throw new AppError('FORMAT_DUPLICATE_ENTRY', { entry: located.name.slice(0, 200) });
    names.add(located.name);
    if (!located.name.endsWith('.npy')) continue;
    if (members.length >= TENSORS_MAX)
      throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'arrays', max: TENSORS_MAX });
    const { member, found } = await readMember(source, located, signal);
    members.push(member);
    findings.push(...found);
    if (located.method === STORED) {
      const { dataStart, dataEnd, crc32, name } = located;
      checksums.push({ algorithm: 'crc32', start: dataStart, end: dataEnd, value: crc32, name });
    }
  }
  const byName = new Map(members.map((member) => [member.entry.name, member]));
  return {
    format: 'npz',
    tensors: members.map(({ entry }) => entry),
    metadata: [],
    findings,
    checksums,
    facts: { entries: archive.entries.length, arrays: members.length },
    ...(await leadingDigest(source, signal)),
    payload(tensor, abort) {
      const member = byName.get(tensor.name);
      if (member === undefined || member.packed === null)
        throw new AppError('ENGINE_INTERNAL', { message: 'no payload', tensor: tensor.name });
      return unpacked(source, member.entry, member.packed, abort);
    },
  };
}

async function readMember(
  source: ByteSource,
  located: LocatedEntry,
  signal: AbortSignal | undefined,
): Promise<{ member: Member; found: readonly Finding[] }> {
  const name = located.name.slice(0, -'.npy'.length);
  const head = await readEntryHead(source, located, HEAD, signal);
  const length = npyHeaderLength(head.subarray(0, 12), located.size);
  const bytes = length <= head.length ? head.subarray(0, length) : await readEntryHead(source, located, length, signal);
  if (bytes.length !== length) throw new AppError('FORMAT_TRUNCATED', { entry: located.name.slice(0, 200) });
  const header = parseNpyHeader(bytes);
  const { entry, findings } = describeArray(header, name, located.size);
  if (entry.storage.kind !== 'range') return { member: { entry, packed: null }, found: findings };
  const { storage } = entry;
  if (located.method === STORED) {
    const place = { ...storage, start: located.dataStart + storage.start };
    const found = findings.map((finding) =>
      finding.offset === undefined ? finding : { ...finding, offset: finding.offset + located.dataStart },
    );
    return { member: { entry: { ...entry, storage: place }, packed: null }, found };
  }
  const strides = storage.strides ?? null;
  if (strides !== null && entry.byteLength > ENTRY_IN_MEMORY_MAX) {
    return {
      member: { entry: { ...entry, storage: { kind: 'absent', why: 'column by column and too large' } }, packed: null },
      found: findings,
    };
  }
  const order = storage.order === undefined ? {} : { order: storage.order };
  return {
    member: {
      entry: { ...entry, storage: { kind: 'assembled', ...order } },
      packed: { located, dataStart: header.dataStart, strides, elementSize: header.type.size },
    },
    // Places inside a compressed entry are no places of the file.
    found: findings.map(({ code, severity, detail }) => ({ code, severity, detail })),
  };
}

async function* unpacked(
  source: ByteSource,
  entry: TensorEntry,
  { located, dataStart, strides, elementSize }: NonNullable<Member['packed']>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const end = dataStart + entry.byteLength;
  const whole = strides === null ? null : new Uint8Array(entry.byteLength);
  let at = 0;
  for await (const chunk of streamEntry(source, located, signal)) {
    const part = chunk.subarray(
      Math.max(0, Math.min(dataStart - at, chunk.length)),
      Math.max(0, Math.min(end - at, chunk.length)),
    );
    if (part.length > 0) {
      if (whole === null) yield part;
      else whole.set(part, Math.max(at, dataStart) - dataStart);
    }
    at += chunk.length;
  }
  if (whole !== null && strides !== null) yield* rowMajor(whole, entry.shape, strides, elementSize);
}

/** Name of the first entry, as far as it lies in the head. */
function firstName(head: Uint8Array): string {
  if (head.length < 30) return '';
  const length = (head[26] ?? 0) + 256 * (head[27] ?? 0);
  return new TextDecoder().decode(head.subarray(30, 30 + length));
}
