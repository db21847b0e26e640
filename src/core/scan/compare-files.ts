/** Which files of a model hold the weights that are compared, opened. */
import type { ByteSource } from '../bytes/source.ts';
import { openSource, type OpenContext } from '../bytes/open.ts';
import { AppError, throwIfAborted, toErrorData, type ErrorData } from '../errors.ts';
import { describeFile } from '../formats/describe.ts';
import type { OpenArtifact } from '../formats/format.ts';
import { groupNumbered, numbered } from '../formats/set/paths.ts';
import { SIDE_FILE_MAX } from '../limits.ts';
import type { TensorFile, TensorModel } from '../tensors/read/model.ts';
import type { ModelInput } from './compare-request.ts';
import type { PlannedArtifact } from './model.ts';

/** A model whose headers were read. */
export interface OpenedModel extends TensorModel {
  readonly files: readonly (TensorFile & Pick<OpenArtifact, 'metadata'>)[];
  /** Weight files that belong to it and could not be opened. */
  readonly unread: readonly { readonly path: string; readonly reason: ErrorData }[];
  /** Containers, in the order of the files. */
  readonly formats: readonly string[];
  /** Parsed `config.json` at the top; undefined when there is none that can be read. */
  readonly top: unknown;
  /** Bytes of all files of the model, opened or not. */
  readonly bytes: number;
  /** Every source that was opened, to be asked in the end whether its file is still the same. */
  readonly sources: readonly ByteSource[];
}

const GGUF = /\.gguf$/i;
/**
 * Endings in the order of preference: repositories keep the same weights in several containers. Each line is one kind:
 * files of different lines are not the same set.
 */
const KINDS: readonly RegExp[] = [
  /\.safetensors$/i,
  GGUF,
  /\.(?:bin|pt|pth|ckpt)$/i,
  /\.onnx$/i,
  /\.(?:h5|hdf5)$/i,
  /\.keras$/i,
  /\.npz$/i,
  /\.npy$/i,
  /\.tflite$/i,
];
/** What training leaves beside the weights under the same endings. */
const NOT_WEIGHTS = /(?:^|\/)(?:optimizer|scheduler|rng_state(?:_\d+)?|training_args|scaler)\.(?:bin|pt|pth)$/i;

/**
 * Reads the headers of the weights of a model. Files that cannot be opened are in `unread`.
 *
 * @throws AppError SOURCE_ABORTED
 */
export async function openModel(
  input: ModelInput,
  context: OpenContext & {
    /** Put around every source, before anything is read of it. */
    readonly around?: (source: ByteSource) => ByteSource;
  },
  signal: AbortSignal,
): Promise<OpenedModel> {
  const byPath = new Map(input.artifacts.map((artifact) => [artifact.path, artifact]));
  const sources = new Map<string, Promise<ByteSource>>();
  const source = (artifact: PlannedArtifact): Promise<ByteSource> => {
    const { around = (bare) => bare } = context;
    const known = sources.get(artifact.path) ?? openSource(artifact.spec, context, signal).then(around);
    sources.set(artifact.path, known);
    return known;
  };
  const opened: ByteSource[] = [];
  const unread: { path: string; reason: ErrorData }[] = [];
  const files: OpenedModel['files'][number][] = [];
  for (const artifact of await chooseWeights(input.artifacts, (one) => readJson(one, source, signal))) {
    throwIfAborted(signal);
    try {
      const bytes = await source(artifact);
      const found = await describeFile(bytes, signal);
      if (found.opened === undefined) {
        unread.push({ path: artifact.path, reason: reasonOf(found.formatError, found.notAModel?.kind, artifact.path) });
        continue;
      }
      opened.push(bytes);
      files.push({ ...found.opened, path: artifact.path, source: bytes });
    } catch (error) {
      const reason = toErrorData(error);
      if (reason.code === 'SOURCE_ABORTED') throw error;
      unread.push({ path: artifact.path, reason });
    }
  }
  const config = byPath.get('config.json');
  const top = config === undefined ? undefined : await readJson(config, source, signal);
  return {
    files,
    unread,
    formats: [...new Set(files.map(({ format }) => format))],
    top,
    bytes: input.artifacts.reduce((sum, { size }) => sum + size, 0),
    sources: opened,
    config: (folder) => (folder === '' ? top : undefined),
    async open(path) {
      const artifact = byPath.get(path);
      if (artifact === undefined) return null;
      const bytes = await source(artifact);
      if (!opened.includes(bytes)) opened.push(bytes);
      return bytes;
    },
  };
}

/**
 * The shards that an index at the top names; else the one file that loaders expect; else all files of the kind that comes
 * first in `KINDS`: those at the top, else those in folders. GGUF files beside each other are variants of the same weights:
 * the largest one, with all its parts.
 */
export async function chooseWeights(
  artifacts: readonly PlannedArtifact[],
  json: (artifact: PlannedArtifact) => Promise<unknown>,
): Promise<readonly PlannedArtifact[]> {
  const byPath = new Map(artifacts.map((artifact) => [artifact.path, artifact]));
  for (const name of ['model.safetensors', 'pytorch_model.bin']) {
    const index = byPath.get(`${name}.index.json`);
    const named = index === undefined ? null : shardsOf(await json(index));
    const shards = named?.flatMap((path) => byPath.get(path) ?? []) ?? [];
    if (shards.length > 0) return shards;
    const single = byPath.get(name);
    if (single !== undefined) return [single];
  }
  const weights = artifacts.filter(({ path, role }) => role === 'weights' && !NOT_WEIGHTS.test(path));
  for (const kind of [...KINDS, /./]) {
    const some = weights.filter(({ path }) => kind.test(path));
    const top = some.filter(({ path }) => !path.includes('/'));
    const chosen = top.length > 0 ? top : some;
    if (chosen.length > 0) return kind === GGUF ? largestVariant(chosen) : chosen;
  }
  return [];
}

function largestVariant(files: readonly PlannedArtifact[]): readonly PlannedArtifact[] {
  const split = [...groupNumbered(files, '.gguf').values()].map(({ parts }) =>
    [...parts].sort(([a], [b]) => a - b).map(([, file]) => file),
  );
  const whole = files.filter(({ path }) => numbered(path) === null).map((file) => [file]);
  const bytes = (set: readonly PlannedArtifact[]): number => set.reduce((sum, { size }) => sum + size, 0);
  return [...split, ...whole].reduce((most, set) => (bytes(set) > bytes(most) ? set : most));
}

function shardsOf(index: unknown): readonly string[] | null {
  const map = (index as { readonly weight_map?: unknown } | null | undefined)?.weight_map;
  if (typeof map !== 'object' || map === null) return null;
  return [...new Set(Object.values(map).map(String))].sort();
}

/** A small JSON file, or undefined when it cannot be read as one: what it would have told is then not known. */
async function readJson(
  artifact: PlannedArtifact,
  source: (artifact: PlannedArtifact) => Promise<ByteSource>,
  signal: AbortSignal,
): Promise<unknown> {
  if (artifact.size > SIDE_FILE_MAX) return undefined;
  try {
    const opened = await source(artifact);
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await opened.read(0, opened.size, signal)));
  } catch (error) {
    if (error instanceof AppError && error.code === 'SOURCE_ABORTED') throw error;
    return undefined;
  }
}

function reasonOf(formatError: ErrorData | undefined, kind: string | undefined, path: string): ErrorData {
  if (formatError !== undefined) return { ...formatError, detail: { ...formatError.detail, path } };
  return { code: 'FORMAT_UNKNOWN', detail: { path, ...(kind === undefined ? {} : { kind }) } };
}
