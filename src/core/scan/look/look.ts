import { openSource, type OpenContext } from '../../bytes/open.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { AppError, throwIfAborted } from '../../errors.ts';
import { describeFile } from '../../formats/describe.ts';
import type { OpenArtifact } from '../../formats/format.ts';
import { EXCERPT_MAX, SIDE_FILE_MAX } from '../../limits.ts';
import type { JobContext } from '../../progress.ts';
import { logicalTensors, storedAlone } from '../../tensors/read/logical.ts';
import type { TensorModel } from '../../tensors/read/model.ts';
import { readDocument } from './document.ts';
import { heldSource } from './held-source.ts';
import { mapOpened } from './map.ts';
import type { LookAnswer, LookFile, LookRequest, TensorValues } from './model.ts';
import { readRecord } from './record.ts';
import { tellRoles } from './roles.ts';
import { tensorValues } from './values.ts';
import { readVocabulary } from './vocabulary.ts';

/**
 * Answers one question about one file. The file is opened anew: whatever a report said about it may have been written
 * long ago, so names and offsets of the request are held against what the file says now.
 *
 * @throws AppError SOURCE_*; FORMAT_* when the container or side file cannot be read; FORMAT_MISSING_TENSOR {name} when
 *   the tensor is not there any more
 */
export async function look(request: LookRequest, tools: OpenContext, ctx: JobContext): Promise<LookAnswer> {
  if (request.kind === 'roles') return tellRoles(request.files);
  const open = ({ spec }: LookFile): Promise<ByteSource> => openSource(spec, tools, ctx.signal);
  const source = await open(request.file);
  switch (request.kind) {
    case 'bytes':
      return excerpt(source, request.start, request.end, ctx.signal);
    case 'map':
      return mapOpened(source, await opened(source, ctx.signal), ctx.signal);
    case 'values':
      return values(request, heldSource(source), open, ctx);
    case 'document':
      return readDocument(source, ctx.signal);
    case 'record':
      return readRecord(source, ctx.signal);
    case 'vocabulary':
      return readVocabulary(source, request.query, ctx.signal);
  }
}

type Values = LookRequest<'values'>;

/** A stored tensor, or one that several stored tensors of the file make; what the first is a part of is told. */
async function values(
  { file, tensor: place, name, made, beside }: Values,
  source: ByteSource,
  open: (file: LookFile) => Promise<ByteSource>,
  ctx: JobContext,
): Promise<TensorValues> {
  const artifact = await opened(source, ctx.signal);
  const whole = { ...artifact, path: file.path, source };
  const config = await configOf(beside, open, ctx.signal);
  const model: TensorModel = {
    files: [whole],
    config: () => config,
    async open(path) {
      const other = beside.find((one) => one.path === path);
      return other === undefined ? null : heldSource(await open(other));
    },
  };
  const { tensors } = await logicalTensors(model, ctx.signal);
  const groups = tensors.filter((one) => one.kind === 'made');
  if (made === true) {
    const group = groups.find((one) => one.name === name);
    if (group === undefined) throw missing(name);
    return tensorValues(model, group, ctx);
  }
  const entries = artifact.tensors;
  const entry = entries[place]?.name === name ? entries[place] : entries.find((one) => one.name === name);
  if (entry === undefined) throw missing(name);
  const numbers = await tensorValues(model, storedAlone(whole, entry), ctx);
  const group = groups.find(({ recipe }) => recipe.parts.includes(name));
  if (group === undefined) return numbers;
  const { scheme, bits, parts } = group.recipe;
  return { ...numbers, group: { name: group.name, shape: group.shape, scheme, bits, parts } };
}

function missing(tensor: string): AppError {
  return new AppError('FORMAT_MISSING_TENSOR', { tensor: tensor.slice(0, 200) });
}

/** What says how the weights are quantised; undefined when it is not there or cannot be read. */
async function configOf(
  beside: readonly LookFile[],
  open: (file: LookFile) => Promise<ByteSource>,
  signal: AbortSignal,
): Promise<unknown> {
  const file = beside.find(({ path }) => /(?:^|\/)config\.json$/.test(path));
  if (file === undefined) return undefined;
  try {
    const source = await open(file);
    if (source.size > SIDE_FILE_MAX) return undefined;
    return JSON.parse(new TextDecoder().decode(await source.read(0, source.size, signal))) as unknown;
  } catch (error) {
    throwIfAborted(signal);
    // Without it the names of the parts still tell most schemes.
    if (error instanceof AppError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function opened(source: ByteSource, signal: AbortSignal): Promise<OpenArtifact> {
  const { opened: artifact, formatError, notAModel } = await describeFile(source, signal);
  if (artifact !== undefined) return artifact;
  if (formatError !== undefined) throw new AppError(formatError.code, formatError.detail);
  throw new AppError('FORMAT_UNKNOWN', {
    name: source.name,
    ...(notAModel === undefined ? {} : { is: notAModel.kind }),
  });
}

async function excerpt(source: ByteSource, start: number, end: number, signal: AbortSignal): Promise<Uint8Array> {
  const from = Math.min(Math.max(0, Math.trunc(start)), source.size);
  const to = Math.min(Math.max(from, Math.trunc(end)), source.size, from + EXCERPT_MAX);
  return source.read(from, to, signal);
}
