/** A model as its scans describe it, opened again only where its numbers or small parts are asked for. */
import type { ByteSource } from '../bytes/source.ts';
import { openSource, type OpenContext } from '../bytes/open.ts';
import { AppError, type ErrorData } from '../errors.ts';
import { describeFile } from '../formats/describe.ts';
import type { OpenArtifact } from '../formats/format.ts';
import type { HashProvider } from '../hash/hasher.ts';
import { modelDigest } from '../hash/model-digest.ts';
import { SIDE_FILE_MAX } from '../limits.ts';
import { describeRoles } from '../tensors/roles/describe.ts';
import { canonicalId } from '../tensors/roles/role.ts';
import { logicalTensors } from '../tensors/read/logical.ts';
import type { LogicalTensor, TensorFile, TensorModel } from '../tensors/read/model.ts';
import { decodedDtype } from '../tensors/read/read.ts';
import type { Undecoded, VirtualTensor } from '../tensors/schemes/scheme.ts';
import { DecodeTools, type TensorNumbers } from './decode-lane-one.ts';
import { decodeModel } from './decode-model.ts';
import type { ArtifactScan, PlannedArtifact } from './model.ts';

/** A quantised weight beside the stored tensors that it is made of. */
export interface MadeTensor extends Omit<VirtualTensor, 'recipe'> {
  /** Present when numbers were asked for. */
  readonly numbers?: TensorNumbers;
}

export interface InspectedModel {
  readonly made: readonly MadeTensor[];
  /** Groups that are seen and not understood; `path`: their folder or file. */
  readonly undecoded: readonly (Undecoded & { readonly path: string })[];
  /** The scans, with the numbers of tensors whose bytes lie in another file filled in. */
  readonly scans: readonly ArtifactScan[];
  /** Digest over all canonical digests and roles, hex; null when numbers were not asked for, or some are not known. */
  readonly digest: string | null;
}

/**
 * What a model's scans alone do not tell, because it takes all of its files: quantised weights over several tensors, and,
 * when `hashes` are given, the numbers of those and of external tensors.
 *
 * @throws AppError SOURCE_*
 */
export async function inspectModel(
  artifacts: readonly PlannedArtifact[],
  scans: readonly ArtifactScan[],
  context: OpenContext,
  signal: AbortSignal,
  hashes?: HashProvider,
): Promise<InspectedModel> {
  const model = await modelOfScans(artifacts, scans, context, signal);
  const { tensors, undecoded } = await logicalTensors(model, signal);
  const made = tensors.filter((tensor) => tensor.kind === 'made');
  const plain = made.map(({ recipe }) => withoutRecipe(recipe));
  if (hashes === undefined) return { made: plain, undecoded, scans, digest: null };

  const tools = await DecodeTools.create(hashes);
  const open = external(model, scans);
  const numbers = await decodeModel(model, [...made, ...open.map(({ tensor }) => tensor)], { tools, signal });
  const filled = scans.map((scan) => {
    if (scan.tensorNumbers === undefined) return scan;
    const own = [...scan.tensorNumbers];
    for (const [i, { path, place }] of open.entries()) {
      if (path === scan.path) own[place] = numbers[made.length + i]!;
    }
    return { ...scan, tensorNumbers: own };
  });
  return {
    made: plain.map((tensor, i) => ({ ...tensor, numbers: numbers[i]! })),
    undecoded,
    scans: filled,
    digest: digestOf(tensors, filled, numbers, tools),
  };
}

function withoutRecipe({ name, scheme, dtype, shape, bits, groupSize, block, parts }: VirtualTensor): MadeTensor {
  return {
    name,
    scheme,
    dtype,
    shape,
    bits,
    ...(groupSize === undefined ? {} : { groupSize }),
    ...(block === undefined ? {} : { block }),
    parts,
  };
}

/** Tensors whose bytes lie in another file of the model: no scan of one file knows their numbers. */
function external(
  model: TensorModel,
  scans: readonly ArtifactScan[],
): { readonly path: string; readonly place: number; readonly tensor: LogicalTensor }[] {
  const files = new Map(model.files.map((file) => [file.path, file]));
  return scans.flatMap(({ path, tensors, tensorNumbers }) =>
    tensors.flatMap((entry, place) => {
      const file = files.get(path);
      if (tensorNumbers === undefined || tensorNumbers[place] !== null || file === undefined) return [];
      const tensor = { kind: 'stored', name: entry.name, shape: entry.shape, at: { file, entry } } as const;
      return [{ path, place, tensor }];
    }),
  );
}

function digestOf(
  tensors: readonly LogicalTensor[],
  scans: readonly ArtifactScan[],
  made: readonly TensorNumbers[],
  tools: DecodeTools,
): string | null {
  const byEntry = new Map(
    scans.flatMap(({ path, tensors: own, tensorNumbers }) =>
      own.map((entry, i) => [`${path}\n${entry.name}`, tensorNumbers?.[i] ?? null] as const),
    ),
  );
  const { roles } = describeRoles(tensors.map((t) => ({ name: t.name, shape: t.shape, dtype: decodedDtype(t) })));
  let next = 0;
  const lines = tensors.flatMap((tensor, i) => {
    const numbers =
      tensor.kind === 'made' ? made[next++] : byEntry.get(`${tensor.at.file.path}\n${tensor.at.entry.name}`);
    const digest = numbers?.canonical ?? null;
    const about = roles[i]!;
    const known = about.by === 'name' && about.role !== 'unknown';
    return digest === null ? [] : [{ digest, role: known ? canonicalId(about) : '' }];
  });
  return lines.length === 0 || lines.length < tensors.length ? null : modelDigest(lines, tools.short);
}

/** Opened again on the first read, each file once. */
async function modelOfScans(
  artifacts: readonly PlannedArtifact[],
  scans: readonly ArtifactScan[],
  context: OpenContext,
  signal: AbortSignal,
): Promise<TensorModel> {
  const planned = new Map(artifacts.map((artifact) => [artifact.path, artifact]));
  const sources = new Map<string, Promise<ByteSource>>();
  const open = (path: string): Promise<ByteSource> | null => {
    const artifact = planned.get(path);
    if (artifact === undefined) return null;
    const known = sources.get(path) ?? openSource(artifact.spec, context, signal);
    sources.set(path, known);
    return known;
  };
  const configs = new Map<string, unknown>();
  for (const { path, size } of artifacts) {
    if (!/(?:^|\/)(?:quantize_)?config\.json$/.test(path) || size > SIDE_FILE_MAX) continue;
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (configs.get(folder) !== undefined && path.endsWith('quantize_config.json')) continue;
    const value = await readJson(open(path), signal);
    if (value !== undefined) configs.set(folder, value);
  }
  const files = scans.flatMap((scan): TensorFile[] => {
    if (scan.format === undefined || scan.tensors.length === 0) return [];
    return [
      fileOf(
        scan,
        lazySource(scan, () => open(scan.path) ?? Promise.reject(lost(scan.path))),
        signal,
      ),
    ];
  });
  return { files, open: async (path) => open(path), config: (folder) => configs.get(folder) };
}

function lost(path: string): AppError {
  return new AppError('SOURCE_NOT_FOUND', { path });
}

function fileOf(scan: ArtifactScan, source: ByteSource, signal: AbortSignal): TensorFile {
  let again: Promise<OpenArtifact | ErrorData> | null = null;
  return {
    path: scan.path,
    source,
    format: scan.format!,
    tensors: scan.tensors,
    ...(scan.made === undefined ? {} : { made: scan.made }),
    async *payload(entry, abort) {
      // Recipes of packed tensors stay with whoever opened the file.
      again ??= describeFile(source, signal).then(
        ({ opened, formatError }) => opened ?? formatError ?? lost(scan.path),
      );
      const opened = await again;
      if (!('format' in opened) || opened.payload === undefined) {
        throw new AppError('FORMAT_MISSING_TENSOR', { tensor: entry.name, file: scan.path });
      }
      const own = opened.tensors.find(({ name }) => name === entry.name) ?? entry;
      yield* opened.payload(own, abort);
    },
  };
}

function lazySource({ path, size }: ArtifactScan, open: () => Promise<ByteSource>): ByteSource {
  let opened: Promise<ByteSource> | null = null;
  const source = (): Promise<ByteSource> => (opened ??= open());
  return {
    name: path,
    size,
    random: true,
    read: async (start, end, signal) => (await source()).read(start, end, signal),
    async *stream(start, end, signal) {
      yield* (await source()).stream(start, end, signal);
    },
    settle: async (signal) => (opened === null ? undefined : (await opened).settle(signal)),
  };
}

async function readJson(opening: Promise<ByteSource> | null, signal: AbortSignal): Promise<unknown> {
  try {
    const source = await opening;
    if (source === null) return undefined;
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await source.read(0, source.size, signal));
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof AppError && error.code === 'SOURCE_ABORTED') throw error;
    return undefined;
  }
}
