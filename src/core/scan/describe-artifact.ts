import { MemorySource } from '../bytes/memory.ts';
import type { ByteSource } from '../bytes/source.ts';
import { AppError } from '../errors.ts';
import { describeFile, type FileDescription } from '../formats/describe.ts';
import type { OpenArtifact } from '../formats/format.ts';
import { detectNotAModel, type NotAModel } from '../formats/not-a-model.ts';
import { inspectSideFile, isSideFile } from '../formats/side-files.ts';
import { SIDE_FILE_MAX } from '../limits.ts';
import type { PlannedArtifact } from './model.ts';

/** What a file of a model is: a container, or a configuration, tokenizer, template or script beside it. */
export interface ArtifactDescription extends FileDescription {
  /** Facts about a side file. */
  readonly facts?: OpenArtifact['facts'];
  /** A side file as it was read, whole: its digests are of these very bytes, and nothing is read twice. */
  readonly held?: Uint8Array;
}

/** Magic numbers of side files are in their first bytes. */
const HEAD = 16;
/** The first byte of the one side file that is known by more than its name. */
const SENTENCEPIECE = Uint8Array.of(0x0a);
/** First and last bytes by which other kinds of file are known. */
const EDGE = 4096;

/**
 * Weights are opened as containers; everything else but statements is looked into as a side file where its name or first
 * bytes say that it is one.
 *
 * @param describeWith how containers are opened; tests give their own
 * @throws AppError SOURCE_*; FORMAT_* never, those are part of the answer
 */
export async function describeArtifact(
  source: ByteSource,
  { role, unfinished }: Pick<PlannedArtifact, 'role' | 'unfinished'>,
  signal?: AbortSignal,
  describeWith: typeof describeFile = describeFile,
): Promise<ArtifactDescription> {
  if (unfinished !== undefined) {
    return {
      notAModel: { kind: 'partial-download', detail: { marker: unfinished, bytes: source.size } },
      findings: [],
    };
  }
  if (role === 'weights') return describeWith(source, signal);
  return role === 'claim' || source.size === 0 ? { findings: [] } : besideWeights(source, signal);
}

/** Whether a file beside the weights is read whole at every depth, as far as its name tells. */
export function isReadWhole(path: string, size: number): boolean {
  return size <= SIDE_FILE_MAX && isSideFile(path, SENTENCEPIECE);
}

async function besideWeights(file: ByteSource, signal: AbortSignal | undefined): Promise<ArtifactDescription> {
  const { name, size } = file;
  const head = await file.read(0, Math.min(HEAD, size), signal);
  if (!isSideFile(name, head)) return { findings: [] };
  try {
    if (size > SIDE_FILE_MAX) throw new AppError('FORMAT_TOO_LARGE', { what: name, size, limit: SIDE_FILE_MAX });
    const bytes = await file.read(0, size, signal);
    const side = await inspectSideFile(new MemorySource(name, bytes), head, signal);
    return { findings: side?.findings ?? [], facts: side?.facts ?? {}, held: bytes };
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith('FORMAT_')) throw error;
    const instead = await notThatFile(file, signal);
    return { ...(instead === null ? { formatError: error.toData() } : { notAModel: instead }), findings: [] };
  }
}

/** What lies there in place of a side file: a pointer, a web page, an archive. Broken text stays an error of its own. */
async function notThatFile(file: ByteSource, signal: AbortSignal | undefined): Promise<NotAModel | null> {
  const { name, size } = file;
  const head = await file.read(0, Math.min(EDGE, size), signal);
  const tail = await file.read(Math.max(0, size - EDGE), size, signal);
  const found = detectNotAModel(head, { name, size, tail });
  return found === null || found.kind === 'json' || found.kind === 'text' ? null : found;
}
