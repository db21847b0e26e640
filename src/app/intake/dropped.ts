/**
 * Files and folders from a drop. The items of a drop die when the handler first waits, so every entry is taken
 * synchronously (`takeEntries`) and walked afterwards (`readEntries`).
 */
import { AppError } from '../../core/errors.ts';
import { ARTIFACTS_MAX } from '../../core/limits.ts';
import type { PickedFile } from './picked.ts';

/** Folders that hold a tool's own bookkeeping, not the model. `.cache` is read: Hugging Face keeps claims there. */
const SKIPPED = new Set(['.git', 'node_modules', '__pycache__', '.venv']);
/** Nested folders followed; a model has two or three levels. */
const DEPTH_MAX = 32;

/** Call before anything is awaited in the drop handler. */
export function takeEntries(transfer: DataTransfer): FileSystemEntry[] {
  const entries: FileSystemEntry[] = [];
  for (const item of transfer.items) {
    const entry = item.kind === 'file' ? item.webkitGetAsEntry() : null;
    if (entry) entries.push(entry);
  }
  return entries;
}

/**
 * All files below the dropped entries, with their paths inside what was dropped.
 * @throws AppError SOURCE_UNREADABLE {path}, USAGE (too many files)
 */
export async function readEntries(entries: readonly FileSystemEntry[]): Promise<{ name: string; files: PickedFile[] }> {
  const files: PickedFile[] = [];
  const [only] = entries;
  // One folder is the model: paths start below it. Several things are a model together.
  const single = entries.length === 1 && only ? only : null;
  for (const entry of entries) {
    await walk(entry, single?.isDirectory ? '' : entry.name, 0, files);
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { name: single?.name ?? nameOf(files), files };
}

/** A name for files that came without a folder. */
export function nameOf(files: readonly PickedFile[]): string {
  const [first] = files;
  if (!first) return 'nothing';
  return files.length === 1 ? first.path : `${first.path} and ${files.length - 1} more`;
}

async function walk(entry: FileSystemEntry, path: string, depth: number, into: PickedFile[]): Promise<void> {
  if (isFile(entry)) {
    if (into.length >= ARTIFACTS_MAX) {
      throw new AppError('USAGE', {
        problem: `There are more than ${ARTIFACTS_MAX.toLocaleString('en-GB')} files.`,
        next: 'Drop the model’s own folder.',
      });
    }
    into.push({ path, file: await fileOf(entry, path) });
    return;
  }
  if (!isFolder(entry) || depth > DEPTH_MAX) return;
  for (const child of await childrenOf(entry, path)) {
    if (child.isDirectory && SKIPPED.has(child.name)) continue;
    await walk(child, path === '' ? child.name : `${path}/${child.name}`, depth + 1, into);
  }
}

/** `readEntries` returns a batch at a time (100 in Chromium) and an empty one at the end. */
async function childrenOf(folder: FileSystemDirectoryEntry, path: string): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, (cause) => reject(new AppError('SOURCE_UNREADABLE', { path }, cause)));
    });
    if (batch.length === 0) return all;
    all.push(...batch);
  }
}

async function fileOf(entry: FileSystemFileEntry, path: string): Promise<File> {
  return new Promise((resolve, reject) => {
    entry.file(resolve, (cause) => reject(new AppError('SOURCE_UNREADABLE', { path }, cause)));
  });
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
