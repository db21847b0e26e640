/** Everything MPK looks at in one model, from its files. */
import type { ByteSource } from '../../bytes/source.ts';
import { AppError, toErrorData, type ErrorData } from '../../errors.ts';
import { describeFile } from '../../formats/describe.ts';
import type { FormatId } from '../../formats/format.ts';
import { SIDE_FILE_MAX } from '../../limits.ts';
import type { Kernels } from '../../kernels/kernels.ts';
import { anchorIds } from './anchors.ts';
import { readConfig, type EffectiveConfig } from './config.ts';
import { extractWeights, type OpenedWeights } from './extract.ts';
import { familyOf } from './family.ts';
import { loadPath } from './load-order.ts';
import { estimateFromConfig, metadataFingerprint } from './metadata.ts';
import type { MetadataFingerprint } from './mfi.ts';
import { scriptShares } from './script-share.ts';
import { tokenizerFeatures, type TokenizerFeatures } from './tfv.ts';
import { loadTokenizer, type LoadedTokenizer } from './tokenizer/load.ts';
import type { ExtractedWeights, LoadPath } from './weights.ts';

export interface ModelFile {
  /** Relative to the model, `/`-separated. */
  readonly path: string;
  readonly size: number;
  open(signal: AbortSignal): Promise<ByteSource>;
}

export interface ModelTools {
  readonly kernels: Kernels;
  readonly signal: AbortSignal;
  /** Bytes of weights read so far, of how many; the total may shrink as headers tell what is not needed. */
  readonly progress?: (done: number, total: number, path: string) => void;
}

/** A part that could not be had, and why. */
export interface Missing {
  readonly part: 'metadata' | 'tokenizer' | 'weights';
  readonly reason: ErrorData;
}

export interface ModelSignals {
  readonly fingerprint: MetadataFingerprint | null;
  readonly family: string;
  readonly tokenizer: TokenizerFeatures | null;
  readonly vocab: ReadonlySet<string> | null;
  readonly weights: ExtractedWeights | null;
  readonly missing: readonly Missing[];
  readonly seconds: { readonly base: number; readonly weights: number };
}

/** Side files at the top of the model only, as MPK reads them. */
const CONFIG = 'config.json';
const SAFETENSORS = 'model.safetensors';
const PICKLE = 'pytorch_model.bin';
/** Other containers, in the order of preference when a model has none of the files MPK reads. */
const OTHER = /\.(?:safetensors|gguf|bin|pt|pth|onnx|h5|hdf5|keras)$/i;

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
  const config = await attempt('metadata', () => needConfig(read));
  const tokenizer = config === null ? null : await attempt('tokenizer', () => tokenizerOf(config, read));
  const features = tokenizer === null ? null : await tokenizerFeatures(tokenizer.facts);
  const fingerprint =
    config === null || tokenizer === null || features === null
      ? null
      : await attempt('metadata', () =>
          metadataFingerprint(config, { bos: features.bos_token_id, eos: features.eos_token_id, hash: tokenizer.hash }),
        );
  const based = performance.now();
  const weights = await attempt('weights', () => weightsOf(byPath, config, tokenizer, read, tools, force));
  const ended = performance.now();
  return {
    fingerprint,
    family: config === null ? 'unknown' : familyOf(config.modelType),
    tokenizer: features,
    vocab: tokenizer === null ? null : new Set(tokenizer.facts.vocab.keys()),
    weights,
    missing,
    seconds: { base: (based - started) / 1000, weights: (ended - based) / 1000 },
  };
}

async function needConfig(read: (name: string) => Promise<Uint8Array | null>): Promise<EffectiveConfig> {
  const bytes = await read(CONFIG);
  if (bytes === null) throw new AppError('SOURCE_NOT_FOUND', { path: CONFIG });
  return readConfig(bytes);
}

function tokenizerOf(
  config: EffectiveConfig,
  read: (name: string) => Promise<Uint8Array | null>,
): Promise<LoadedTokenizer> {
  const stated = config.top.get('tokenizer_class');
  return loadTokenizer(config.modelType, typeof stated === 'string' ? stated : null, read);
}

interface Chosen {
  readonly files: readonly ModelFile[];
  readonly weightMap: ReadonlyMap<string, string> | null;
}

async function weightsOf(
  byPath: ReadonlyMap<string, ModelFile>,
  config: EffectiveConfig | null,
  tokenizer: LoadedTokenizer | null,
  read: (name: string) => Promise<Uint8Array | null>,
  tools: ModelTools,
  force: LoadPath | undefined,
): Promise<ExtractedWeights | null> {
  const indexed =
    (await sharded(byPath, `${SAFETENSORS}.index.json`, read)) ?? (await sharded(byPath, `${PICKLE}.index.json`, read));
  const single = [SAFETENSORS, PICKLE].map((name) => byPath.get(name)).find((file) => file !== undefined);
  const alone: Chosen | null = single === undefined ? null : { files: [single], weightMap: null };
  const measured = indexed ?? alone;
  const path =
    force ?? loadPath({ parameters: config === null ? 0 : estimateFromConfig(config), bytes: bytesOf(measured) });
  // The full path tries the single file first, the others the index.
  const chosen = (path === 'full' ? (alone ?? indexed) : (indexed ?? alone)) ?? otherFiles(byPath);
  if (chosen === null || chosen.files.length === 0) return null;
  const opened: OpenedWeights[] = [];
  for (const file of chosen.files) opened.push(await openWeights(file, tools.signal));
  const formats = new Set<FormatId>(opened.map(({ opened: { format } }) => format));
  const pickled = [...formats].some((format) => format.startsWith('pytorch'));
  const shares = tokenizer === null ? new Map<string, number>() : scriptShares(tokenizer.facts.vocab.keys());
  const total = bytesOf(chosen);
  let done = 0;
  const made = await extractWeights(
    {
      files: opened,
      weightMap: chosen.weightMap,
      // PyTorch's own files cannot be read row by row.
      path: pickled && path === 'sliced' ? 'streaming' : path,
      anchors: (rows) => anchorIds(tokenizer === null ? null : (text) => tokenizer.firstId(text), shares, rows),
      half: pickled && path === 'full',
    },
    {
      kernels: tools.kernels,
      signal: tools.signal,
      read: (bytes) => tools.progress?.((done = Math.min(total, done + bytes)), total, chosen.files[0]!.path),
    },
  );
  // Without the tokenizer the anchors are not those MPK would have taken; nothing else depends on which they are.
  return tokenizer === null ? { ...made, eas: null } : made;
}

/** @throws AppError FORMAT_* when the file is not a model that could be read */
async function openWeights(file: ModelFile, signal: AbortSignal): Promise<OpenedWeights> {
  const source = await file.open(signal);
  const { opened, formatError, notAModel } = await describeFile(source, signal);
  if (opened !== undefined) return { path: file.path, source, opened };
  if (formatError !== undefined) throw new AppError(formatError.code, { ...formatError.detail, path: file.path });
  throw new AppError('FORMAT_UNKNOWN', {
    path: file.path,
    ...(notAModel === undefined ? {} : { kind: notAModel.kind }),
  });
}

/** @returns null when there is no such index, or it holds no list */
async function sharded(
  byPath: ReadonlyMap<string, ModelFile>,
  name: string,
  read: (name: string) => Promise<Uint8Array | null>,
): Promise<Chosen | null> {
  const bytes = await read(name);
  if (bytes === null) return null;
  let index: unknown;
  try {
    index = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new AppError('FORMAT_JSON', { path: name }, error);
  }
  const map = (index as { readonly weight_map?: unknown } | null)?.weight_map;
  if (typeof map !== 'object' || map === null) return null;
  const weightMap = new Map(Object.entries(map).map(([tensor, file]) => [tensor, String(file)]));
  const shards = [...new Set(weightMap.values())].sort();
  const files = shards.map((shard) => byPath.get(shard));
  if (files.includes(undefined)) {
    throw new AppError('SOURCE_NOT_FOUND', { path: shards[files.indexOf(undefined)]! });
  }
  return { files: files as ModelFile[], weightMap };
}

/** Files MPK does not read: compared all the same, the order is that of their own tables. */
function otherFiles(byPath: ReadonlyMap<string, ModelFile>): Chosen | null {
  const found = [...byPath.values()].filter(({ path }) => !path.includes('/') && OTHER.test(path));
  const ending = found[0]?.path.split('.').at(-1)?.toLowerCase();
  const same = found.filter(({ path }) => path.toLowerCase().endsWith(`.${ending}`));
  return same.length === 0 ? null : { files: same, weightMap: null };
}

function bytesOf(chosen: Chosen | null): number {
  return chosen?.files.reduce((sum, { size }) => sum + size, 0) ?? 0;
}
