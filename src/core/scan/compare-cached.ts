/** Signals of a model out of the cache where its content is known there, else extracted and kept (`signals/cache.ts`). */
import { openSource, type OpenContext } from '../bytes/open.ts';
import type { ByteSource } from '../bytes/source.ts';
import { toErrorData, type ErrorData } from '../errors.ts';
import type { Kernels } from '../kernels/kernels.ts';
import type { JobContext } from '../progress.ts';
import { thisTool } from '../report/tool.ts';
import { featuresKey, keptSignals, listingKey, readEntry, writeEntry, type FeatureStore } from '../signals/cache.ts';
import { modelSignals, type ModelFile, type ModelSignals } from '../signals/mpk/model.ts';
import type { SignalsFound } from './compare.ts';
import type { ModelInput } from './compare-request.ts';
import type { PlannedArtifact } from './model.ts';

export interface CacheTools {
  readonly store: FeatureStore;
  /**
   * What names the content of a file: `sha256:…` of every byte of `source`, computed now or remembered for a file that
   * has not been written to since; or an address whose content cannot change. Null: not worth it, or not possible.
   *
   * @throws AppError SOURCE_*
   */
  readonly contentOf: (artifact: PlannedArtifact, source: ByteSource, signal: AbortSignal) => Promise<string | null>;
}

export interface ExtractTools extends OpenContext {
  readonly kernels: () => Promise<Kernels>;
  /** Takes back memory that was read into. */
  readonly give?: (chunk: Uint8Array) => void;
  /** Absent: everything is extracted, nothing is kept. */
  readonly cache?: CacheTools;
}

/** @throws AppError SOURCE_*; what a model merely lacks is in `missing` */
export async function signalsOfModel(model: ModelInput, tools: ExtractTools, ctx: JobContext): Promise<SignalsFound> {
  const started = performance.now();
  const files = new OpenedOnce(model, tools);
  const { cache } = tools;
  if (cache === undefined) return { signals: await extract(files, tools, ctx), cached: false };
  const listing = await listingKey({ files: files.listed, tool: toolName(), force: null });
  const opened = namesIn(await readEntry(cache.store, listing));
  const contents = opened === null ? null : await contentsOf(opened, files, cache, ctx.signal);
  if (contents !== null) {
    const kept = keptSignals(await readEntry(cache.store, await featuresKey(listing, contents)));
    const seconds = { base: (performance.now() - started) / 1000, weights: 0 };
    if (kept !== null) return { signals: { ...kept, seconds }, cached: true };
  }
  const signals = await extract(files, tools, ctx);
  if (!signals.missing.some(({ reason }) => reason.code.startsWith('ENGINE_') || files.unnamed(reason))) {
    await keep(signals, listing, files, cache, ctx.signal);
  }
  return { signals, cached: false };
}

function toolName(): string {
  const { version, commit = '' } = thisTool();
  return `${version} ${commit}`;
}

async function extract(files: OpenedOnce, tools: ExtractTools, ctx: JobContext): Promise<ModelSignals> {
  return modelSignals(files.all, {
    kernels: await tools.kernels(),
    ...(tools.give === undefined ? {} : { give: tools.give }),
    signal: ctx.signal,
    progress: (done, total, path) => ctx.progress({ phase: 'reading', path, done, total }),
  });
}

/** Keeping is a courtesy: a file that cannot be read again, or changed meanwhile, is not kept and no error. */
async function keep(
  signals: ModelSignals,
  listing: string,
  files: OpenedOnce,
  cache: CacheTools,
  signal: AbortSignal,
): Promise<void> {
  try {
    const contents = await contentsOf(files.openedNames, files, cache, signal);
    if (contents === null) return;
    await writeEntry(cache.store, await featuresKey(listing, contents), signals);
    await writeEntry(cache.store, listing, { opened: files.openedNames });
  } catch (error) {
    const { code } = toErrorData(error);
    if (!code.startsWith('SOURCE_')) throw error;
  }
}

/** Null when one of them is not there any more, or nobody can tell its content. */
async function contentsOf(
  names: readonly string[],
  files: OpenedOnce,
  { contentOf }: CacheTools,
  signal: AbortSignal,
): Promise<readonly { readonly name: string; readonly content: string }[] | null> {
  const contents: { name: string; content: string }[] = [];
  for (const name of names) {
    const artifact = files.byName.get(name);
    if (artifact === undefined) return null;
    const source = await files.open(artifact, signal);
    // The source is the one that extraction reads from, and refuses to go on when its file changes.
    const content = files.contents.get(name) ?? (await contentOf(artifact, source, signal));
    if (content === null) return null;
    await source.settle(signal);
    files.contents.set(name, content);
    contents.push({ name, content });
  }
  return contents;
}

function namesIn(value: unknown): readonly string[] | null {
  const opened = (value as { readonly opened?: unknown } | null)?.opened;
  return Array.isArray(opened) && opened.every((name) => typeof name === 'string') ? opened : null;
}

/** Names that say more than what a file ends in: those that loaders look for, numbered shards, projectors. */
const TELLING = /^(?:model|pytorch_model|mmproj)|-\d{5}-of-\d{5}\./i;

/**
 * The files of a model, each opened once: what is hashed is what is read. Remembers which were opened, for these and
 * the list of names and sizes are all that extraction can depend on.
 */
class OpenedOnce {
  readonly all: readonly ModelFile[];
  /** As the cache calls them. */
  readonly listed: readonly { readonly name: string; readonly size: number }[];
  readonly byName: ReadonlyMap<string, PlannedArtifact>;
  /** By name, as far as they were asked for. */
  readonly contents = new Map<string, string>();
  readonly #tools: OpenContext;
  readonly #sources = new Map<PlannedArtifact, Promise<ByteSource>>();
  readonly #opened = new Set<string>();
  readonly #renamed = new Set<string>();

  constructor({ artifacts }: ModelInput, tools: OpenContext) {
    this.#tools = tools;
    const names = new Map(artifacts.map((artifact) => [artifact, artifact.path]));
    const weights = artifacts.filter(({ role }) => role === 'weights');
    const [only] = weights;
    // The only weight file of a model, under a name of its own: another name would give the same.
    if (only !== undefined && weights.length === 1 && !only.path.includes('/') && !TELLING.test(only.path)) {
      this.#renamed.add(only.path);
      names.set(only, `*${/\.[^.]+$/.exec(only.path)?.[0].toLowerCase() ?? ''}`);
    }
    this.byName = new Map([...names].map(([artifact, name]) => [name, artifact]));
    this.listed = artifacts.map((artifact) => ({ name: names.get(artifact)!, size: artifact.size }));
    this.all = artifacts.map((artifact) => ({
      path: artifact.path,
      size: artifact.size,
      open: (signal: AbortSignal) => {
        this.#opened.add(names.get(artifact)!);
        return this.open(artifact, signal);
      },
    }));
  }

  get openedNames(): readonly string[] {
    return [...this.#opened].sort();
  }

  /** The reason speaks of a file by a name that the cache does not know. */
  unnamed({ detail }: ErrorData): boolean {
    return Object.values(detail).some((value) => typeof value === 'string' && this.#renamed.has(value));
  }

  open(artifact: PlannedArtifact, signal: AbortSignal): Promise<ByteSource> {
    const known = this.#sources.get(artifact) ?? openSource(artifact.spec, this.#tools, signal);
    this.#sources.set(artifact, known);
    return known;
  }
}
