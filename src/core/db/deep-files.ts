/** Where the weight signals of a catalogue lie: a folder of the Kit, or its `deep-signals.zip`, whole or behind ranges. */
import type { ByteSource } from '../bytes/source.ts';
import { AppError } from '../errors.ts';
import { findEntry, openZip, type ZipArchive } from '../formats/zip/archive.ts';
import { readEntry } from '../formats/zip/read.ts';
import type { Candidate, DeepSignals } from '../signals/mpk/candidate.ts';
import { readDeepSignals } from '../signals/mpk/deep-signals.ts';
import type { DatabaseFiles } from './lookup.ts';

/** One Parquet file: the largest of the published ones are below 20 MB. */
const DEEP_MAX = 256 * 1024 * 1024;
/** Folder of the Kit in which its zip is unpacked. */
const UNPACKED = 'features/deep-signals/';

/** From a folder of the Kit. Null for a model whose file is not there. */
export function deepFromFolder(files: DatabaseFiles, signal?: AbortSignal): DeepSignals {
  return async (candidate: Candidate) => {
    const path = candidate.deep?.path;
    if (path === undefined || path.split('/').includes('..') || path.startsWith('/')) return null;
    const bytes = await files.get(path, DEEP_MAX, signal);
    return bytes === null ? null : readDeepSignals(bytes, candidate);
  };
}

/** From the zip: only the directory and the entries that are asked for are read. */
export async function deepFromZip(source: ByteSource, signal?: AbortSignal): Promise<DeepSignals> {
  const archive: ZipArchive = await openZip(source, signal);
  return async (candidate: Candidate) => {
    const path = candidate.deep?.path;
    if (path === undefined) return null;
    const entry =
      findEntry(archive, path.startsWith(UNPACKED) ? path.slice(UNPACKED.length) : path) ?? findEntry(archive, path);
    if (entry === undefined) return null;
    if (entry.size > DEEP_MAX) throw new AppError('SOURCE_TOO_LARGE', { path, size: entry.size, most: DEEP_MAX });
    return readDeepSignals(await readEntry(source, entry, signal, DEEP_MAX), candidate);
  };
}
