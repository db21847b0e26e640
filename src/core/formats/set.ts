import type { Finding } from '../content/finding.ts';
import { AppError, type ErrorData } from '../errors.ts';
import type { OpenArtifact } from './format.ts';
import { judgeDataFiles } from './set/data-files.ts';
import { judgeGgufParts } from './set/gguf-parts.ts';
import { judgeIndex } from './set/safetensors-index.ts';
import { judgeNumberedShards } from './set/numbered-shards.ts';
import { isPytorchIndex } from './set/paths.ts';

/** One weight file of a model. */
export interface SetMember {
  /** Path in the model, `/`-separated. */
  readonly path: string;
  /** Absent when it could not be opened or was not looked into: it is there, but its tensors are unknown. */
  readonly opened?: OpenArtifact;
}

/** A file that describes others: an index. */
export interface SideFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Files that belong together, as their index or their numbering says. */
export interface ModelSet {
  readonly kind:
    | 'safetensors-sharded'
    | 'pytorch-sharded'
    | 'gguf-split'
    | 'onnx-external'
    | 'tensorflow-checkpoint'
    | 'tensorflow-savedmodel';
  /** Path of the index, or of the file that describes the others; absent for sets known by numbering. */
  readonly index?: string;
  /** Files of the set that are there, sorted. */
  readonly files: readonly string[];
  /** `metadata` of the index: values that are text or numbers. */
  readonly metadata: Readonly<Record<string, string | number>>;
}

export interface SetJudgement {
  readonly sets: readonly ModelSet[];
  /** What keeps a set from being loaded, each with the file it was found in. */
  readonly errors: readonly { readonly path: string; readonly error: ErrorData }[];
  /** With `path`. */
  readonly findings: readonly Finding[];
}

/** Where judges put what they find. */
export interface SetNotes {
  error(path: string, error: AppError): void;
  finding(path: string, finding: Omit<Finding, 'path'>): void;
  set(set: ModelSet): void;
}

/** Errors and findings kept: an index can name a million missing files. */
const NOTES_MAX = 1000;

/**
 * Holds the files of one model against each other: shards against their index, numbered parts against their numbers.
 * Index and weights are judged separately, so that a stale index over complete weights is told from weights with a part
 * missing. Pure: looks at what was opened before, reads nothing.
 *
 * Errors: FORMAT_JSON and kin (the index cannot be read), FORMAT_JSON_SHAPE, FORMAT_PATH (a shard outside the folder),
 * FORMAT_MISSING_FILE {file, index?}, FORMAT_MISSING_TENSOR {tensor, file}, and of data files FORMAT_BOUNDS and
 * FORMAT_SIZE_MISMATCH. Findings: `duplicate-tensor`, `unlisted-tensor`, `size-mismatch`, `stale-index`,
 * `inconsistent-metadata`.
 *
 * @param sizes bytes of every artifact of the model by path, members and others
 */
export function judgeSets(
  members: readonly SetMember[],
  sideFiles: readonly SideFile[],
  sizes: ReadonlyMap<string, number>,
): SetJudgement {
  const sets: ModelSet[] = [];
  const errors: { path: string; error: ErrorData }[] = [];
  const findings: Finding[] = [];
  const notes: SetNotes = {
    error: (path, error) => errors.length < NOTES_MAX && errors.push({ path, error: error.toData() }),
    finding: (path, finding) => findings.length < NOTES_MAX && findings.push({ ...finding, path }),
    set: (set) => sets.push(set),
  };
  const indexed = new Set<string>();
  for (const side of sideFiles) {
    if (!isWeightIndex(side.path)) continue;
    for (const path of judgeIndex(side, members, notes)) indexed.add(path);
  }
  judgeNumberedShards(members, indexed, notes);
  judgeGgufParts(members, notes);
  judgeDataFiles(members, sizes, notes);
  return { sets, errors, findings };
}

/** An index of either kind. */
export function isWeightIndex(path: string): boolean {
  return isSafetensorsIndex(path) || isPytorchIndex(path);
}

/** `model.safetensors.index.json`, and diffusers' variants: `….safetensors.index.fp16.json`. */
export function isSafetensorsIndex(path: string): boolean {
  return /\.safetensors\.index\.(?:[^./]{1,40}\.)?json$/i.test(path);
}
