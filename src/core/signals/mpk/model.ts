/** Everything MPK looks at in one model, from its files. */
import { AppError, toErrorData, type ErrorData } from '../../errors.ts';
import { readWindow } from '../../formats/gguf/window.ts';
import { SIDE_FILE_MAX } from '../../limits.ts';
import type { Kernels } from '../../kernels/kernels.ts';
import { anchorIds } from './anchors.ts';
import { readConfig, type EffectiveConfig } from './config.ts';
import { adapt, ggufModel } from './containers/adapt.ts';
import { ggufTokenizer, KEEP_VOCABULARY } from './containers/gguf-tokenizer.ts';
import { extractWeights, type OpenedWeights } from './extract.ts';
import { familyOf } from './family.ts';
import {
  bytesOf,
  openWeights,
  otherFiles,
  standardFiles,
  type Chosen,
  type ModelFile,
  type ReadFile,
} from './files.ts';
import { loadPath } from './load-order.ts';
import { estimateFromConfig, metadataFingerprint } from './metadata.ts';
import type { MetadataFingerprint } from './mfi.ts';
import { scriptShares } from './script-share.ts';
import { tokenizerFeatures, type TokenizerFeatures } from './tfv.ts';
import { loadTokenizer, type LoadedTokenizer } from './tokenizer/load.ts';
import { missingSignals, type SignalName } from './missing.ts';
import type { ExtractedWeights, LoadPath } from './weights.ts';

export type { ModelFile } from './files.ts';

export interface ModelTools {
  readonly kernels: Kernels;
  readonly signal: AbortSignal;
  /** Takes back memory that was read into. */
  readonly give?: (chunk: Uint8Array) => void;
  /** Bytes of weights read so far, of those that the signals need. */
  readonly progress?: (done: number, total: number, path: string) => void;
}

/** A part that could not be had, and why. */
export interface Missing {
  readonly part: 'metadata' | 'tokenizer' | 'weights' | SignalName;
  readonly reason: ErrorData;
}

export interface ModelSignals {
  readonly fingerprint: MetadataFingerprint | null;
  readonly family: string;
  readonly tokenizer: TokenizerFeatures | null;
  readonly vocab: ReadonlySet<string> | null;
  readonly weights: ExtractedWeights | null;
  readonly missing: readonly Missing[];
  /** Parts that no file of the model states: rebuilt from what its GGUF file does. */
  readonly derived?: readonly ('metadata' | 'tokenizer')[];
  readonly seconds: { readonly base: number; readonly weights: number };
}

/** Side files at the top of the model only, as MPK reads them. */
const CONFIG = 'config.json';
const TOKENIZERS = ['tokenizer.json', 'tokenizer.model', 'vocab.json', 'vocab.txt'];
const STANDARD = ['model.safetensors', 'pytorch_model.bin'].flatMap((name) => [name, `${name}.index.json`]);

/**
 * @param force a path to take instead of the one MPK would: for comparing the paths
 * @throws AppError SOURCE_ABORTED and other SOURCE_* of reading; what is only missing is in `missing`
 */
export async function modelSignals(
  files: readonly ModelFile[],
  tools: ModelTools,
  force?: LoadPath,
): Promise<ModelSignals> {
  const started = performance.now();
  const byPath = new Map(files.map((file) => [file.path, file]));
  const read = async (name: string): Promise<Uint8Array | null> => {
    const file = byPath.get(name);
    if (file === undefined) return null;
    if (file.size > SIDE_FILE_MAX)
      throw new AppError('SOURCE_TOO_LARGE', { path: name, size: file.size, most: SIDE_FILE_MAX });
    return (await file.open(tools.signal)).read(0, file.size, tools.signal);
  };
  const missing: Missing[] = [];
  const attempt = async <T>(part: Missing['part'], work: () => Promise<T | null>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      const reason = toErrorData(error);
      if (!/^(FORMAT|SIGNAL|ENGINE_UNSUPPORTED|SOURCE_NOT_FOUND|SOURCE_TOO_LARGE)/.test(reason.code)) throw error;
      missing.push({ part, reason });
      return null;
    }
  };
  const other = await otherOpened(byPath, tools.signal);
  const [gguf] = other?.filter(({ opened }) => opened.format === 'gguf') ?? [];
  const derived: ('metadata' | 'tokenizer')[] = [];
  const config = await attempt('metadata', async () => {
    if (byPath.has(CONFIG) || gguf === undefined) return needConfig(read);
    derived.push('metadata');
    return readConfig(new TextEncoder().encode(JSON.stringify(ggufModel(other!).config)));
  });
  const hasTokenizer = TOKENIZERS.some((name) => byPath.has(name));
  const tokenizer =
    config === null
      ? null
      : await attempt('tokenizer', async () => {
          if (hasTokenizer || gguf === undefined) return tokenizerOf(config, read);
          derived.push('tokenizer');
          return tokenizerInside(gguf, config, tools.signal);
        });
  const features = tokenizer === null ? null : await tokenizerFeatures(tokenizer.facts);
  const fingerprint =
    config === null || tokenizer === null || features === null
      ? null
      : await attempt('metadata', () =>
          metadataFingerprint(config, { bos: features.bos_token_id, eos: features.eos_token_id, hash: tokenizer.hash }),
        );
  const based = performance.now();
  const taken = await attempt('weights', () => weightsOf({ byPath, config, tokenizer, read, other }, tools, force));
  const ended = performance.now();
  if (taken !== null) missing.push(...missingSignals(taken.weights, tokenizer !== null, taken.left));
  return {
    fingerprint,
    family: config === null ? 'unknown' : familyOf(config.modelType),
    tokenizer: features,
    vocab: tokenizer === null ? null : new Set(tokenizer.facts.vocab.keys()),
    weights: taken?.weights ?? null,
    missing,
    ...(derived.length === 0 ? {} : { derived }),
    seconds: { base: (based - started) / 1000, weights: (ended - based) / 1000 },
  };
}

async function needConfig(read: ReadFile): Promise<EffectiveConfig> {
  const bytes = await read(CONFIG);
  if (bytes === null) throw new AppError('SOURCE_NOT_FOUND', { path: CONFIG });
  return readConfig(bytes);
}

function tokenizerOf(config: EffectiveConfig, read: ReadFile): Promise<LoadedTokenizer> {
  const stated = config.top.get('tokenizer_class');
  return loadTokenizer(config.modelType, typeof stated === 'string' ? stated : null, read);
}

/** The header is read once more, with the whole vocabulary. */
async function tokenizerInside(
  { source }: OpenedWeights,
  config: EffectiveConfig,
  signal: AbortSignal,
): Promise<LoadedTokenizer> {
  const { header } = await readWindow(source, KEEP_VOCABULARY, signal);
  const architecture = header.metadata.find(({ key }) => key === 'general.architecture')?.value;
  const { className, files } = ggufTokenizer(header.metadata, typeof architecture === 'string' ? architecture : '');
  return loadTokenizer(config.modelType, className, async (name) => files.get(name) ?? null);
}

/** Files MPK does not look for, opened; null when the model has one that it does, or none at all. */
async function otherOpened(
  byPath: ReadonlyMap<string, ModelFile>,
  signal: AbortSignal,
): Promise<readonly OpenedWeights[] | null> {
  if (STANDARD.some((name) => byPath.has(name))) return null;
  const chosen = otherFiles(byPath);
  // Only a GGUF file tells more than its weights; what cannot be opened is said when the weights are read.
  if (chosen === null || !chosen.files[0]!.path.toLowerCase().endsWith('.gguf')) return null;
  try {
    return await openAll(chosen.files, signal);
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith('FORMAT_')) return null;
    throw error;
  }
}

async function openAll(files: readonly ModelFile[], signal: AbortSignal): Promise<OpenedWeights[]> {
  const opened: OpenedWeights[] = [];
  for (const file of files) opened.push(await openWeights(file, signal));
  return opened;
}

interface Known {
  readonly byPath: ReadonlyMap<string, ModelFile>;
  readonly config: EffectiveConfig | null;
  readonly tokenizer: LoadedTokenizer | null;
  readonly read: ReadFile;
  /** Opened before. */
  readonly other: readonly OpenedWeights[] | null;
}

interface Taken {
  readonly weights: ExtractedWeights;
  /** Why tensors have no counterpart. */
  readonly left: string | null;
}

async function weightsOf(
  { byPath, config, tokenizer, read, other }: Known,
  tools: ModelTools,
  force: LoadPath | undefined,
): Promise<Taken | null> {
  const { indexed, alone } = await standardFiles(byPath, read);
  const parameters = config === null ? 0 : estimateFromConfig(config);
  const stated = loadPath({ parameters, bytes: bytesOf(indexed ?? alone) });
  // The full path tries the single file first, the others the index.
  const chosen: Chosen | null =
    ((force ?? stated) === 'full' ? (alone ?? indexed) : (indexed ?? alone)) ?? otherFiles(byPath);
  if (chosen === null || chosen.files.length === 0) return null;
  const opened = other ?? (await openAll(chosen.files, tools.signal));
  const pickled = opened.some(({ opened: { format } }) => format.startsWith('pytorch'));
  const { files, bytes, left } = await adapt(
    opened,
    async (path) => (await byPath.get(path)?.open(tools.signal)) ?? null,
    tools.signal,
  );
  const path = force ?? (bytes === null ? stated : loadPath({ parameters, bytes }));
  const shares = tokenizer === null ? new Map<string, number>() : scriptShares(tokenizer.facts.vocab.keys());
  let [total, done] = [0, 0];
  const made = await extractWeights(
    {
      files,
      weightMap: chosen.weightMap,
      // PyTorch's own files cannot be read row by row.
      path: pickled && path === 'sliced' ? 'streaming' : path,
      anchors: (rows) => anchorIds(tokenizer === null ? null : (text) => tokenizer.firstId(text), shares, rows),
      half: pickled && path === 'full',
    },
    {
      kernels: tools.kernels,
      signal: tools.signal,
      ...(tools.give === undefined ? {} : { give: tools.give }),
      planned: (wanted) => void (total = wanted),
      // Small gaps are read along with what is wanted.
      read: (count) => tools.progress?.((done = Math.min(total, done + count)), total, chosen.files[0]!.path),
    },
  );
  // Without the tokenizer the anchors are not those MPK would have taken; nothing else depends on which they are.
  return { weights: tokenizer === null ? { ...made, eas: null } : made, left };
}
