/** Git LFS: its object store names files by SHA-256, and a pointer states the digest of the file it stands for. */
import type { Claim, DigestStatement } from './claim.ts';
import type { Folder } from './folder.ts';
import { baseName } from './listed-path.ts';

/** `.git/lfs/objects/aa/bb/<oid>` (git-lfs, docs/spec.md). */
const OBJECT = /(?:^|\/)objects\/([0-9a-f]{2})\/([0-9a-f]{2})\/([0-9a-f]{64})$/;
const POINTER = /^version https:\/\/(?:git-lfs\.github\.com\/spec|hawser\.github\.com\/spec)\/v1\n/;

export interface LfsPointer {
  /** SHA-256, lower-case hex. */
  readonly oid: string;
  /** Bytes of the file the pointer stands for. */
  readonly size: number;
}

/** Reads a pointer (at most 1,024 bytes by the specification), or null when the bytes are none. */
export function parseLfsPointer(bytes: Uint8Array): LfsPointer | null {
  if (bytes.length > 1024) return null;
  const text = new TextDecoder().decode(bytes);
  if (!POINTER.test(text)) return null;
  const oid = /^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1];
  const size = Number(/^size (\d{1,16})$/m.exec(text)?.[1]);
  return oid === undefined || !Number.isSafeInteger(size) ? null : { oid, size };
}

export function lfsObjects(folder: Folder): Claim | null {
  const statements: DigestStatement[] = [];
  for (const { path } of folder.files) {
    const [, a, b, oid] = OBJECT.exec(path) ?? [];
    if (oid?.startsWith(`${a}${b}`)) statements.push({ path, algorithm: 'sha256', digest: oid, scope: 'file' });
  }
  if (statements.length === 0) return null;
  const source = { kind: 'layout', name: 'Git LFS’s object store', independent: false };
  return { source, statements, exhaustive: false, skipped: [] };
}

/**
 * Pointers that lie among the artifacts in place of files. One that shares its file name with exactly one other artifact
 * speaks about that one (weights fetched into another folder); else about whatever artifact has the stated bytes.
 *
 * @param pointers artifacts that are pointers
 * @param others paths of all other artifacts
 */
export function claimOfPointers(
  pointers: readonly (LfsPointer & { readonly path: string })[],
  others: readonly string[],
): Claim | null {
  if (pointers.length === 0) return null;
  const statements = pointers.map(({ path, oid, size }): DigestStatement => {
    const namesakes = others.filter((other) => baseName(other) === baseName(path));
    const about = namesakes.length === 1 ? namesakes[0]! : null;
    const label = `the file that ${path} stands for`;
    return { path: about, algorithm: 'sha256', digest: oid, size, scope: 'file', label };
  });
  const source = { kind: 'layout', name: 'a Git LFS pointer', independent: false };
  return { source, statements, exhaustive: false, skipped: [] };
}
