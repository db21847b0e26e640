/** Every kind of statement that is looked for among the files of a model. A kind is one file and one line here. */
import { AppError, toErrorData } from '../errors.ts';
import { CLAIM_FILE_MAX } from '../limits.ts';
import type { Claim } from './claim.ts';
import type { Folder, FolderFile } from './folder.ts';
import { isGgufHash, parseGgufHash, parseGgufHashFile } from './gguf-hash.ts';
import { parseDigestText } from './hex.ts';
import { hfBlobs, hfDownloadRecords, isHfRecord } from './layout-hf.ts';
import { lfsObjects } from './layout-lfs.ts';
import { isOllamaManifest, ollamaBlobs, ollamaManifests } from './layout-ollama.ts';
import { claimText } from './lines.ts';
import { baseName } from './listed-path.ts';
import { isSumsName, parseSums, parseSumsFile } from './sums.ts';

export interface ClaimKind {
  readonly id: string;
  readonly title: string;
  /** True for files that are statements of this kind and not part of the model itself. */
  isStatement(path: string): boolean;
  /**
   * Statements of this kind among the files. What is there and cannot be used comes back as a claim that says why.
   * @throws AppError SOURCE_* when a file cannot be read
   */
  find(folder: Folder): Promise<readonly Claim[]>;
}

const one = (claim: Claim | null): readonly Claim[] => (claim === null ? [] : [claim]);
const nothing = (): boolean => false;

export const CLAIM_KINDS: readonly ClaimKind[] = [
  {
    id: 'sums',
    title: 'checksum lists (SHA256SUMS and kin)',
    isStatement: isSumsName,
    find: (folder) => lists(folder, isSumsName, (text, path) => (isGgufHash(text) ? null : parseSumsFile(text, path))),
  },
  {
    id: 'gguf-hash',
    title: 'manifests of llama.cpp’s gguf-hash',
    isStatement: (path) => path.endsWith('.manifest'),
    find: (folder) =>
      lists(
        folder,
        (path) => path.endsWith('.manifest') || isSumsName(path),
        (text, path) => (isGgufHash(text) ? parseGgufHashFile(text, path) : null),
      ),
  },
  {
    id: 'hf-cache',
    title: 'Hugging Face’s cache',
    isStatement: nothing,
    find: async (folder) => one(hfBlobs(folder)),
  },
  {
    id: 'hf-download',
    title: 'download records of Hugging Face’s client',
    isStatement: isHfRecord,
    find: async (folder) => one(await hfDownloadRecords(folder)),
  },
  {
    id: 'ollama-manifest',
    title: 'Ollama’s manifests',
    isStatement: isOllamaManifest,
    find: ollamaManifests,
  },
  {
    id: 'ollama-blobs',
    title: 'Ollama’s store',
    isStatement: nothing,
    find: async (folder) => one(ollamaBlobs(folder)),
  },
  {
    id: 'lfs-objects',
    title: 'Git LFS’s object store',
    isStatement: nothing,
    find: async (folder) => one(lfsObjects(folder)),
  },
];

/** True when a file is somebody's statement about others: it is read as a claim and not counted as part of the model. */
export function isClaimFile(path: string): boolean {
  return CLAIM_KINDS.some((kind) => kind.isStatement(path));
}

/** All statements among the files, in the order of the registry. @throws AppError SOURCE_* */
export async function findClaims(folder: Folder): Promise<readonly Claim[]> {
  const found: Claim[] = [];
  for (const kind of CLAIM_KINDS) found.push(...(await kind.find(folder)));
  return found;
}

/**
 * What a person gave to compare with, as text: a digest, several, or a whole list.
 *
 * @param name what it is called in sentences: `the digest you pasted`, `SHA256SUMS`
 * @throws AppError CLAIM_DIGEST {text}: one line that is no digest; CLAIM_EMPTY, CLAIM_ALGORITHM, CLAIM_TOO_LARGE
 */
export function parseAgainstText(text: string, name: string): Claim {
  const digest = parseDigestText(text, name);
  if (digest !== null) return digest;
  const context = (kind: string) => ({ name: baseName(name), source: { kind, name, independent: true } });
  try {
    return isGgufHash(text) ? parseGgufHash(text, context('gguf-hash')) : parseSums(text, context('sums'));
  } catch (error) {
    const short = text.trim();
    if (!(error instanceof AppError) || error.code !== 'CLAIM_EMPTY' || short.includes('\n')) throw error;
    throw new AppError('CLAIM_DIGEST', { text: short.slice(0, 140), name }, error);
  }
}

async function lists(
  folder: Folder,
  named: (path: string) => boolean,
  parse: (text: string, path: string) => Claim | null,
): Promise<readonly Claim[]> {
  const found: Claim[] = [];
  for (const file of folder.files) {
    if (!named(file.path)) continue;
    try {
      const claim = parse(await readText(folder, file), file.path);
      if (claim !== null) found.push(claim);
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'SOURCE_ABORTED') throw error;
      found.push(unusable(file.path, error));
    }
  }
  return found;
}

async function readText(folder: Folder, { path, size }: FolderFile): Promise<string> {
  if (size > CLAIM_FILE_MAX) throw new AppError('CLAIM_TOO_LARGE', { path, size });
  return claimText(await folder.read(path, CLAIM_FILE_MAX), path);
}

/** A list that is there and cannot be used: shown as such, never left out. */
function unusable(path: string, error: AppError): Claim {
  return {
    source: { kind: 'sums', name: baseName(path), independent: false },
    statements: [],
    exhaustive: false,
    skipped: [],
    refused: [{ line: 1, error: toErrorData(error) }],
    path,
  };
}
