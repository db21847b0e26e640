/** One file under two names: Hugging Face's cache holds `blobs/<etag>` and links to them in `snapshots/<commit>/`. */
import type { Claim } from '../claims/claim.ts';
import type { LocalFile } from './model.ts';

/** A file named after its own content: nobody knows it by that name. */
const BLOB = /(?:^|\/)blobs\/(?:[0-9a-f]{64}|[0-9a-f]{40})$/;

/** A file and the other names under which the very same bytes were given. */
export type NamedFile = Pick<LocalFile, 'path' | 'size' | 'spec'> & { readonly aliases?: readonly string[] };

/**
 * The files without blobs that another one is a link to: read once, under the name that means something. A blob that
 * several commits link to goes to the first of them.
 */
export function mergeBlobs(files: readonly LocalFile[]): readonly NamedFile[] {
  const paths = new Set(files.map(({ path }) => path));
  const holder = new Map<string, string>();
  for (const { path, linkTo } of files) {
    if (linkTo !== undefined && BLOB.test(linkTo) && paths.has(linkTo) && !holder.has(linkTo)) holder.set(linkTo, path);
  }
  if (holder.size === 0) return files;
  return files
    .filter(({ path }) => !holder.has(path))
    .map(({ path, size, spec, linkTo }) => {
      const own = linkTo !== undefined && holder.get(linkTo) === path;
      return { path, size, spec, ...(own ? { aliases: [linkTo] } : {}) };
    });
}

/** Every name with its bytes, for claims, which may speak of any of them. */
export function allNames<T extends NamedFile>(files: readonly T[]): readonly T[] {
  return files.flatMap((file) => [file, ...(file.aliases ?? []).map((path) => ({ ...file, path }))]);
}

/** Statements about another name are about the file that has it. */
export function underOwnNames(claims: readonly Claim[], files: readonly NamedFile[]): readonly Claim[] {
  const own = new Map(files.flatMap(({ path, aliases = [] }) => aliases.map((alias) => [alias, path] as const)));
  if (own.size === 0) return claims;
  return claims.map((claim) => ({
    ...claim,
    statements: claim.statements.map((statement) => {
      const path = statement.path === null ? undefined : own.get(statement.path);
      return path === undefined ? statement : { ...statement, path };
    }),
  }));
}
