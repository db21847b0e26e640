/** One model against a catalogue of models, by MPK's signals and its score. */
import { openSource, type OpenContext } from '../bytes/open.ts';
import { KIT_MANIFEST, KIT_MANIFEST_MAX, readCatalogue, readKitFolder } from '../db/catalogue.ts';
import { deepFromFolder, deepInZip, zipFiles } from '../db/deep-files.ts';
import { httpDatabase } from '../db/http-files.ts';
import { openDatabase, type DatabaseFiles } from '../db/lookup.ts';
import { AppError, toErrorData, type ErrorData } from '../errors.ts';
import type { HashProvider } from '../hash/hasher.ts';
import type { JobContext } from '../progress.ts';
import {
  LINEAGE_FORMAT,
  LINEAGE_VERSION,
  type LineageDatabase,
  type LineageModelInfo,
  type LineageResult,
} from '../report/lineage.ts';
import { thisTool } from '../report/tool.ts';
import type { Candidate, DeepSignals } from '../signals/mpk/candidate.ts';
import type { ModelSignals } from '../signals/mpk/model.ts';
import { DEFAULT_THRESHOLD, DEFAULT_TOP, scanDatabase } from '../signals/mpk/scan.ts';
import type { WeightSignals } from '../signals/mpk/weights.ts';
import { described, sideOf, signalsOf, type CompareTools } from './compare.ts';
import type { DeepPlace, LineageRequest } from './compare-request.ts';
import { matchOf } from './lineage-match.ts';
import { Totals } from './totals.ts';

export interface LineageTools extends OpenContext, Pick<CompareTools, 'signals'> {
  readonly hashes: Pick<HashProvider, 'sha256'>;
  /** Files of a database that is not behind an address; the command line reads folders. Default: over `http`. */
  readonly databaseFiles?: (base: string) => DatabaseFiles | null;
}

/** What looking for an entry's weight signals came to; absent from the map: nobody asked. */
export type DeepFound =
  | { readonly signals: WeightSignals }
  /** The entry states none, or they are not where they were looked for. */
  | { readonly gap: 'not-recorded' | 'not-at-hand' }
  | { readonly gap: 'unreadable'; readonly error: ErrorData }
  | { readonly gap: 'stopped' };

/**
 * Ranks the entries of a catalogue. A stopped run gives what it came to. What could not be had of the model, of the
 * catalogue or of an entry is part of the result and never a rejection.
 */
export async function scanLineage(
  request: LineageRequest,
  tools: LineageTools,
  ctx: JobContext,
): Promise<LineageResult> {
  const started = performance.now();
  const { model, top = DEFAULT_TOP, threshold = DEFAULT_THRESHOLD } = request;
  ctx.progress({ phase: 'headers', done: 0 });
  const listed = await described(model, tools, ctx.signal);
  const bytes = (listed?.model.files ?? []).reduce((sum, { source }) => sum + source.size, 0);
  const found = await signalsOf(model, tools, new Totals(bytes, ctx).of(0));
  ctx.progress({ phase: 'comparing', done: bytes, total: bytes });
  const searched = await attempt(() => openCatalogue(request, tools, ctx));
  const scored =
    'error' in searched ? nothingScored() : await scoreAll(found.signals, searched.value, { top, threshold }, ctx);
  return {
    format: LINEAGE_FORMAT,
    version: LINEAGE_VERSION,
    tool: thisTool(),
    created: request.now,
    model: sideOf(model, listed, found),
    database: 'error' in searched ? null : searched.value.database,
    ...('error' in searched ? { databaseError: searched.error } : {}),
    threshold,
    top,
    ...scored,
    stopped: ctx.signal.aborted,
    seconds: (performance.now() - started) / 1000,
    missing: found.signals.missing,
  };
}

interface Catalogue {
  readonly database: LineageDatabase;
  readonly candidates: readonly Candidate[];
  readonly deep?: DeepSignals;
}

async function attempt<T>(work: () => Promise<T>): Promise<{ readonly value: T } | { readonly error: ErrorData }> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: toErrorData(error) };
  }
}

async function openCatalogue(
  { database, databaseSeen, deep }: LineageRequest,
  tools: LineageTools,
  { signal, network }: JobContext,
): Promise<Catalogue> {
  const kit = await kitFiles(deep, tools, signal);
  if (kit !== null && (await kit.files.get(KIT_MANIFEST, KIT_MANIFEST_MAX, signal)) !== null) {
    const candidates = await readKitFolder(kit.files, signal);
    return { database: { kind: 'mpk-folder', id: null, created: null, deep: deep.kind }, candidates, deep: kit.deep };
  }
  const files =
    tools.databaseFiles === undefined
      ? tools.http && httpDatabase(database, tools.http.fetchFn, network)
      : tools.databaseFiles(database);
  if (files === undefined || files === null) throw new AppError('ENGINE_UNSUPPORTED', { kind: 'database' });
  const sha256 = (bytes: Uint8Array): Promise<Uint8Array> => tools.hashes.sha256(bytes);
  const seen = databaseSeen === undefined ? {} : { seen: databaseSeen };
  const { manifest } = await openDatabase({ files, sha256, ...seen }, signal);
  const candidates = await readCatalogue(manifest, files, sha256, signal);
  const about = { kind: 'assay-db', id: manifest.id, created: manifest.created } as const;
  if (kit !== null) return { database: { ...about, deep: deep.kind }, candidates, deep: kit.deep };
  // A database that took over the Kit's has the weight signals beside its shards.
  if ((manifest.sections.models?.deep ?? 0) === 0) return { database: { ...about, deep: 'none' }, candidates };
  return { database: { ...about, deep: 'database' }, candidates, deep: deepFromFolder(files, signal) };
}

/** What the person gave of the Kit: its zip or its folder, with or without a catalogue. */
async function kitFiles(
  deep: DeepPlace,
  tools: OpenContext,
  signal: AbortSignal,
): Promise<{ readonly files: DatabaseFiles; readonly deep: DeepSignals } | null> {
  if (deep.kind === 'none') return null;
  if (deep.kind === 'folder') {
    const files = folderFiles(deep, tools);
    return { files, deep: deepFromFolder(files, signal) };
  }
  const files = await zipFiles(await openSource(deep.spec, tools, signal), signal);
  return { files, deep: deepInZip(files, signal) };
}

function folderFiles({ files }: DeepPlace & { readonly kind: 'folder' }, tools: OpenContext): DatabaseFiles {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return {
    async get(path, most, signal) {
      const file = byPath.get(path);
      if (file === undefined) return null;
      const source = await openSource(file.spec, tools, signal);
      if (source.size > most) throw new AppError('SOURCE_TOO_LARGE', { path, size: source.size, most });
      return source.read(0, source.size, signal);
    },
  };
}

type Scored = Pick<LineageResult, 'info' | 'counts' | 'matches'>;

function nothingScored(entries = 0): Scored {
  const counts = { entries, scored: 0, leftOut: 0, withWeights: 0, notReached: 0, below: 0 };
  return { info: null, counts, matches: [] };
}

async function scoreAll(
  model: ModelSignals,
  { candidates, deep, database }: Catalogue,
  { top, threshold }: { readonly top: number; readonly threshold: number },
  { signal }: JobContext,
): Promise<Scored> {
  const { fingerprint, tokenizer } = model;
  if (fingerprint === null || tokenizer === null) return nothingScored(candidates.length);
  const looked = new Map<string, DeepFound>();
  const ask = async (candidate: Candidate): Promise<WeightSignals | null> => {
    const found = await lookUp(candidate, deep!, signal);
    looked.set(candidate.asset_id, found);
    return 'signals' in found ? found.signals : null;
  };
  const outcome = await scanDatabase({ ...model, fingerprint, tokenizer }, candidates, {
    top: candidates.length,
    threshold,
    ...(deep === undefined ? {} : { deep: ask }),
  });
  const { bucket, matches, scored, leftOut, withWeights } = outcome;
  const notReached = [...looked.values()].filter((found) => 'gap' in found && found.gap === 'stopped').length;
  const byId = new Map(candidates.map((candidate) => [candidate.asset_id, candidate]));
  return {
    info: infoOf(model, fingerprint, bucket),
    counts: {
      entries: candidates.length,
      scored,
      leftOut,
      withWeights,
      notReached,
      below: scored - matches.length,
    },
    matches: matches
      .slice(0, top)
      .map((match) => matchOf(match, model, byId.get(match.asset_id), looked.get(match.asset_id), database)),
  };
}

async function lookUp(candidate: Candidate, deep: DeepSignals, signal: AbortSignal): Promise<DeepFound> {
  if (signal.aborted) return { gap: 'stopped' };
  if (candidate.deep === null) return { gap: 'not-recorded' };
  try {
    const signals = await deep(candidate);
    return signals === null ? { gap: 'not-at-hand' } : { signals };
  } catch (thrown) {
    const error = toErrorData(thrown);
    return error.code === 'SOURCE_ABORTED' ? { gap: 'stopped' } : { gap: 'unreadable', error };
  }
}

function infoOf(
  { weights }: ModelSignals,
  f: NonNullable<ModelSignals['fingerprint']>,
  bucket: string,
): LineageModelInfo {
  return {
    model_type: f.model_type,
    architectures: f.architectures,
    hidden_size: f.hidden_size,
    num_hidden_layers: f.num_hidden_layers,
    num_attention_heads: f.num_attention_heads,
    num_key_value_heads: f.num_key_value_heads,
    head_dim: f.head_dim,
    intermediate_size: f.intermediate_size,
    vocab_size: f.vocab_size,
    tie_word_embeddings: f.tie_word_embeddings,
    hidden_act: f.hidden_act,
    num_parameters: null,
    arch_hash: f.arch_hash,
    family_hash: f.family_hash,
    param_bucket: bucket,
    has_weight_signals: weights !== null,
  };
}
