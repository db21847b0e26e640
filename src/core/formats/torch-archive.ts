/** PyTorch's zip archives: `torch.save` since 1.6, TorchScript, and torch.export. One reader, three layouts. */
import type { ByteSource } from '../bytes/source.ts';
import { AppError } from '../errors.ts';
import { METADATA_ARRAY_KEPT } from '../limits.ts';
import type { PyValue } from '../content/pickle/value.ts';
import { ContentReport, scanEntries, scanGaps, scanPickleEntry, type EntryScan } from './archive-content.ts';
import { incompleteOr } from './acts.ts';
import type { InnerChecksum, MetaEntry, OpenArtifact } from './format.ts';
import { leadingDigest } from './header-digest.ts';
import {
  layoutOf,
  readByteOrder,
  readRecord,
  recordName,
  StorageLocator,
  type ArchiveLayout,
} from './torch/archive.ts';
import { scanCode } from './torch/code.ts';
import { collectTensors, type OtherTensor } from './torch/collect.ts';
import { exportTensors } from './torch/export.ts';
import { listMetadata, otherMetadata } from './torch/metadata.ts';
import { packedPayload, smallValues } from './torch/payload.ts';
import type { PlacedTensor } from './torch/place.ts';
import { tensorName } from './torch/walk.ts';
import { openZip, type ZipArchive } from './zip/archive.ts';
import { DEFLATED, STORED, type LocatedEntry } from './zip/entry.ts';
import { readEntryAnyway } from './zip/read.ts';

/** Packed storages are tried out when the archive is opened as long as this little comes out of them in all. */
const TRIED_MAX = 32 * 1024 * 1024;

/** What one archive gave so far. */
class Reading {
  readonly source: ByteSource;
  readonly archive: ZipArchive;
  readonly report = new ContentReport();
  readonly signal: AbortSignal | undefined;
  readonly known = new Set<LocatedEntry>();
  readonly tensors: PlacedTensor[] = [];
  readonly others: OtherTensor[] = [];
  readonly facts: Record<string, string | number | boolean> = {};
  readonly metadata: MetaEntry[] = [];
  readonly lists: Record<string, readonly string[]> = {};
  readonly packed = new Map<string, LocatedEntry>();

  constructor(source: ByteSource, archive: ZipArchive, signal: AbortSignal | undefined) {
    this.source = source;
    this.archive = archive;
    this.signal = signal;
    this.report.take({ findings: archive.findings, imports: [] });
    this.report.problems.push(...archive.problems);
  }

  payload(tensor: PlacedTensor, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    const entry = this.packed.get(tensor.place.record ?? '');
    if (entry === undefined)
      throw new AppError('ENGINE_INTERNAL', { message: 'no payload', tensor: tensor.entry.name });
    return packedPayload(this.archive, entry, tensor, signal);
  }

  /** Keeps what comes after a damaged part: the first problem is told at the end, with whatever else was found. */
  async step(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('FORMAT_')) throw error;
      this.report.problems.push(error);
    }
  }
}

/**
 * Opens a PyTorch archive: its tables, its pickles, its small records. Storages are not read.
 *
 * @throws AppError FORMAT_* when the archive cannot be read and nothing was found in it that would act; SOURCE_*
 */
export async function openTorchArchive(source: ByteSource, signal?: AbortSignal): Promise<OpenArtifact> {
  const archive = await openZip(source, signal);
  const reading = new Reading(source, archive, signal);
  const { report } = reading;
  let layout: ArchiveLayout | null = null;
  await reading.step(async () => {
    layout = layoutOf(archive, report);
    await readLayout(reading, layout);
  });
  await scanEntries(archive, reading.known, report, signal);
  await scanGaps(archive, report, signal);
  await reading.step(() => tryPacked(reading));

  const tensors = new Map(reading.tensors.map((tensor) => [tensor.entry, tensor]));
  reportTwice(reading);
  return {
    format: (layout as ArchiveLayout | null)?.kind ?? 'pytorch-zip',
    tensors: [...tensors.keys()],
    metadata: [
      ...reading.metadata,
      ...listMetadata(reading.lists, METADATA_ARRAY_KEPT),
      ...otherMetadata(reading.others),
    ],
    findings: report.findings,
    imports: report.imports,
    ...incompleteOr(report.problems, report.findings, report.imports),
    checksums: checksumsOf(reading),
    facts: reading.facts,
    ...(await leadingDigest(source, signal)),
    payload: (entry, abort) => {
      const tensor = tensors.get(entry) ?? reading.tensors.find((placed) => placed.entry.name === entry.name);
      if (tensor === undefined)
        throw new AppError('ENGINE_INTERNAL', { message: 'no such tensor', tensor: entry.name });
      return reading.payload(tensor, abort);
    },
  };
}

async function readLayout(reading: Reading, layout: ArchiveLayout): Promise<void> {
  const { archive, report, signal, facts } = reading;
  facts['container'] = layout.kind === 'torchscript' ? 'torchscript' : 'zip';
  facts['archive_root'] = layout.root;
  facts['entries'] = archive.entries.length;
  if (archive.comment !== '') facts['zip_comment'] = archive.comment.slice(0, 200);
  const order = await readByteOrder(archive, layout, signal);
  if (order !== null) facts['byteorder'] = order;
  const version = (await readRecord(archive, layout, 'version', signal))?.trim();
  if (version !== undefined) {
    facts['version'] = version.slice(0, 40);
    if (!/^\d{1,4}$/.test(version)) report.find('bad-version', 'caution', { version: version.slice(0, 40) });
  }
  const big = order === 'big';
  if (layout.kind === 'torch-export') await readExport(reading, layout, big);
  else {
    await readObject(reading, layout, big);
    if (layout.kind === 'torchscript') await readScript(reading, layout, big);
  }
}

/** `data.pkl` and the storages it refers to. */
async function readObject(reading: Reading, layout: ArchiveLayout, big: boolean): Promise<void> {
  const torchScript = layout.kind === 'torchscript';
  const scan = await readPickle(reading, recordName(layout, 'data.pkl'), torchScript);
  if (scan === null) return;
  const [stream] = scan.streams;
  reading.facts['pickle_protocol'] = stream?.protocol ?? 0;
  reading.facts['persistent_ids'] = stream?.persistentIds ?? 0;
  reading.lists['pickle_globals'] = namesOf(scan);
  await collect(reading, stream?.value, layout, ['data', 'tensors'], big, tensorName);
}

/** `constants.pkl`, whose n-th element the code calls `CONSTANTS.cN`, and the code itself. */
async function readScript(reading: Reading, layout: ArchiveLayout, big: boolean): Promise<void> {
  const scan = await readPickle(reading, recordName(layout, 'constants.pkl'), true);
  reading.lists['code_files'] = await scanCode(
    reading.archive,
    recordName(layout, 'code/'),
    reading.report,
    reading.signal,
  );
  if (scan === null) return;
  reading.lists['constants_globals'] = namesOf(scan);
  const name = ([index, ...rest]: readonly string[]): string => [`CONSTANTS.c${index ?? ''}`, ...rest].join('.');
  await collect(reading, scan.streams[0]?.value, layout, ['constants', 'data'], big, name);
}

async function readExport(reading: Reading, layout: ArchiveLayout, big: boolean): Promise<void> {
  const { archive, signal, facts } = reading;
  const format = await readRecord(archive, layout, 'archive_format', signal);
  if (format !== null) facts['archive_format'] = format.trim().slice(0, 40);
  const locator = new StorageLocator(archive, layout, ['data/weights'], big, reading.report);
  reading.tensors.push(...(await exportTensors(archive, layout, locator, signal)));
  remember(reading, locator);
}

/** One pickle by its name; every entry of that name is read, the last one counts. */
async function readPickle(reading: Reading, name: string, torchScript: boolean): Promise<EntryScan | null> {
  let last: EntryScan | null = null;
  const places = new Set<number>();
  for (const entry of reading.archive.entries) {
    if (entry.name !== name || reading.known.has(entry)) continue;
    // A bomb of entries that share their bytes is read once.
    if (places.has(entry.dataStart)) continue;
    places.add(entry.dataStart);
    reading.known.add(entry);
    const scan = await scanPickleEntry(reading.archive, entry, reading.report, { torchScript }, reading.signal);
    if (scan === null) continue;
    last = scan;
    if (scan.error !== null) reading.report.problems.push(scan.error);
    if (scan.streams[0]?.thinned === true) {
      reading.report.problems.push(new AppError('FORMAT_TOO_LARGE', { what: 'The object in data.pkl' }));
    }
  }
  return last;
}

async function collect(
  reading: Reading,
  root: PyValue | undefined,
  layout: ArchiveLayout,
  folders: readonly string[],
  big: boolean,
  name: (path: readonly string[]) => string,
): Promise<void> {
  const locator = new StorageLocator(reading.archive, layout, folders, big, reading.report);
  const read = (tensor: PlacedTensor): Promise<readonly number[]> => {
    remember(reading, locator);
    return smallValues(reading.source, tensor, () => reading.payload(tensor, reading.signal), reading.signal);
  };
  const { tensors, others, error } = await collectTensors(root, locator.locate, read, name);
  reading.tensors.push(...tensors);
  reading.others.push(...others);
  remember(reading, locator);
  if (error !== null) reading.report.problems.push(error);
}

function remember(reading: Reading, locator: StorageLocator): void {
  for (const entry of locator.used) {
    reading.known.add(entry);
    if (entry.method === DEFLATED) reading.packed.set(entry.name, entry);
  }
}

/** Unpacks small packed storages to nothing: what does not unpack to its stated length has no tensor. */
async function tryPacked(reading: Reading): Promise<void> {
  let left = TRIED_MAX;
  for (const entry of reading.packed.values()) {
    left -= entry.size;
    if (left < 0) return;
    const { problem } = await readEntryAnyway(reading.source, entry, reading.signal);
    if (problem !== null) throw problem;
  }
}

function namesOf(scan: EntryScan): string[] {
  return (scan.streams[0]?.imports ?? []).map((use) => `${use.module} ${use.name}`);
}

/** One name for two tensors: loaders keep one of them. */
function reportTwice(reading: Reading): void {
  const seen = new Set<string>();
  for (const { entry } of reading.tensors) {
    if (seen.has(entry.name)) reading.report.find('duplicate-tensor', 'caution', { tensor: entry.name.slice(0, 200) });
    seen.add(entry.name);
  }
}

/** Sums over stored bytes, for the pass over the whole file. */
function checksumsOf(reading: Reading): InnerChecksum[] {
  return reading.archive.entries
    .filter((entry) => entry.method === STORED && entry.problem === null && entry.size > 0)
    .map(({ name, dataStart, dataEnd, crc32 }) => ({
      algorithm: 'crc32',
      start: dataStart,
      end: dataEnd,
      value: crc32,
      name,
    }));
}
