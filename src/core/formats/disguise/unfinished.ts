/** Endings that downloaders put on a file until it is whole. */
const ENDINGS: readonly string[] = [
  // huggingface_hub
  '.incomplete',
  // Firefox, curl wrappers
  '.part',
  '.partial',
  // Chromium
  '.crdownload',
  // Safari
  '.download',
  // Opera
  '.opdownload',
  // aria2's own notes
  '.aria2',
  // many others; also editors and converters that write beside and rename
  '.tmp',
  '.temp',
  '.filepart',
  '.!ut',
];

/** The ending that marks a file as not yet complete, with its dot; null when it has none. */
export function unfinishedName(path: string): string | null {
  const lower = path.toLowerCase();
  return ENDINGS.find((ending) => lower.endsWith(ending)) ?? null;
}

/**
 * Files that aria2 has not finished: it reserves the whole size under the final name at once and keeps its notes in a
 * second file beside, so neither name nor length shows that something is missing.
 *
 * @param paths all files of the folder @returns paths that have such a companion
 */
export function unfinishedByCompanion(paths: Iterable<string>): Set<string> {
  const all = new Set(paths);
  const unfinished = new Set<string>();
  for (const path of all) {
    const finished = path.endsWith('.aria2') ? path.slice(0, -'.aria2'.length) : '';
    if (all.has(finished)) unfinished.add(finished);
  }
  return unfinished;
}
