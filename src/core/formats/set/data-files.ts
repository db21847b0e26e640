import { AppError, type ErrorData } from '../../errors.ts';
import { externalProblems } from '../external.ts';
import type { NotAModel, NotAModelKind } from '../not-a-model.ts';
import type { ModelSet, SetMember, SetNotes } from '../set.ts';
import { folderOf } from './paths.ts';

/** Beside `saved_model.pb`, what belongs to a SavedModel (tensorflow.org, “The SavedModel format on disk”). */
const SAVED_MODEL_PARTS = /^(?:fingerprint\.pb|keras_metadata\.pb|variables\/[^/]+|assets(?:\.extra)?\/.+)$/;

/** What plain numbers may look like at their edges: said of a file that nobody describes, not of one that is described. */
const LOOKS_OF_NUMBERS: ReadonlySet<NotAModelKind> = new Set([
  'all-zero',
  'base64',
  'seven-bit',
  'text',
  'truncated',
  'utf16',
]);

/**
 * Whether a file has no form of its own, so that being another file's data is all there is to say about it. Archives,
 * pickles, pointers and programs stay what they are.
 */
export function isPlainData(file: { readonly formatError?: ErrorData; readonly notAModel?: NotAModel }): boolean {
  const { formatError, notAModel } = file;
  if (notAModel !== undefined) return LOOKS_OF_NUMBERS.has(notAModel.kind);
  return (
    formatError === undefined || formatError.code === 'FORMAT_UNKNOWN' || formatError.detail['byName'] !== undefined
  );
}

/**
 * Models that keep numbers in files beside the one that describes them: ONNX external data, TensorFlow checkpoints and
 * SavedModel folders. A data file that is missing, or ends before its tensors do, is an error of the describing file.
 *
 * @param sizes bytes of every artifact of the model, by path
 */
export function judgeDataFiles(
  members: readonly SetMember[],
  sizes: ReadonlyMap<string, number>,
  notes: SetNotes,
): void {
  const bundles = new Set<string>();
  for (const { path, opened } of members) {
    if (opened === undefined) continue;
    for (const { code, detail } of externalProblems(opened.tensors, (other) => sizes.get(other) ?? null)) {
      notes.error(path, new AppError(code, { ...detail, source: path }));
    }
    const named = new Set<string>();
    for (const { storage } of opened.tensors) if (storage.kind === 'external') named.add(storage.path);
    const here = [...named].filter((other) => sizes.has(other));
    if (opened.format === 'onnx' && here.length > 0) add(notes, 'onnx-external', path, here);
    if (opened.format !== 'tensorflow-checkpoint') continue;
    const root = savedModelRoot(path, sizes);
    if (root !== null) bundles.add(root);
    else add(notes, 'tensorflow-checkpoint', path, [...here, ...stateFile(path, sizes)]);
  }
  for (const root of savedModels(members, bundles)) {
    const inside = [...sizes.keys()].filter(
      (path) => path.startsWith(root) && SAVED_MODEL_PARTS.test(path.slice(root.length)),
    );
    add(notes, 'tensorflow-savedmodel', `${root}saved_model.pb`, inside);
  }
}

/** Folders with a `saved_model.pb` that was read and something beside it. */
function savedModels(members: readonly SetMember[], bundles: ReadonlySet<string>): readonly string[] {
  return members
    .filter(({ path, opened }) => opened?.format === 'tensorflow-savedmodel' && /(?:^|\/)saved_model\.pb$/.test(path))
    .map(({ path }) => folderOf(path))
    .filter((root) => bundles.has(root));
}

/** The folder of the SavedModel whose variables this index is of; null: a checkpoint of its own. */
function savedModelRoot(index: string, sizes: ReadonlyMap<string, number>): string | null {
  const root = /^(.*\/|)variables\/variables\.index$/.exec(index)?.[1];
  return root !== undefined && sizes.has(`${root}saved_model.pb`) ? root : null;
}

/** `checkpoint`: text that names the newest checkpoint of the folder. */
function stateFile(index: string, sizes: ReadonlyMap<string, number>): readonly string[] {
  const path = `${folderOf(index)}checkpoint`;
  return sizes.has(path) ? [path] : [];
}

function add(notes: SetNotes, kind: ModelSet['kind'], index: string, others: readonly string[]): void {
  notes.set({ kind, index, files: [...new Set([index, ...others])].sort(), metadata: {} });
}
