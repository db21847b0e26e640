/** DVC's digest of a folder: the MD5 of a list of its files, written exactly as Python's `json.dumps` writes it. */
import { field, isObject, strictJson, textField } from '../json.ts';

export interface ListedFile {
  readonly md5: string;
  readonly relpath: string;
}

/** Sorted by code points of the path, ASCII only, `, ` and `: ` between (treeverse/dvc-data, hashfile/tree.py). */
export function listingText(files: readonly ListedFile[]): string {
  const sorted = [...files].sort((a, b) => compareCodePoints(a.relpath, b.relpath));
  return `[${sorted.map(({ md5, relpath }) => `{"md5": "${md5}", "relpath": ${asciiJson(relpath)}}`).join(', ')}]`;
}

/** JSON of a string with everything outside ASCII escaped, surrogate by surrogate. */
function asciiJson(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** JavaScript sorts by UTF-16 units, which puts emoji before U+FF5E; Python sorts by code points. */
function compareCodePoints(a: string, b: string): number {
  const left = Array.from(a);
  const right = Array.from(b);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (order !== 0) return order;
  }
  return left.length - right.length;
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
