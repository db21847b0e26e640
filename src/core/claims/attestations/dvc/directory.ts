/** DVC's digest of a folder: the MD5 of a list of its files, written exactly as Python's `json.dumps` writes it. */
import { compareCodePoints } from '../code-points.ts';
import { field, isObject, strictJson, textField } from '../json.ts';
import { asciiJson } from '../python-json.ts';

export interface ListedFile {
  readonly md5: string;
  readonly relpath: string;
}

/** Sorted by code points of the path, ASCII only, `, ` and `: ` between (treeverse/dvc-data, hashfile/tree.py). */
export function listingText(files: readonly ListedFile[]): string {
  const sorted = [...files].sort((a, b) => compareCodePoints(a.relpath, b.relpath));
  return `[${sorted.map(({ md5, relpath }) => `{"md5": "${md5}", "relpath": ${asciiJson(relpath)}}`).join(', ')}]`;
}

/** The files a `.dir` object lists; null when it is none. */
export function readListing(bytes: Uint8Array): readonly ListedFile[] | null {
  let value: unknown;
  try {
    value = strictJson(bytes);
  } catch {
    return null;
  }
  if (!Array.isArray(value)) return null;
  const files: ListedFile[] = [];
  for (const entry of value as readonly unknown[]) {
    const md5 = textField(entry, 'md5');
    const relpath = textField(entry, 'relpath');
    if (!isObject(entry) || md5 === undefined || relpath === undefined || field(entry, 'md5') === '') return null;
    files.push({ md5, relpath });
  }
  return files;
}
