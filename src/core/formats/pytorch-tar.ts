/** PyTorch's first layout, and other tar archives around models (`.nemo`), plain or compressed with gzip. */
import { MemorySource } from '../bytes/memory.ts';
import type { ByteSource } from '../bytes/source.ts';
import { gzipHeader } from '../content/pickle/nested.ts';
import { placeOf, scanPickles, streamFacts, type PickleScanOptions } from '../content/pickle/scan.ts';
import type { PickleStream } from '../content/pickle/stream.ts';
import { asText, isNode, keyText, type PyPersistent, type PyValue } from '../content/pickle/value.ts';
import { AppError } from '../errors.ts';
import { ENTRY_IN_MEMORY_MAX, TAR_GZIP_MAX } from '../limits.ts';
import { acts, incompleteOr } from './acts.ts';
import { beginsLikePickle, ContentReport, relocated, scanArchive, scanArchiveBytes } from './archive-content.ts';
import type { Format, OpenArtifact } from './format.ts';
import { leadingDigest } from './header-digest.ts';
import { SubSource } from './sub-source.ts';
import { looksLikeTar, openTar, type TarArchive, type TarEntry } from './tar.ts';
import { placeTensor, type PlacedTensor } from './torch/place.ts';
import { looksLikeTarGzip } from './torch/magic.ts';
import { readTarStorages, readTarTensors } from './torch/tar-layout.ts';
import { findLeaves, tensorName } from './torch/walk.ts';
import { inflateRaw } from './zip/inflate.ts';
import { looksLikeZip } from './zip/archive.ts';

const MEMBERS = ['sys_info', 'pickle', 'tensors', 'storages'] as const;

export const pytorchTar: Format = {
  id: 'pytorch-tar',
  title: 'PyTorch (tar)',
  extensions: ['.tar', '.nemo', '.tgz', '.tar.gz'],
  match: (head, { name }) => looksLikeTar(head) || looksLikeTarGzip(head, name),
  open: openPytorchTar,
};

function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b && head[2] === 8;
}

/** @throws AppError FORMAT_* when nothing was found that would act; SOURCE_* */
async function openPytorchTar(file: ByteSource, signal?: AbortSignal): Promise<OpenArtifact> {
  const report = new ContentReport();
  const packed = isGzip(await file.read(0, Math.min(file.size, 16), signal));
  const source = packed ? await unpackGzip(file, report, signal) : file;
  const archive = await openTar(source, signal);
  report.take({ findings: packed ? archive.findings.map(withoutPlace) : archive.findings, imports: [] });
  if (archive.problem !== null) report.problems.push(archive.problem);
  const reading: Reading = { source, archive, report, shift: packed ? null : 0, signal };
  const layout = MEMBERS.map((name) => archive.entries.find((entry) => entry.name === name && entry.type === 'file'));
  const tensors: PlacedTensor[] = [];
  const read = new Set<TarEntry>();
  if (layout[1] !== undefined) {
    for (const entry of layout) if (entry !== undefined) read.add(entry);
    await readMembers(reading, layout, tensors);
  }
  for (const entry of archive.entries) if (entry.type === 'file' && !read.has(entry)) await scanMember(reading, entry);
  if (layout[1] === undefined && !acts(report.findings, report.imports)) {
    report.problems.push(new AppError('FORMAT_MISSING_ENTRY', { entry: 'pickle', entries: archive.entries.length }));
  }
  return {
    format: 'pytorch-tar',
    tensors: tensors.map(({ entry }) => entry),
    metadata: [],
    findings: report.findings,
    imports: report.imports,
    ...incompleteOr(report.problems, report.findings, report.imports),
    facts: { container: packed ? 'tar.gz' : 'tar', members: archive.entries.length },
    ...(await leadingDigest(file, signal)),
  };
}

interface Reading {
  readonly source: ByteSource;
  readonly archive: TarArchive;
  readonly report: ContentReport;
  /** Null: offsets in the unpacked bytes are no offsets of the file. */
  readonly shift: number | null;
  readonly signal: AbortSignal | undefined;
}

/** The four members, in the order a loader reads them: storages, tensors, pickle. */
async function readMembers(
  reading: Reading,
  layout: readonly (TarEntry | undefined)[],
  tensors: PlacedTensor[],
): Promise<void> {
  const { source, report, signal } = reading;
  const [system, object, tensorMember, storageMember] = layout;
  if (system !== undefined) await scanMember(reading, system);
  const step = async (run: () => Promise<void>): Promise<void> => {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('FORMAT_')) throw error;
      report.problems.push(error);
    }
  };
  let storages: Awaited<ReturnType<typeof readTarStorages>> = new Map();
  let planned: Awaited<ReturnType<typeof readTarTensors>> = new Map();
  const streams: PickleStream[] = [];
  const watched = async (member: TarEntry): Promise<void> => {
    for (const stream of streams.splice(0)) await take(reading, stream, member);
  };
  if (storageMember === undefined) report.problems.push(new AppError('FORMAT_MISSING_ENTRY', { entry: 'storages' }));
  else {
    await step(
      async () =>
        void (storages = await readTarStorages(source, storageMember, (stream) => streams.push(stream), signal)),
    );
    await watched(storageMember);
  }
  if (tensorMember === undefined) report.problems.push(new AppError('FORMAT_MISSING_ENTRY', { entry: 'tensors' }));
  else {
    await step(
      async () =>
        void (planned = await readTarTensors(source, tensorMember, storages, (stream) => streams.push(stream), signal)),
    );
    await watched(tensorMember);
  }
  const scan = await scanPickles(
    source,
    object!.start,
    object!.start + object!.size,
    optionsFor(reading, object!),
    signal,
  );
  report.take(scan);
  if (scan.error !== null) report.problems.push(scan.error);
  await step(async () => {
    for (const { path, value } of findLeaves(scan.streams[0]?.value, (node) => node.kind === 'persistent')) {
      const key = persistentKey(value as PyPersistent);
      const tensor = planned.get(key);
      if (tensor === undefined) throw new AppError('FORMAT_MISSING_ENTRY', { entry: `tensor ${key.slice(0, 100)}` });
      tensors.push(placeTensor(tensorName(path), path, tensor.plan, tensor.place, []));
    }
  });
}

/** @throws AppError FORMAT_PERSISTENT_ID */
function persistentKey(node: PyPersistent): string {
  const key: PyValue = node.id;
  const text = asText(key) ?? (isNode(key) ? null : keyText(key));
  if (text === null) throw new AppError('FORMAT_PERSISTENT_ID', { offset: node.offset });
  return text;
}

function optionsFor(reading: Reading, entry: TarEntry): PickleScanOptions {
  return { member: entry.name, shift: reading.shift, budget: reading.report.budget, archive: scanArchiveBytes };
}

async function take(reading: Reading, stream: PickleStream, entry: TarEntry): Promise<void> {
  const options = optionsFor(reading, entry);
  reading.report.take(
    await streamFacts(stream, reading.source, options, placeOf(entry.start, options), reading.signal),
  );
}

/** Any other member: a pickle, an archive, or nothing of interest. */
async function scanMember(reading: Reading, entry: TarEntry): Promise<void> {
  const { source, report, signal } = reading;
  const end = entry.start + entry.size;
  const head = await source.read(entry.start, Math.min(end, entry.start + 16), signal);
  const name = entry.name.slice(0, 200);
  if (looksLikeZip(head)) {
    const inner = await scanArchive(new SubSource(source, name, entry.start, end), report.budget, signal);
    const danger = inner.findings.some((finding) => finding.severity === 'danger');
    const place = reading.shift === null ? undefined : entry.start;
    report.find('nested-archive', danger ? 'danger' : 'note', { entry: name, followed: true }, place);
    report.take(relocated(inner, name, place ?? null));
  } else if (beginsLikePickle(head) || /\.(?:pkl|pickle|p)$/i.test(entry.name)) {
    const scan = await scanPickles(source, entry.start, end, optionsFor(reading, entry), signal);
    report.take(scan);
    if (scan.error !== null) report.problems.push(scan.error);
  }
}

function withoutPlace({ offset: _offset, ...finding }: TarArchive['findings'][number]): TarArchive['findings'][number] {
  return finding;
}

/**
 * The first bytes of a gzip file, unpacked. What lies beyond the cap could not be checked, and that is said.
 *
 * @throws AppError FORMAT_COMPRESSION, FORMAT_TRUNCATED; SOURCE_*
 */
async function unpackGzip(
  file: ByteSource,
  report: ContentReport,
  signal: AbortSignal | undefined,
): Promise<ByteSource> {
  const head = await file.read(0, Math.min(file.size, 64 * 1024), signal);
  const start = gzipHeader(head);
  if (start === 0) throw new AppError('FORMAT_TRUNCATED', { what: 'gzip header', size: file.size });
  const chunks: Uint8Array[] = [];
  let total = 0;
  try {
    const packed = file.stream(start, Math.min(file.size, start + ENTRY_IN_MEMORY_MAX), signal);
    for await (const chunk of inflateRaw(packed, TAR_GZIP_MAX, file.name)) {
      chunks.push(chunk);
      total += chunk.length;
    }
  } catch (error) {
    // The length is not known beforehand: too short is what every whole file is.
    const whole =
      error instanceof AppError &&
      error.code === 'FORMAT_SIZE_MISMATCH' &&
      Number(error.detail['actual']) <= TAR_GZIP_MAX;
    if (!(error instanceof AppError) || !error.code.startsWith('FORMAT_')) throw error;
    if (!whole) {
      report.problems.push(
        new AppError('FORMAT_TOO_LARGE', { what: 'The compressed archive', limit: TAR_GZIP_MAX }, error),
      );
      report.find('unreadable-entry', 'caution', { entry: file.name.slice(0, 200), reason: 'too much to unpack' });
    }
  }
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return new MemorySource(file.name, bytes);
}
