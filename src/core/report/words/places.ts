/** Places where files are published, as the database spells them, in words. */
import { clean } from './detail.ts';

/** `hf:org/name` → `org/name on Hugging Face`; addresses stay as they are. */
export function repoName(repo: string): string {
  const shown = clean(repo, 160);
  if (shown.startsWith('hf:')) return `${shown.slice(3)} on Hugging Face`;
  if (shown.startsWith('ms:')) return `${shown.slice(3)} on ModelScope`;
  if (shown.startsWith('ollama:')) return `${shown.slice(7)} in Ollama’s library`;
  return shown.replace(/^https:\/\//, '');
}

/** ` at a1b2c3d`, ` (v1.0)`; empty when the place names a moving label or nothing. */
export function revisionWords(revision: string | undefined): string {
  if (revision === undefined || revision === '') return '';
  return /^[0-9a-f]{40}$/.test(revision) ? ` at ${revision.slice(0, 7)}` : ` (${clean(revision, 80)})`;
}
