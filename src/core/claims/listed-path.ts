/** Paths as checksum lists spell them, made comparable with the paths of artifacts. Nothing is ever opened by them. */
import { AppError } from '../errors.ts';
import { PATH_MAX } from '../limits.ts';

/**
 * `./a/b`, `a\b` and `/home/me/b` as they stand in lists, `/`-separated and without `.`; an absolute path or a drive
 * keeps its segments, so that only its file name can match something here.
 *
 * @param folder of the list itself, with a trailing `/`, or empty
 * @throws AppError CLAIM_PATH {path}: empty, too long, with a NUL, or climbing with `..`
 */
export function listedPath(path: string, folder = ''): string {
  const refuse = (): never => {
    throw new AppError('CLAIM_PATH', { path: path.slice(0, 200) });
  };
  if (path.length > PATH_MAX || path.includes('\0')) refuse();
  const absolute = path.startsWith('/') || /^[A-Za-z]:\//.test(path);
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.length === 0 || segments.includes('..')) refuse();
  return (absolute ? '' : folder) + segments.join('/');
}

/** The folder a path lies in, with a trailing `/`; empty at the top. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
