/**
 * What Hugging Face's client leaves on disk. Sources: huggingface_hub, "Understand caching" and `_local_folder.py`.
 *
 * - The cache: `models--org--name/blobs/<etag>`, where the etag is the SHA-256 of a file in LFS and the git blob id of any
 *   other; `snapshots/<commit>/<path>` are links to blobs.
 * - A download into a folder: `.cache/huggingface/download/<path>.metadata`, three lines: commit, etag, time.
 */
import { AppError } from '../errors.ts';
import { LAYOUT_RECORD_MAX, LAYOUT_RECORDS_MAX } from '../limits.ts';
import type { Claim, DigestStatement } from './claim.ts';
import type { Folder } from './folder.ts';
import { baseName } from './listed-path.ts';

const BLOB = /(?:^|\/)blobs\/([0-9a-f]{64}|[0-9a-f]{40})$/;
const RECORD = /^(.*?)(?:\.cache\/huggingface|\.huggingface)\/download\/(.+)\.metadata$/;
const CACHE_FOLDER = /(?:^|\/)models--((?:(?!--)[^/])+)(?:--([^/]+))?\/(?:snapshots\/([0-9a-f]{40})\/|blobs\/)/;

/** A file of the cache that is named after its own content. */
export function hfBlobs(folder: Folder): Claim | null {
  const statements: DigestStatement[] = [];
  for (const { path } of folder.files) {
    const etag = BLOB.exec(path)?.[1];
    if (etag !== undefined) statements.push({ path, ...digestOfEtag(etag), scope: 'file' });
  }
  if (statements.length === 0) return null;
  const source = {
    kind: 'layout',
    name: 'the Hugging Face cache',
    independent: false,
  };
  return { source, statements, exhaustive: false, skipped: [] };
}

/** The records of a download into a folder. Records that cannot be read are counted as skipped. */
export async function hfDownloadRecords(folder: Folder): Promise<Claim | null> {
  const statements: DigestStatement[] = [];
  const skipped: { line: number; text: string }[] = [];
  let looked = 0;
  for (const { path, size } of folder.files) {
    const [, parent = '', file = ''] = RECORD.exec(path) ?? [];
    if (file === '' || size > LAYOUT_RECORD_MAX || (looked += 1) > LAYOUT_RECORDS_MAX) continue;
    const [commit = '', etag = ''] = await recordLines(folder, path);
    if (!/^[0-9a-f]{40}$/.test(commit) || !/^(?:[0-9a-f]{64}|[0-9a-f]{40})$/.test(etag)) {
      skipped.push({ line: 1, text: path.slice(0, 200) });
      continue;
    }
    statements.push({
      path: parent + file,
      ...digestOfEtag(etag),
      scope: 'file',
      label: `commit ${commit.slice(0, 7)}`,
    });
  }
  if (statements.length === 0) return null;
  const source = { kind: 'layout', name: 'the download record of Hugging Face’s client', independent: false };
  return { source, statements, exhaustive: false, skipped };
}

/** The lines of a record; none when it cannot be read, which counts it as not understood. */
async function recordLines(folder: Folder, path: string): Promise<readonly string[]> {
  try {
    const text = new TextDecoder().decode(await folder.read(path, LAYOUT_RECORD_MAX));
    return text.split('\n', 3).map((line) => line.trim());
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'SOURCE_ABORTED') throw error;
    return [];
  }
}

/** True for files of these layouts that are statements and not content. */
export function isHfRecord(path: string): boolean {
  return RECORD.test(path) || /(?:^|\/)models--[^/]+\/refs\/[^/]+$/.test(path) || baseName(path) === 'CACHEDIR.TAG';
}

/** The repository and commit that the folders of a cache say their content is; null when they say nothing, or two things. */
export function hfStatedOrigin(paths: readonly string[]): { readonly repo: string; readonly commit: string } | null {
  const found = new Set<string>();
  for (const path of paths) {
    const [, org, name, commit] = CACHE_FOLDER.exec(path) ?? [];
    if (org !== undefined && commit !== undefined)
      found.add(`${name === undefined ? org : `${org}/${name}`}\n${commit}`);
  }
  const [only] = found;
  if (only === undefined || found.size > 1) return null;
  const [repo = '', commit = ''] = only.split('\n');
  return { repo, commit };
}

function digestOfEtag(etag: string): Pick<DigestStatement, 'algorithm' | 'digest'> {
  return { algorithm: etag.length === 64 ? 'sha256' : 'git-blob-sha1', digest: etag };
}
