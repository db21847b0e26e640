/** Files that begin with a pickle: a bare one, or PyTorch's legacy stream of five pickles and raw storages. */
import type { ByteSource } from '../bytes/source.ts';
import { readPickle } from '../content/pickle/read.ts';
import { placeOf, scanPickles, streamFacts, type PickleScanOptions } from '../content/pickle/scan.ts';
import type { PickleStream } from '../content/pickle/stream.ts';
import { asItems, asText, isNode, keyText, type PyValue } from '../content/pickle/value.ts';
import { AppError } from '../errors.ts';
import { ENTRY_IN_MEMORY_MAX, METADATA_ARRAY_KEPT } from '../limits.ts';
import { incompleteOr } from './acts.ts';
import { ContentReport, scanArchive, scanArchiveBytes } from './archive-content.ts';
import type { MetaEntry, OpenArtifact } from './format.ts';
import { leadingDigest } from './header-digest.ts';
import { arrayPayload, pickledArrays } from './pickled-arrays.ts';
import { sha256Hex } from './sha256.ts';
import { collectTensors } from './torch/collect.ts';
import { listMetadata, otherMetadata } from './torch/metadata.ts';
import { smallValues } from './torch/payload.ts';
import type { PlacedTensor } from './torch/place.ts';
import type { TensorPlan } from './torch/rebuild.ts';
import { locateLegacy, referencesOf } from './torch/storages-legacy.ts';

/** `torch/serialization.py`: MAGIC_NUMBER and PROTOCOL_VERSION. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const VERSION = 1001;

/**
 * Opens a file that begins with a pickle. Five pickles in the order magic, version, system, object, keys make it
 * PyTorch's; a file that has the others but not the magic is refused as a broken one of these.
 *
 * @throws AppError FORMAT_* when it breaks a rule and nothing was found in it that would act; SOURCE_*
 */
export async function openPickleFile(source: ByteSource, signal?: AbortSignal): Promise<OpenArtifact> {
  const heads: PickleStream[] = [];
  let at = 0;
  while (heads.length < 3 && at < source.size) {
    const stream = await readPickle(source, at, source.size, {}, signal);
    heads.push(stream);
    if (stream.error !== null) break;
    at = stream.end;
  }
  const magic = heads[0]?.value === MAGIC;
  const shaped =
    heads.length === 3 &&
    typeof heads[1]!.value === 'number' &&
    entryOf(heads[2]!.value, 'protocol_version') !== undefined;
  return magic || shaped ? openLegacy(source, heads, signal) : openBare(source, signal);
}

const SCAN: PickleScanOptions = { shift: 0, archive: scanArchiveBytes };

async function openLegacy(
  source: ByteSource,
  heads: readonly PickleStream[],
  signal: AbortSignal | undefined,
): Promise<OpenArtifact> {
  const report = new ContentReport();
  const facts: Record<string, string | number | boolean> = { container: 'legacy' };
  const metadata: MetaEntry[] = [];
  const tensors: PlacedTensor[] = [];
  const streams = [...heads];
  const lists: Record<string, readonly string[]> = {};
  const problem = (error: AppError): void => void report.problems.push(error);
  const step = async (run: () => Promise<void>): Promise<void> => {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('FORMAT_')) throw error;
      problem(error);
    }
  };

  if (heads[0]!.value !== MAGIC) {
    report.find('bad-magic', 'danger', { position: 0 }, 0);
    problem(new AppError('FORMAT_MAGIC', { path: source.name }));
  }
  const version = heads[1]?.value;
  if (typeof version === 'number') facts['protocol_version'] = version;
  if (version !== undefined && version !== VERSION)
    problem(new AppError('FORMAT_VERSION', { version: shown(version) }));
  while (streams.length < 5 && streams.at(-1)!.error === null) {
    const start = streams.at(-1)!.end;
    if (start >= source.size) {
      problem(new AppError('FORMAT_TRUNCATED', { what: 'pickles', found: streams.length, offset: start }));
      break;
    }
    streams.push(await readPickle(source, start, source.size, {}, signal));
  }
  for (const stream of streams) {
    const options = { ...SCAN, budget: report.budget };
    report.take(await streamFacts(stream, source, options, placeOf(0, options), signal));
    if (stream.error !== null) problem(stream.error);
  }
  const end = streams.at(-1)!.end;
  const [, , system, object, keys] = streams;
  facts['pickle_protocol'] = object?.protocol ?? 0;
  facts['persistent_ids'] = object?.persistentIds ?? 0;
  const little = entryOf(system?.value, 'little_endian');
  if (typeof little === 'boolean') facts['little_endian'] = little;
  lists['pickle_lengths'] = streams.map((stream) => String(stream.end - stream.start));
  lists['pickle_globals'] = (object?.imports ?? []).map((use) => `${use.module} ${use.name}`);

  const others: Parameters<typeof otherMetadata>[0][number][] = [];
  if (streams.length === 5 && streams.at(-1)!.error === null) {
    await step(async () => {
      if (object!.thinned) throw new AppError('FORMAT_TOO_LARGE', { what: 'The object of the file' });
      const names = (asItems(keys!.value) ?? badKeys(keys!.start)).map((key) => keyText(key) ?? badKeys(keys!.start));
      const { storages, modules } = referencesOf(object!.value);
      for (const { module, file } of modules)
        report.find('embedded-source', 'note', { global: module.slice(0, 200), file: file.slice(0, 200) });
      lists['storage_keys'] = names;
      const located = await locateLegacy(source, names, storages, end, signal);
      const locate = (plan: TensorPlan): NonNullable<ReturnType<typeof located.places.get>> =>
        located.places.get(plan.storage.key)!;
      const read = (tensor: PlacedTensor): Promise<readonly number[]> =>
        smallValues(source, tensor, () => noPayload(tensor.entry.name), signal);
      const collected = await collectTensors(object!.value, locate, read);
      tensors.push(...collected.tensors);
      others.push(...collected.others);
      if (collected.error !== null) problem(collected.error);
      facts['bytes_after_last_storage'] = source.size - located.end;
      await scanTail(source, located.end, report, signal);
    });
  }
  metadata.push(...listMetadata(lists, METADATA_ARRAY_KEPT), ...otherMetadata(others));
  return {
    format: 'pytorch-legacy',
    tensors: tensors.map(({ entry }) => entry),
    metadata,
    findings: report.findings,
    imports: report.imports,
    ...incompleteOr(report.problems, report.findings, report.imports),
    facts,
    ...(await headDigest(source, end, signal)),
  };
}

async function openBare(source: ByteSource, signal: AbortSignal | undefined): Promise<OpenArtifact> {
  const report = new ContentReport();
  const scan = await scanPickles(source, 0, source.size, { ...SCAN, budget: report.budget }, signal);
  report.take(scan);
  if (scan.error !== null) report.problems.push(scan.error);
  if (scan.streams.slice(1).some((stream) => stream.value === MAGIC)) {
    // A loader of PyTorch files reads, and so runs, the first pickle to compare it with the magic number.
    report.find('bad-magic', 'danger', { position: 0 }, 0);
  }
  for (const stream of scan.streams) {
    if (stream.persistentIds > 0) reportPersistent(stream, report);
    if (stream.thinned) report.problems.push(new AppError('FORMAT_TOO_LARGE', { what: 'The pickled object' }));
  }
  if (scan.error === null && scan.end < source.size) await scanTail(source, scan.end, report, signal, false);
  const arrays = scan.streams.map((stream) => pickledArrays(stream.value, 0));
  for (const { error } of arrays) if (error !== null) report.problems.push(error);
  const found = new Map(arrays.flatMap((list) => list.arrays.map((array) => [array.entry, array] as const)));
  const [first] = scan.streams;
  const lists = {
    pickle_globals: scan.streams.flatMap((stream) => stream.imports.map((use) => `${use.module} ${use.name}`)),
  };
  return {
    format: 'pickle',
    tensors: [...found.keys()],
    metadata: listMetadata(lists, METADATA_ARRAY_KEPT),
    findings: report.findings,
    imports: report.imports,
    ...incompleteOr(report.problems, report.findings, report.imports),
    facts: {
      protocol: first?.protocol ?? 0,
      opcodes: first?.opcodes ?? 0,
      streams: scan.streams.length,
      first_length: (first?.end ?? 0) - (first?.start ?? 0),
    },
    ...(await headDigest(source, scan.end, signal)),
    payload: (entry, abort) => {
      const array = found.get(entry) ?? [...found.values()].find((one) => one.entry.name === entry.name);
      return array === undefined ? noPayload(entry.name) : arrayPayload(source, array, abort);
    },
  };
}

/** Outside data without the archive that holds it: `data.pkl` on its own, or something PyTorch never wrote. */
function reportPersistent(stream: PickleStream, report: ContentReport): void {
  try {
    const { storages } = referencesOf(stream.value);
    report.find(
      'bad-persistent-id',
      'caution',
      { storages: storages.size, what: 'the archive is missing' },
      stream.start,
    );
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    report.problems.push(error);
  }
}

/** Bytes behind what the file accounts for: further pickles, an archive, or just bytes. */
async function scanTail(
  source: ByteSource,
  start: number,
  report: ContentReport,
  signal: AbortSignal | undefined,
  pickles = true,
): Promise<void> {
  if (start >= source.size) return;
  report.find('trailing-bytes', 'caution', { length: source.size - start }, start);
  if (pickles) {
    const scan = await scanPickles(
      source,
      start,
      source.size,
      { ...SCAN, budget: report.budget, hidden: 'after the end of the model' },
      signal,
    );
    const [first] = scan.streams;
    // What follows need not be a pickle; only one that is complete or acts is told.
    if (first !== undefined && (first.error === null || scan.findings.some((f) => f.code === 'dangerous-global')))
      report.take(scan);
  }
  const tail = await source.read(Math.max(start, source.size - 4096), source.size, signal);
  if (!hasEndRecord(tail)) return;
  report.find('polyglot', 'caution', { kind: 'a zip archive behind a pickle' }, start);
  report.take(await scanArchive(source, report.budget, signal));
}

function hasEndRecord(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0x50); at >= 0; at = bytes.indexOf(0x50, at + 1)) {
    if (bytes[at + 1] === 0x4b && bytes[at + 2] === 5 && bytes[at + 3] === 6) return true;
  }
  return false;
}

async function headDigest(
  source: ByteSource,
  end: number,
  signal: AbortSignal | undefined,
): Promise<{ readonly headerEnd: number; readonly headerSha256: string }> {
  const headerEnd = Math.min(end, source.size);
  if (headerEnd > ENTRY_IN_MEMORY_MAX) return leadingDigest(source, signal);
  return { headerEnd, headerSha256: await sha256Hex(await source.read(0, headerEnd, signal)) };
}

function entryOf(value: PyValue | undefined, key: string): PyValue | undefined {
  if (!isNode(value) || value.kind !== 'dict') return undefined;
  for (let i = 0; i + 1 < value.items.length; i += 2) if (asText(value.items[i]) === key) return value.items[i + 1];
  return undefined;
}

function badKeys(offset: number): never {
  throw new AppError('FORMAT_METADATA', { key: 'storage keys', offset });
}

function shown(value: PyValue): string {
  return typeof value === 'object' && value !== null ? value.kind : String(value).slice(0, 100);
}

// oxlint-disable-next-line require-yield
async function* noPayload(tensor: string): AsyncGenerator<Uint8Array, void, undefined> {
  throw new AppError('ENGINE_INTERNAL', { message: 'no payload', tensor });
}
