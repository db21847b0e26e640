import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isWeightIndex } from '../../../src/core/formats/set.ts';
import { numbered } from '../../../src/core/formats/set/paths.ts';

/** What is to be computed, found by looking at the folder and not at the expectations. */
export interface Cases {
  /** Files that must read well. */
  readonly good: readonly string[];
  /** Files that must be survived. */
  readonly hostile: readonly string[];
  /** Files that may belong together. */
  readonly sets: readonly SetCase[];
}

export interface SetCase {
  /** Weight files and indexes. */
  readonly paths: readonly string[];
  /** Everything in their folder and below, that they may name. */
  readonly beside: readonly string[];
}

export const HOSTILE_LIST = 'hostile/expected.json';
export const EXPECTED_FOLDER = 'expected';
/** Folders of a golden set that hold no cases. */
const NO_CASES: ReadonlySet<string> = new Set([EXPECTED_FOLDER, 'generator']);
const SET_FILES = /\.(?:safetensors|gguf|bin)$/i;
/** Files that describe tensors in others. */
const DESCRIBING = /(?:\.onnx|\.index|(?:^|\/)saved_model\.pb)$/i;

export function findCases(folder: string): Cases {
  const all = walk(folder, '').filter((path) => path !== HOSTILE_LIST);
  const inside = all.filter((path) => path.includes('/'));
  const hostile = inside.filter((path) => path.startsWith('hostile/'));
  const good = inside.filter((path) => !path.startsWith('hostile/'));
  return { good, hostile, sets: setCandidates(inside) };
}

/** Regular files below a folder, sorted, `/`-separated. Links are not followed. */
export function walk(folder: string, prefix: string): string[] {
  const paths: string[] = [];
  for (const item of readdirSync(join(folder, prefix), { withFileTypes: true })) {
    const path = prefix === '' ? item.name : `${prefix}/${item.name}`;
    if (item.isDirectory() && !(prefix === '' && NO_CASES.has(item.name))) paths.push(...walk(folder, path));
    else if (item.isFile()) paths.push(path);
  }
  return paths.sort();
}

function setCandidates(paths: readonly string[]): SetCase[] {
  const belongs = (path: string): boolean => isWeightIndex(path) || numbered(path) !== null;
  const shards = [...byFolder(paths.filter((path) => SET_FILES.test(path) || isWeightIndex(path))).values()]
    .filter((beside) => beside.some(belongs))
    .map((beside) => ({ paths: beside, beside }));
  const describing = paths.filter((path) => DESCRIBING.test(path));
  const models = [...byFolder(describing)].map(([folder, described]) => ({
    // A SavedModel keeps the index of its variables one folder below.
    paths: [...described, ...describing.filter((path) => path === `${folder}/variables/variables.index`)],
    beside: paths.filter((path) => path.startsWith(`${folder}/`)),
  }));
  return [...shards, ...models];
}

function byFolder(paths: readonly string[]): Map<string, string[]> {
  const folders = new Map<string, string[]>();
  for (const path of paths) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    const beside = folders.get(folder) ?? [];
    folders.set(folder, beside);
    beside.push(path);
  }
  return folders;
}
