import { AppError } from '../errors.ts';

/**
 * A path that one file of a model gives for another, relative to the folder of the first, or why it is refused.
 * Only names below that folder are allowed, in every reading a loader might make of them: `/` and `\` separators,
 * drive letters, URLs, percent-encoding, a NUL that ends a C string early.
 *
 * @returns segments joined by `/`, without `.`
 * @throws AppError FORMAT_PATH; FORMAT_MISSING_FIELD when empty
 */
export function safeRelativePath(path: string, detail: Readonly<Record<string, string>> = {}): string {
  if (path === '') throw new AppError('FORMAT_MISSING_FIELD', { ...detail, field: 'location' });
  const why = escapes(path);
  if (why !== null) throw new AppError('FORMAT_PATH', { ...detail, path: path.slice(0, 200), why });
  return path
    .split('/')
    .filter((segment) => segment !== '.')
    .join('/');
}

/** Why a relative path leaves its folder or may be read as something else than a file below it; null when it does not. */
export function escapes(path: string): string | null {
  const plain = escapesAsWritten(path);
  if (plain !== null || !path.includes('%')) return plain;
  let decoded = path;
  // A loader that goes through URLs decodes once, a careless chain twice.
  for (let i = 0; i < 2; i += 1) {
    decoded = decoded.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    const why = escapesAsWritten(decoded);
    if (why !== null) return why;
  }
  return null;
}

function escapesAsWritten(path: string): string | null {
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'control character';
  if (path.includes('\\')) return 'backslash';
  if (path.startsWith('/')) return 'absolute';
  if (/^[a-z][a-z0-9+.-]*:/i.test(path)) return /^[a-z]:/i.test(path) ? 'drive letter' : 'address';
  if (path.startsWith('~')) return 'home folder';
  const segments = path.split('/').filter((segment) => segment !== '.');
  if (segments.length === 0) return 'folder';
  if (segments.some((segment) => segment === '..')) return 'parent folder';
  if (segments.some((segment) => segment === '')) return 'empty part';
  return null;
}

/** `path` beside the artifact `name`: both `/`-separated, in the model's own paths. */
export function besideArtifact(name: string, path: string): string {
  const cut = name.lastIndexOf('/');
  return cut < 0 ? path : `${name.slice(0, cut + 1)}${path}`;
}
