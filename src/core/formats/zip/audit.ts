import type { Finding } from '../../content/finding.ts';
import { AppError } from '../../errors.ts';
import { ZIP_BOMB_FROM, ZIP_EXPANSION_MAX } from '../../limits.ts';
import type { ArchiveEnd } from './end.ts';
import { DEFLATED, isSymlink, type LocatedEntry } from './entry.ts';
import { mayFollow, type LocalDifference } from './local.ts';

/** Findings of one kind listed one by one; an archive of 100,000 odd names is one fact, not 100,000. */
const LISTED = 20;
const NAME_MAX = 1024;

/** Bytes of the archive that belong to no entry. */
export interface Gap {
  readonly start: number;
  readonly end: number;
  readonly where: 'before' | 'between' | 'after';
}

/** Collects findings, at most `LISTED` of each code and severity. */
export class FindingList {
  readonly findings: Finding[] = [];
  readonly #counts = new Map<string, number>();

  add(finding: Finding): void {
    // Harmless ones must not crowd out the others.
    const kind = `${finding.code} ${finding.severity}`;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (count <= LISTED) this.findings.push(finding);
  }
}

/** Names that leave the folder, links, duplicates, and headers that contradict the directory. */
export function auditNames(entries: readonly LocatedEntry[], differences: readonly LocalDifference[]): Finding[] {
  const list = new FindingList();
  const seen = new Map<string, string>();
  for (const entry of entries) {
    const detail = { entry: entry.name.slice(0, 200), offset: entry.localOffset };
    const why = nameFault(entry.name);
    if (why !== null) {
      const code = why === 'odd characters' || why === 'length' ? 'bad-name' : 'path-traversal';
      list.add({
        code,
        severity: code === 'bad-name' ? 'caution' : 'danger',
        offset: entry.localOffset,
        detail: { ...detail, name: detail.entry, why },
      });
    }
    if (isSymlink(entry)) list.add({ code: 'symlink', severity: 'danger', offset: entry.localOffset, detail });
    // What a C reader, Windows or macOS would take for the same name.
    const folded = entry.name.split('\0', 1)[0]!.normalize('NFC').toLowerCase();
    const before = seen.get(folded);
    if (before === undefined) seen.set(folded, entry.name);
    else if (before === entry.name)
      list.add({ code: 'duplicate-entry', severity: 'caution', offset: entry.localOffset, detail });
    else {
      const what = `${before.slice(0, 80)} and ${entry.name.slice(0, 80)}`;
      list.add({ code: 'zip-ambiguous', severity: 'caution', offset: entry.localOffset, detail: { ...detail, what } });
    }
  }
  for (const { entry, what, localName } of differences) {
    const detail = {
      entry: entry.name.slice(0, 200),
      what,
      ...(localName === undefined ? {} : { localName: localName.slice(0, 200) }),
    };
    list.add({ code: 'zip-inconsistent', severity: 'caution', offset: entry.localOffset, detail });
  }
  return list.findings;
}

/** Why unpacking a name without care would write somewhere else, or null. */
export function nameFault(name: string): string | null {
  if (name.includes('\0')) return 'a NUL';
  if (name.startsWith('/')) return 'an absolute path';
  if (/^[a-z]:/i.test(name)) return 'a drive letter';
  if (name.includes('\\')) return 'a backslash';
  if (name.split('/').includes('..')) return 'a parent folder';
  if (name.length > NAME_MAX) return 'length';
  // Controls, and marks that reorder text on screen.
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(name)) return 'odd characters';
  return null;
}

/** Entries that share bytes, and archives that would fill a disk. */
export function auditPlaces(entries: readonly LocatedEntry[], fileSize: number): AppError[] {
  const problems: AppError[] = [];
  const bomb = findBomb(entries, fileSize);
  if (bomb !== null) problems.push(bomb);
  const placed = byPlace(entries);
  let before: LocatedEntry | undefined;
  for (const entry of placed) {
    if (before !== undefined && entry.localOffset < before.dataEnd) {
      problems.push(
        new AppError('FORMAT_OVERLAP', {
          entry: entry.name.slice(0, 200),
          other: before.name.slice(0, 200),
          offset: entry.localOffset,
        }),
      );
      break;
    }
    if (before === undefined || entry.dataEnd > before.dataEnd) before = entry;
  }
  return problems;
}

function findBomb(entries: readonly LocatedEntry[], fileSize: number): AppError | null {
  let expanded = 0;
  let worst: LocatedEntry | undefined;
  for (const entry of entries) {
    if (entry.method !== DEFLATED) continue;
    expanded += entry.size;
    if (worst === undefined || entry.size > worst.size) worst = entry;
  }
  if (worst === undefined) return null;
  const alone = worst.size >= ZIP_BOMB_FROM && worst.size > worst.compressedSize * ZIP_EXPANSION_MAX;
  const together = expanded >= ZIP_BOMB_FROM && expanded > fileSize * ZIP_EXPANSION_MAX;
  if (!alone && !together) return null;
  return new AppError('FORMAT_BOMB', {
    entry: worst.name.slice(0, 200),
    expanded: together ? expanded : worst.size,
    size: fileSize,
  });
}

/** What no entry accounts for, data descriptors apart. */
export function findGaps(entries: readonly LocatedEntry[], end: ArchiveEnd, fileSize: number): Gap[] {
  const gaps: Gap[] = [];
  let at = 0;
  let before: LocatedEntry | undefined;
  const until = (start: number, where: Gap['where']): void => {
    if (start > at && !(before !== undefined && mayFollow(before, start - at)))
      gaps.push({ start: at, end: start, where });
  };
  for (const entry of byPlace(entries)) {
    until(entry.localOffset, before === undefined ? 'before' : 'between');
    if (entry.dataEnd >= at) before = entry;
    at = Math.max(at, entry.dataEnd);
  }
  until(end.directoryStart, before === undefined ? 'before' : 'between');
  if (end.end < fileSize) gaps.push({ start: end.end, end: fileSize, where: 'after' });
  return gaps;
}

function byPlace(entries: readonly LocatedEntry[]): LocatedEntry[] {
  return entries.filter((entry) => entry.dataStart >= 0).sort((a, b) => a.localOffset - b.localOffset);
}
