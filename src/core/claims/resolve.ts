/** Which artifact a listed path speaks about. Lists are made elsewhere, so their paths may be longer or shorter. */
import { baseName } from './listed-path.ts';

export interface Resolved {
  /** Path of the artifact. */
  readonly path: string;
  /** False when the two are not spelled the same: reports say so. */
  readonly exact: boolean;
}

/**
 * Pairs listed paths with artifacts, each at most once, the surest way first: the same path; one path that ends in the
 * other; the same file name, where both sides have it once; the only one on both sides.
 *
 * @param loose allows the last two, for lists that people make of single files
 */
export function resolvePaths(
  listed: readonly string[],
  here: readonly string[],
  loose: boolean,
): ReadonlyMap<string, Resolved> {
  const found = new Map<string, Resolved>();
  const openListed = new Set(listed);
  const openHere = new Set(here);
  const pair = (stated: string, path: string): void => {
    found.set(stated, { path, exact: stated === path });
    openListed.delete(stated);
    openHere.delete(path);
  };
  for (const stated of listed) if (openHere.has(stated)) pair(stated, stated);
  // Paths that end in one another have the same file name, so only namesakes are compared.
  for (const [stated, paths] of pairsByName(openListed, openHere)) pairNested(stated, paths, pair);
  if (!loose) return found;
  for (const [stated, paths] of pairsByName(openListed, openHere)) {
    if (stated.length === 1 && paths.length === 1) pair(stated[0]!, paths[0]!);
  }
  if (listed.length === 1 && here.length === 1 && found.size === 0) pair(listed[0]!, here[0]!);
  return found;
}

/**
 * Pairs namesakes of which one path ends in the other, the longest listed path first, so that `unet/config.json` finds
 * its file before `config.json` could. A listed path with two equally long candidates stays unpaired.
 */
function pairNested(
  stated: readonly string[],
  paths: readonly string[],
  pair: (stated: string, path: string) => void,
): void {
  // Quadratic in namesakes only; config.json in every folder of a large repository stays in the hundreds.
  if (stated.length * paths.length > 1_000_000) return;
  const open = new Set(paths);
  for (const path of [...stated].sort((a, b) => b.length - a.length)) {
    const candidates = [...open].filter((p) => p.endsWith(`/${path}`) || path.endsWith(`/${p}`));
    const overlap = (p: string): number => Math.min(p.length, path.length);
    const longest = Math.max(...candidates.map(overlap), 0);
    const best = candidates.filter((p) => overlap(p) === longest);
    if (best.length !== 1) continue;
    open.delete(best[0]!);
    pair(path, best[0]!);
  }
}

function pairsByName(
  listed: ReadonlySet<string>,
  here: ReadonlySet<string>,
): (readonly [stated: readonly string[], paths: readonly string[]])[] {
  const names = new Map<string, [string[], string[]]>();
  const entry = (path: string): [string[], string[]] => {
    const name = baseName(path);
    const known = names.get(name);
    if (known !== undefined) return known;
    const made: [string[], string[]] = [[], []];
    names.set(name, made);
    return made;
  };
  for (const path of here) entry(path)[1].push(path);
  for (const stated of listed) if (names.has(baseName(stated))) entry(stated)[0].push(stated);
  return [...names.values()].filter(([stated]) => stated.length > 0);
}
