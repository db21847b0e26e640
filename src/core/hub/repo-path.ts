import { PATH_MAX } from '../limits.ts';

/**
 * Why a text may not be a file's path inside a repository, or null when it may: relative, `/`-separated, without empty,
 * `.` and `..` parts, without control characters and backslashes (a separator on Windows).
 */
export function pathFault(path: string): string | null {
  if (path === '' || path.length > PATH_MAX) return 'length';
  if (path.startsWith('/')) return 'absolute';
  if (hasControl(path) || path.includes('\\')) return 'characters';
  const parts = path.split('/');
  if (parts.includes('..') || parts.includes('.')) return 'traversal';
  if (parts.includes('')) return 'empty-part';
  return null;
}

/**
 * Why a text may not be a branch, tag or commit, or null when it may: the rules of git-check-ref-format(1) that matter
 * for putting it into an address.
 */
export function revisionFault(revision: string): string | null {
  if (revision === '' || revision.length > 255) return 'length';
  if (hasControl(revision) || /[\s~^:?*[\\]/.test(revision)) return 'characters';
  if (revision.includes('..') || revision.includes('@{') || revision.includes('//')) return 'traversal';
  if (/^[-/.]|[/.]$|[.]lock$|\/[.]/.test(revision)) return 'form';
  return null;
}

/**
 * Why a text may not be a repository, or null when it may: `name` or `org/name`, by the rules of huggingface_hub
 * (`validate_repo_id`).
 */
export function repoFault(repo: string): string | null {
  const parts = repo.split('/');
  if (parts.length > 2) return 'parts';
  if (repo.includes('--') || repo.includes('..')) return 'characters';
  if (repo.endsWith('.git')) return 'git';
  return parts.every((part) => /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?$/.test(part)) ? null : 'characters';
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}
