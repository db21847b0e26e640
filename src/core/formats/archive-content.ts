/** What hides in the entries of a zip: pickles, archives, programs, and bytes that belong to no entry. */
import { MemorySource } from '../bytes/memory.ts';
import type { ByteSource } from '../bytes/source.ts';
import type { Finding, FindingCode, Severity } from '../content/finding.ts';
import type { PickleImport } from '../content/pickle/import.ts';
import { carvePickles } from '../content/pickle/carve.ts';
import { streamFindings, streamImports } from '../content/pickle/findings.ts';
import { newBudget, scanPickles, type PickleFacts, type PickleScan, type ScanBudget } from '../content/pickle/scan.ts';
import { AppError, throwIfAborted, type ErrorDetail } from '../errors.ts';
import { CARVE_MAX, ENTRY_IN_MEMORY_MAX, NESTING_FOLLOWED } from '../limits.ts';
import { SubSource } from './sub-source.ts';
import { looksLikeZip, openZip, type ZipArchive } from './zip/archive.ts';
import { FindingList, type Gap } from './zip/audit.ts';
import { DEFLATED, isDirectory, STORED, type LocatedEntry } from './zip/entry.ts';
import { hiddenEntries } from './zip/hidden.ts';
import { readEntryAnyway, readEntryHead } from './zip/read.ts';

/** Collects what is said about one artifact while its parts are looked through. */
export class ContentReport {
  readonly #list = new FindingList();
  readonly imports: PickleImport[] = [];
  /** Why parts could not be checked, in the order met. */
  readonly problems: AppError[] = [];
  readonly budget: ScanBudget;

  constructor(budget: ScanBudget = newBudget()) {
    this.budget = budget;
  }

  /** Counts what unpacking an entry gives; false when the entries of one file have given too much. */
  spend(entry: LocatedEntry): boolean {
    this.budget.unpacked -= Math.max(entry.size, entry.compressedSize);
    return this.budget.unpacked >= 0;
  }

  get findings(): readonly Finding[] {
    return this.#list.findings;
  }

  find(code: FindingCode, severity: Severity, detail: ErrorDetail, offset?: number): void {
    this.#list.add({ code, severity, ...(offset === undefined ? {} : { offset }), detail });
  }

  take(facts: PickleFacts): void {
    for (const finding of facts.findings) this.#list.add(finding);
    for (const found of facts.imports) {
      const room = found.class === 'dangerous' ? 2 * IMPORTS_MAX : IMPORTS_MAX;
      if (this.imports.length < room) this.imports.push(found);
    }
  }

  facts(): PickleFacts {
    return { findings: this.findings, imports: this.imports };
  }
}

/** Names that are pickles whatever they begin with (protocols 0 and 1 have no magic). */
const PICKLE_NAME = /\.(?:pkl|pickle|debug_pkl|p|pth|joblib|dill)$/i;
const HEAD = 16;
/** Imports listed of all pickles in one file; findings say what matters about the others. */
const IMPORTS_MAX = 10_000;

/** Looks through every entry but those in `known`. Damage in one entry does not keep the others from being seen. */
export async function scanEntries(
  archive: ZipArchive,
  known: ReadonlySet<LocatedEntry>,
  report: ContentReport,
  signal?: AbortSignal,
): Promise<void> {
  // Entries that share their bytes (a bomb) are looked at once.
  const seen = new Set<number>();
  for (const entry of archive.entries) {
    if (known.has(entry) || isDirectory(entry) || entry.dataStart < 0 || seen.has(entry.dataStart)) continue;
    seen.add(entry.dataStart);
    throwIfAborted(signal);
    const head = await readEntryHead(archive.source, entry, HEAD, signal);
    if (looksLikeZip(head)) await scanNestedEntry(archive, entry, report, signal);
    else if (beginsLikePickle(head) || PICKLE_NAME.test(entry.name))
      await scanPickleEntry(archive, entry, report, {}, signal);
    else if (isProgram(head)) {
      report.find(
        'executable',
        'danger',
        { entry: entry.name.slice(0, 200), kind: programKind(head) },
        entry.dataStart,
      );
    }
  }
}

/** What follows the archive's own tables: bytes before, between and after its entries. */
export async function scanGaps(archive: ZipArchive, report: ContentReport, signal?: AbortSignal): Promise<void> {
  let left = CARVE_MAX;
  for (const gap of archive.gaps) {
    if (left <= 0) {
      report.find('unreadable-entry', 'caution', { reason: 'too many bytes that belong to no entry' }, gap.start);
      return;
    }
    const end = Math.min(gap.end, gap.start + left);
    left -= end - gap.start;
    await scanGap(archive, gap, await archive.source.read(gap.start, end, signal), report, signal);
  }
}

async function scanGap(
  archive: ZipArchive,
  gap: Gap,
  bytes: Uint8Array,
  report: ContentReport,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (bytes.every((byte) => byte === 0)) return;
  const length = gap.end - gap.start;
  if (gap.where === 'before')
    report.find('polyglot', 'caution', { kind: 'something before the archive', length }, gap.start);
  if (gap.where === 'after') report.find('trailing-bytes', 'caution', { length }, gap.start);
  const hidden = hiddenEntries(bytes, gap.start, archive.source.size);
  for (const entry of hidden) {
    const detail = { what: 'an entry that its table leaves out', entry: entry.name.slice(0, 200) };
    report.find('zip-inconsistent', 'caution', detail, entry.localOffset);
    const head = await readEntryHead(archive.source, entry, HEAD, signal);
    if (!beginsLikePickle(head) && !PICKLE_NAME.test(entry.name)) continue;
    await scanPickleEntry(
      archive,
      entry,
      report,
      { hidden: 'in an entry that the table of contents leaves out' },
      signal,
    );
  }
  const where = 'in bytes that belong to no entry';
  const { streams, stopped } = carvePickles(bytes, gap.start);
  if (stopped !== null) report.take({ findings: [stopped], imports: [] });
  for (const stream of streams) {
    // Entries were read above, with their names.
    if (hidden.some((entry) => stream.start >= entry.dataStart && stream.start < entry.dataEnd)) continue;
    const place = { start: stream.start, shift: 0, hidden: where };
    report.take({ findings: streamFindings(stream, place), imports: streamImports(stream, place) });
  }
  if (hidden.length === 0 && gap.where === 'between') report.find('hole', 'note', { length, bytes: length }, gap.start);
}

/** How a pickle entry is read. */
export interface EntryOptions {
  readonly torchScript?: boolean;
  readonly hidden?: string;
}

/** One pickle of an archive. */
export interface EntryScan extends PickleScan {
  readonly entry: LocatedEntry;
}

/**
 * Reads an entry as a pickle. A wrong checksum or a set encryption bit does not keep a loader out, so it does not keep
 * this reader out either: the damage goes to the report's problems.
 *
 * @returns null when no bytes can be had
 */
export async function scanPickleEntry(
  archive: ZipArchive,
  entry: LocatedEntry,
  report: ContentReport,
  options: EntryOptions,
  signal?: AbortSignal,
): Promise<EntryScan | null> {
  const stored = entry.method !== DEFLATED;
  const opened = await openEntry(archive, entry, report, signal);
  if (opened === null) return null;
  const scan = await scanPickles(
    opened.source,
    opened.start,
    opened.end,
    {
      member: entry.name,
      shift: stored ? entry.dataStart - opened.start : null,
      budget: report.budget,
      archive: scanArchiveBytes,
      ...options,
    },
    signal,
  );
  report.take(scan);
  return { ...scan, entry };
}

interface OpenedEntry {
  readonly source: ByteSource;
  readonly start: number;
  readonly end: number;
}

/** The unpacked bytes of an entry as a source: in memory when they fit, where they lie when they are stored and large. */
async function openEntry(
  archive: ZipArchive,
  entry: LocatedEntry,
  report: ContentReport,
  signal: AbortSignal | undefined,
): Promise<OpenedEntry | null> {
  const name = entry.name.slice(0, 200);
  if (entry.dataStart < 0) return null;
  if (entry.size > ENTRY_IN_MEMORY_MAX && entry.method === STORED && entry.size === entry.compressedSize) {
    return { source: archive.source, start: entry.dataStart, end: Math.min(entry.dataEnd, archive.source.size) };
  }
  if (!report.spend(entry)) {
    report.problems.push(new AppError('FORMAT_BOMB', { entry: name, size: archive.source.size }));
    report.find('unreadable-entry', 'caution', { entry: name, reason: 'too much to unpack' }, entry.dataStart);
    return null;
  }
  try {
    const { bytes, problem } = await readEntryAnyway(archive.source, entry, signal);
    if (problem !== null) {
      // What the table does not list cannot make the archive unreadable.
      if (entry.index >= 0) report.problems.push(problem);
      if (problem.code === 'FORMAT_CHECKSUM') report.find('bad-checksum', 'caution', { entry: name }, entry.dataStart);
      else report.find('unreadable-entry', 'caution', { entry: name, reason: problem.code }, entry.dataStart);
    }
    return bytes.length === 0 && problem !== null
      ? null
      : { source: new MemorySource(name, bytes), start: 0, end: bytes.length };
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith('FORMAT_')) throw error;
    if (entry.index >= 0) report.problems.push(error);
    report.find('unreadable-entry', 'caution', { entry: name, reason: error.code }, entry.dataStart);
    return null;
  }
}

async function scanNestedEntry(
  archive: ZipArchive,
  entry: LocatedEntry,
  report: ContentReport,
  signal: AbortSignal | undefined,
): Promise<void> {
  const name = entry.name.slice(0, 200);
  if (report.budget.depth >= NESTING_FOLLOWED || report.budget.embedded <= 0) {
    report.find('nested-archive', 'caution', { entry: name, followed: false }, entry.dataStart);
    return;
  }
  const stored = entry.method === STORED && entry.size === entry.compressedSize && entry.dataEnd <= archive.source.size;
  const opened = stored ? null : await openEntry(archive, entry, report, signal);
  if (!stored && opened === null) return;
  const source = opened?.source ?? new SubSource(archive.source, name, entry.dataStart, entry.dataEnd);
  const inner = await scanArchive(source, report.budget, signal);
  const danger = inner.findings.some((finding) => finding.severity === 'danger');
  report.find('nested-archive', danger ? 'danger' : 'note', { entry: name, followed: true }, entry.dataStart);
  report.take(relocated(inner, name, stored ? entry.dataStart : null));
}

/** Findings of an inner archive as findings of the outer file. */
export function relocated(inner: PickleFacts, outer: string, shift: number | null): PickleFacts {
  const member = (name: string | number | boolean | undefined): string =>
    name === undefined ? outer : `${outer}!${String(name)}`;
  return {
    findings: inner.findings.map(({ offset, ...finding }) => ({
      ...finding,
      ...(offset === undefined || shift === null ? {} : { offset: offset + shift }),
      detail: { ...finding.detail, member: member(finding.detail['member'] ?? finding.detail['entry']), nested: true },
    })),
    imports: inner.imports.map(({ offset, ...found }) => ({
      ...found,
      ...(offset === undefined || shift === null ? {} : { offset: offset + shift }),
      member: member(found.member),
    })),
  };
}

/** Everything said about an archive that is only looked through: one inside another, or inside a pickle. */
export async function scanArchive(
  source: ByteSource,
  budget: ScanBudget,
  signal: AbortSignal | undefined,
): Promise<PickleFacts> {
  const report = new ContentReport(budget);
  budget.depth += 1;
  budget.embedded -= 1;
  try {
    const archive = await openZip(source, signal);
    report.take({ findings: archive.findings, imports: [] });
    const [problem] = archive.problems;
    if (problem !== undefined) report.find('unreadable-entry', 'caution', { reason: problem.code });
    await scanEntries(archive, new Set(), report, signal);
    await scanGaps(archive, report, signal);
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith('FORMAT_')) throw error;
    report.find('unreadable-entry', 'caution', { reason: error.code });
  }
  budget.depth -= 1;
  return report.facts();
}

/** An archive in memory, found inside a pickle. */
export function scanArchiveBytes(bytes: Uint8Array, budget: ScanBudget, signal?: AbortSignal): Promise<PickleFacts> {
  return scanArchive(new MemorySource('embedded', bytes), budget, signal);
}

/** PROTO with a protocol that exists. */
export function beginsLikePickle(head: Uint8Array): boolean {
  return head[0] === 0x80 && head[1]! >= 1 && head[1]! <= 5;
}

function isProgram(head: Uint8Array): boolean {
  return programKind(head) !== '';
}

/** Native code by its magic: ELF, PE, Mach-O (also the fat kind, whose magic Java classes share). */
function programKind(head: Uint8Array): string {
  const magic = Array.from(head.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (magic === '7f454c46') return 'ELF';
  if (magic.startsWith('4d5a9000')) return 'PE';
  return ['feedface', 'feedfacf', 'cefaedfe', 'cffaedfe', 'cafebabe'].includes(magic) ? 'Mach-O' : '';
}
