import type { ByteSource } from '../../bytes/source.ts';
import type { Finding } from '../../content/finding.ts';
import type { AppError } from '../../errors.ts';
import { auditNames, auditPlaces, findGaps, type Gap } from './audit.ts';
import { readDirectory } from './directory.ts';
import { readEnd } from './end.ts';
import { isDirectory, type LocatedEntry } from './entry.ts';
import { locateEntries } from './local.ts';

/** A zip whose tables were read and compared with each other; no entry was unpacked. */
export interface ZipArchive {
  readonly source: ByteSource;
  /** In directory order; names may repeat. */
  readonly entries: readonly LocatedEntry[];
  readonly gaps: readonly Gap[];
  /** Names, links, duplicates, contradictions that leave the archive readable. */
  readonly findings: readonly Finding[];
  /** Why a careful reader refuses the archive, worst first. Its entries may be readable all the same. */
  readonly problems: readonly AppError[];
  readonly comment: string;
  /** Absolute offsets of the central directory. */
  readonly directoryStart: number;
  readonly directoryEnd: number;
}

/** The first four bytes of a zip with entries, and of one without. */
export function looksLikeZip(head: Uint8Array): boolean {
  if (head[0] !== 0x50 || head[1] !== 0x4b) return false;
  return (head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6);
}

/**
 * Reads the end records, the central directory and every local header.
 *
 * @throws AppError FORMAT_TRUNCATED, FORMAT_BOUNDS, FORMAT_OVERFLOW, FORMAT_ARCHIVE, FORMAT_TOO_LARGE when not even a
 *   list of entries can be had; everything else comes as `problems` and `findings`. SOURCE_*
 */
export async function openZip(source: ByteSource, signal?: AbortSignal): Promise<ZipArchive> {
  const end = await readEnd(source, signal);
  const directory = await readDirectory(source, end, signal);
  const { entries, differences } = await locateEntries(source, directory.entries, end.directoryStart, signal);
  const findings = auditNames(entries, differences);
  if (end.otherEnds > 0) {
    const detail = { what: 'several end records', count: end.otherEnds + 1 };
    findings.push({ code: 'zip-ambiguous', severity: 'caution', offset: end.end, detail });
  }
  const own = entries.flatMap((entry) => (entry.problem === null ? [] : [entry.problem]));
  return {
    source,
    entries,
    gaps: findGaps(entries, end, source.size),
    findings,
    problems: [
      ...(directory.problem === null ? [] : [directory.problem]),
      ...auditPlaces(entries, source.size),
      ...own.slice(0, 20),
    ],
    comment: new TextDecoder('utf-8').decode(end.comment.subarray(0, 4096)),
    directoryStart: end.directoryStart,
    directoryEnd: end.end,
  };
}

/** The entry that CPython's reader opens under a name: the last one, as far as bytes are there at all. */
export function findEntry(archive: ZipArchive, name: string): LocatedEntry | undefined {
  return archive.entries.findLast((entry) => entry.name === name && entry.dataStart >= 0 && !isDirectory(entry));
}
