import { MemorySource } from '../../bytes/memory.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { throwIfAborted, type AppError } from '../../errors.ts';
import { CARVE_MAX, EMBEDDED_MAX, NESTING_FOLLOWED, UNPACKED_MAX } from '../../limits.ts';
import type { Finding } from '../finding.ts';
import { carvePickles } from './carve.ts';
import type { ClassifyOptions } from './classify.ts';
import { streamFindings, streamImports, type StreamPlace } from './findings.ts';
import type { PickleImport } from './import.ts';
import { embeddedBytes } from './nested.ts';
import { readPickle } from './read.ts';
import type { Embedded, PickleStream } from './stream.ts';

/** What the layers below may still cost, shared by everything found inside one artifact. */
export interface ScanBudget {
  depth: number;
  embedded: number;
  /** Bytes that may still be unpacked to be looked at. */
  unpacked: number;
}

export function newBudget(): ScanBudget {
  return { depth: 0, embedded: EMBEDDED_MAX, unpacked: UNPACKED_MAX };
}

export interface PickleScanOptions extends ClassifyOptions {
  /** Archive entry that is read. */
  readonly member?: string;
  /** What to add to offsets in the source to get offsets in the artifact; null when there are none (unpacked bytes). */
  readonly shift: number | null;
  readonly budget?: ScanBudget;
  /** How it was found when not by reading from the start. */
  readonly hidden?: string;
  /** Looks into an archive found inside a value; given by the layer that knows archives. */
  archive?(bytes: Uint8Array, budget: ScanBudget, signal?: AbortSignal): Promise<PickleFacts>;
}

/** What is said about pickles, whoever asks. */
export interface PickleFacts {
  readonly findings: readonly Finding[];
  readonly imports: readonly PickleImport[];
}

export interface PickleScan extends PickleFacts {
  /** Back to back from the start; the last one may be broken. */
  readonly streams: readonly PickleStream[];
  /** Behind the last complete stream, or where the last one broke. */
  readonly end: number;
  /** Why the pickles could not be read to their end. */
  readonly error: AppError | null;
}

/** Streams in one file that are followed; the legacy PyTorch layout has five. */
const STREAMS_MAX = 64;

/**
 * Reads the pickles that lie back to back in [start, end) of a source, and whatever they hide: pickles in their bytes,
 * and in what follows the last of them. Trailing bytes that are no pickle are the caller's to judge (`end`).
 *
 * @param most how many streams belong here; further ones are read all the same and reported
 * @throws AppError SOURCE_*
 */
export async function scanPickles(
  source: ByteSource,
  start: number,
  end: number,
  options: PickleScanOptions,
  signal?: AbortSignal,
  most = 1,
): Promise<PickleScan> {
  const budget = options.budget ?? newBudget();
  const place = placeOf(start, options);
  const streams: PickleStream[] = [];
  const findings: Finding[] = [];
  const imports: PickleImport[] = [];
  let at = start;
  while (at < end && streams.length < STREAMS_MAX) {
    throwIfAborted(signal);
    const stream = await readPickle(source, at, end, options, signal);
    if (streams.length > 0 && !isStream(stream)) break;
    streams.push(stream);
    const facts = await streamFacts(stream, source, { ...options, budget }, place, signal);
    findings.push(...facts.findings);
    imports.push(...facts.imports);
    at = stream.end;
    if (stream.error !== null) break;
  }
  const error = streams.at(-1)?.error ?? null;
  if (error === null && at < end) {
    const hidden = await scanLeftovers(source, at, end, { ...options, budget }, place, signal);
    findings.push(...hidden.findings);
    imports.push(...hidden.imports);
    if (hidden.streams > 0) findings.push(manyStreams(streams.length + hidden.streams, place, at));
    else if (streams.length > most) findings.push(manyStreams(streams.length, place, streams[1]!.start));
  } else if (streams.length > most) findings.push(manyStreams(streams.length, place, streams[1]!.start));
  return { streams, findings, imports, end: at, error };
}

/** Everything about one stream that was read, what is nested in it included. @throws AppError SOURCE_* */
export async function streamFacts(
  stream: PickleStream,
  source: ByteSource,
  options: PickleScanOptions,
  place: StreamPlace,
  signal?: AbortSignal,
): Promise<PickleFacts> {
  const nested = await scanEmbedded(stream.embedded, source, options, place, options.budget ?? newBudget(), signal);
  return {
    findings: [...streamFindings(stream, place), ...nested.findings],
    imports: [...streamImports(stream, place), ...nested.imports],
  };
}

/** Where a stream that starts at `start` lies, from the options of its scan. */
export function placeOf(start: number, options: PickleScanOptions): StreamPlace {
  return {
    start,
    shift: options.shift,
    ...(options.member === undefined ? {} : { member: options.member }),
    ...(options.hidden === undefined ? {} : { hidden: options.hidden }),
  };
}

/** Whether bytes behind a complete stream are a stream of their own: complete, or broken after it imported something. */
function isStream(stream: PickleStream): boolean {
  return stream.error === null ? stream.opcodes > 1 : stream.imports.some((use) => use.verdict.odd === null);
}

function manyStreams(streams: number, place: StreamPlace, at: number): Finding {
  const member = place.member === undefined ? {} : { member: place.member.slice(0, 200) };
  return {
    code: 'multiple-streams',
    // By itself a way to write several objects; what the later ones do is told apart.
    severity: 'note',
    ...(place.shift === null ? {} : { offset: at + place.shift }),
    detail: { streams, position: at - place.start, ...member },
  };
}

interface Leftovers extends PickleFacts {
  readonly streams: number;
}

/** Bytes behind the last stream: other pickles may hide behind filling. */
async function scanLeftovers(
  source: ByteSource,
  start: number,
  end: number,
  options: PickleScanOptions,
  place: StreamPlace,
  signal: AbortSignal | undefined,
): Promise<Leftovers> {
  const bytes = await source.read(start, Math.min(end, start + CARVE_MAX), signal);
  const { streams, stopped } = carvePickles(bytes, start, options);
  const hidden = { ...place, hidden: 'in bytes after the end of the pickle' };
  return {
    streams: streams.length,
    findings: [...streams.flatMap((stream) => streamFindings(stream, hidden)), ...unsearched(stopped, place)],
    imports: streams.flatMap((stream) => streamImports(stream, hidden)),
  };
}

/** Offsets of unpacked bytes mean nothing in the file. */
function unsearched(stopped: Finding | null, { shift }: StreamPlace): Finding[] {
  if (stopped === null) return [];
  const { offset = 0, ...rest } = stopped;
  return [shift === null ? rest : { ...rest, offset: offset + shift }];
}

/** Follows the bytes inside a stream that are, or are loaded as, pickles and archives of their own. */
async function scanEmbedded(
  list: readonly Embedded[],
  source: ByteSource,
  options: PickleScanOptions,
  place: StreamPlace,
  budget: ScanBudget,
  signal: AbortSignal | undefined,
): Promise<PickleFacts> {
  const findings: Finding[] = [];
  const imports: PickleImport[] = [];
  for (const embedded of byValue(list)) {
    if (budget.embedded <= 0 || budget.depth >= NESTING_FOLLOWED) {
      findings.push(nestedFinding(embedded, place, 'caution', { followed: false }));
      break;
    }
    budget.embedded -= 1;
    budget.depth += 1;
    const inner = await lookInside(embedded, source, options, budget, signal);
    budget.depth -= 1;
    if (inner === null && embedded.loader === undefined) continue;
    const danger =
      embedded.loader !== undefined || (inner?.findings.some((finding) => finding.severity === 'danger') ?? false);
    findings.push(nestedFinding(embedded, place, danger ? 'danger' : 'caution', { followed: inner !== null }));
    if (inner === null) continue;
    for (const finding of inner.findings) {
      // Offsets inside unpacked or unescaped bytes mean nothing outside of them.
      const { offset: _offset, ...rest } = finding;
      findings.push({
        ...rest,
        ...(place.shift === null ? {} : { offset: embedded.offset + place.shift }),
        detail: { ...finding.detail, nested: true },
      });
    }
    for (const found of inner.imports) {
      const { offset: _offset, ...rest } = found;
      imports.push({ ...rest, ...(place.member === undefined ? {} : { member: place.member }) });
    }
  }
  return { findings, imports };
}

/** The same bytes are noticed when they are read and when they are handed to a loader: once is enough, with the loader. */
function byValue(list: readonly Embedded[]): Embedded[] {
  const best = new Map<string | object, Embedded>();
  for (const embedded of list) {
    const key = embedded.bytes.offset >= 0 ? `at ${embedded.bytes.offset}` : embedded.bytes;
    const before = best.get(key);
    if (before === undefined || (before.loader === undefined && embedded.loader !== undefined)) best.set(key, embedded);
  }
  return [...best.values()];
}

function nestedFinding(
  embedded: Embedded,
  place: StreamPlace,
  severity: Finding['severity'],
  extra: { readonly followed: boolean },
): Finding {
  return {
    code: 'nested-pickle',
    severity,
    ...(place.shift === null ? {} : { offset: embedded.offset + place.shift }),
    length: embedded.bytes.length,
    detail: {
      kind: embedded.kind,
      position: embedded.offset - place.start,
      ...(embedded.loader === undefined ? {} : { loader: embedded.loader }),
      ...(place.member === undefined ? {} : { member: place.member.slice(0, 200) }),
      ...extra,
    },
  };
}

/** What is inside, or null when it is no pickle and no archive after all. */
async function lookInside(
  embedded: Embedded,
  source: ByteSource,
  options: PickleScanOptions,
  budget: ScanBudget,
  signal: AbortSignal | undefined,
): Promise<PickleFacts | null> {
  const bytes = await embeddedBytes(embedded, source, signal);
  if (bytes === null || bytes.length === 0) return null;
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return (await options.archive?.(bytes, budget, signal)) ?? null;
  const { member: _member, hidden: _hidden, ...inherited } = options;
  const inner = await scanPickles(
    new MemorySource('embedded', bytes),
    0,
    bytes.length,
    { ...inherited, shift: null, budget },
    signal,
  );
  const [first] = inner.streams;
  return first !== undefined && isStream(first) ? inner : null;
}
