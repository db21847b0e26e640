/** Tar archives: POSIX ustar and pax (IEEE Std 1003.1, pax), GNU long names, and the V7 form before them. */
import type { ByteSource } from '../bytes/source.ts';
import type { Finding } from '../content/finding.ts';
import { AppError, throwIfAborted } from '../errors.ts';
import { TAR_ENTRIES_MAX } from '../limits.ts';
import { FindingList, nameFault } from './zip/audit.ts';

const BLOCK = 512;
/** Extended headers hold names and a few numbers. */
const EXTENDED_MAX = 1024 * 1024;

export interface TarEntry {
  readonly name: string;
  /** Bytes of content. */
  readonly size: number;
  /** Absolute offset of the content. */
  readonly start: number;
  /** `file`, or what loaders must not follow. */
  readonly type: 'file' | 'directory' | 'link' | 'other';
  readonly linkName: string;
}

export interface TarArchive {
  readonly entries: readonly TarEntry[];
  readonly findings: readonly Finding[];
  /** Where reading stopped before the end mark. */
  readonly problem: AppError | null;
}

/** `ustar` in its place, or a header whose checksum holds, which is all that the oldest kind has. */
export function looksLikeTar(head: Uint8Array): boolean {
  if (head.length < BLOCK || head[0] === 0) return false;
  return cString(head.subarray(257, 262)) === 'ustar' || checksumHolds(head.subarray(0, BLOCK));
}

/**
 * Reads all headers of an archive.
 *
 * @throws AppError FORMAT_COUNT_TOO_LARGE; SOURCE_*
 */
export async function openTar(source: ByteSource, signal?: AbortSignal): Promise<TarArchive> {
  const entries: TarEntry[] = [];
  const list = new FindingList();
  let problem: AppError | null = null;
  let at = 0;
  let longName: string | null = null;
  let longSize: number | null = null;
  try {
    while (at + BLOCK <= source.size) {
      throwIfAborted(signal);
      const header = await source.read(at, at + BLOCK, signal);
      if (header.every((byte) => byte === 0)) break;
      if (!checksumHolds(header)) throw new AppError('FORMAT_CHECKSUM', { entry: 'A tar header', offset: at });
      const type = String.fromCharCode(header[156]!);
      const start = at + BLOCK;
      const size: number = longSize ?? numberField(header, 124, 12, at);
      const extended = 'xgLK'.includes(type);
      if (extended && size > EXTENDED_MAX) throw new AppError('FORMAT_STRING_TOO_LONG', { offset: at, length: size });
      if (start + size > source.size) {
        throw new AppError('FORMAT_TRUNCATED', { missing: start + size - source.size, offset: source.size });
      }
      at = start + Math.ceil(size / BLOCK) * BLOCK;
      if (extended) {
        const content = await source.read(start, start + size, signal);
        if (type === 'L') longName = cString(content);
        const pax = type === 'x' ? paxRecords(content) : null;
        longName = pax?.get('path') ?? longName;
        longSize = paxSize(pax?.get('size')) ?? longSize;
        continue;
      }
      if (entries.length >= TAR_ENTRIES_MAX) {
        throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'archive entries', limit: TAR_ENTRIES_MAX });
      }
      const entry = {
        name: longName ?? headerName(header),
        size,
        start,
        type: typeOf(type),
        linkName: cString(header.subarray(157, 257)),
      };
      longName = null;
      longSize = null;
      entries.push(entry);
      audit(entry, start - BLOCK, list);
    }
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith('FORMAT_')) throw error;
    problem = error;
  }
  duplicates(entries, list);
  return { entries, findings: list.findings, problem };
}

function audit(entry: TarEntry, offset: number, list: FindingList): void {
  const detail = { entry: entry.name.slice(0, 200), offset };
  const why = nameFault(entry.name);
  if (why === 'odd characters' || why === 'length')
    list.add({ code: 'bad-name', severity: 'caution', offset, detail: { ...detail, why } });
  else if (why !== null) list.add({ code: 'path-traversal', severity: 'danger', offset, detail: { ...detail, why } });
  if (entry.type === 'link')
    list.add({
      code: 'symlink',
      severity: 'danger',
      offset,
      detail: { ...detail, target: entry.linkName.slice(0, 200) },
    });
}

function duplicates(entries: readonly TarEntry[], list: FindingList): void {
  const seen = new Set<string>();
  for (const { name, start, type } of entries) {
    if (type === 'file' && seen.has(name)) {
      list.add({
        code: 'duplicate-entry',
        severity: 'caution',
        offset: start - BLOCK,
        detail: { entry: name.slice(0, 200) },
      });
    }
    seen.add(name);
  }
}

function typeOf(flag: string): TarEntry['type'] {
  if (flag === '0' || flag === '\0' || flag === '7') return 'file';
  if (flag === '5') return 'directory';
  return flag === '1' || flag === '2' ? 'link' : 'other';
}

/** `prefix/name` in ustar. */
function headerName(header: Uint8Array): string {
  const name = cString(header.subarray(0, 100));
  const ustar = cString(header.subarray(257, 262)) === 'ustar' && header[262] === 0;
  const prefix = ustar ? cString(header.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** The sum of all bytes with the field itself as spaces, unsigned or, by old writers, signed. */
function checksumHolds(header: Uint8Array): boolean {
  const stated = octal(header.subarray(148, 156));
  if (stated === null) return false;
  let unsigned = 0;
  let signed = 0;
  header.forEach((byte, i) => {
    const value = i >= 148 && i < 156 ? 0x20 : byte;
    unsigned += value;
    signed += value > 127 ? value - 256 : value;
  });
  return stated === unsigned || stated === signed;
}

/** Octal text, or base 256 when the highest bit is set (GNU). @throws AppError FORMAT_LENGTH, FORMAT_OVERFLOW */
function numberField(header: Uint8Array, start: number, length: number, offset: number): number {
  const field = header.subarray(start, start + length);
  let value = octal(field);
  if ((field[0]! & 0x80) !== 0) {
    value = field[0]! & 0x7f;
    for (const byte of field.subarray(1)) {
      value = value * 256 + byte;
      if (!Number.isSafeInteger(value)) throw new AppError('FORMAT_OVERFLOW', { what: 'A size in the tar', offset });
    }
  }
  if (value === null) throw new AppError('FORMAT_LENGTH', { what: 'A size in the tar', offset });
  return value;
}

function octal(field: Uint8Array): number | null {
  const text = cString(field).trim();
  return /^[0-7]{1,14}$/.test(text) ? Number.parseInt(text, 8) : null;
}

/** `length key=value\n` … (pax). */
function paxRecords(content: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  const decoder = new TextDecoder('utf-8');
  let at = 0;
  while (at < content.length) {
    const space = content.indexOf(0x20, at);
    const length = Number.parseInt(decoder.decode(content.subarray(at, Math.max(at, space))), 10);
    if (space < 0 || !(length > 0) || at + length > content.length) break;
    const record = decoder.decode(content.subarray(space + 1, at + length - 1));
    const equals = record.indexOf('=');
    if (equals > 0) records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}

function paxSize(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder('utf-8').decode(end < 0 ? bytes : bytes.subarray(0, end));
}
