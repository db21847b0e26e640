import { openSource, type OpenContext } from '../../bytes/open.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { AppError } from '../../errors.ts';
import { describeFile } from '../../formats/describe.ts';
import type { OpenArtifact } from '../../formats/format.ts';
import { EXCERPT_MAX } from '../../limits.ts';
import type { JobContext } from '../../progress.ts';
import { readDocument } from './document.ts';
import { mapOpened } from './map.ts';
import type { LookAnswer, LookFile, LookRequest } from './model.ts';
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
  const open = ({ spec }: LookFile): Promise<ByteSource> => openSource(spec, tools, ctx.signal);
  const source = await open(request.file);
  switch (request.kind) {
    case 'bytes':
      return excerpt(source, request.start, request.end, ctx.signal);
    case 'map':
      return mapOpened(source, await opened(source, ctx.signal), ctx.signal);
    case 'values': {
      const artifact = await opened(source, ctx.signal);
      const tensor =
        artifact.tensors[request.tensor]?.name === request.name
          ? artifact.tensors[request.tensor]
          : artifact.tensors.find(({ name }) => name === request.name);
      if (tensor === undefined) throw new AppError('FORMAT_MISSING_TENSOR', { tensor: request.name.slice(0, 200) });
      const beside = request.beside === undefined ? null : await open(request.beside);
      return tensorValues(source, artifact, tensor, beside, ctx);
    }
    case 'document':
      return readDocument(source, ctx.signal);
    case 'vocabulary':
      return readVocabulary(source, request.query, ctx.signal);
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
