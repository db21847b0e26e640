/** Where the weight signals of a catalogue lie: a folder of the Kit, or its `deep-signals.zip`, whole or behind ranges. */
import type { ByteSource } from '../bytes/source.ts';
import { AppError } from '../errors.ts';
import { readDirectory } from '../formats/zip/directory.ts';
import { readEnd } from '../formats/zip/end.ts';
import { isDirectory } from '../formats/zip/entry.ts';
import { locateEntries } from '../formats/zip/local.ts';
import { readEntry } from '../formats/zip/read.ts';
import type { Candidate, DeepSignals } from '../signals/mpk/candidate.ts';
import { readDeepSignals } from '../signals/mpk/deep-signals.ts';
import type { DatabaseFiles } from './lookup.ts';

/** One Parquet file: the largest of the published ones are below 20 MB. */
export const DEEP_MAX = 256 * 1024 * 1024;
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
  return deepInZip(await zipFiles(source, signal), signal);
}

/** @param files of `zipFiles` */
export function deepInZip(files: DatabaseFiles, signal?: AbortSignal): DeepSignals {
  return async (candidate: Candidate) => {
    const path = candidate.deep?.path;
    const bytes = path === undefined ? null : await parquetIn(files, path, signal);
    return bytes === null ? null : readDeepSignals(bytes, candidate);
  };
}

/** A Parquet file under the catalogue's path, or under the one it has in the Kit's zip. */
export async function parquetIn(files: DatabaseFiles, path: string, signal?: AbortSignal): Promise<Uint8Array | null> {
  const inner = path.startsWith(UNPACKED) ? path.slice(UNPACKED.length) : path;
  return (await files.get(inner, DEEP_MAX, signal)) ?? (await files.get(path, DEEP_MAX, signal));
}

/**
 * Files of a zip by their names. Three small reads for its directory; for each file its local header and its own bytes:
 * a zip of gigabytes behind an address costs what is taken out of it.
 *
 * @throws AppError FORMAT_* when it has no readable directory; SOURCE_*
 */
export async function zipFiles(source: ByteSource, signal?: AbortSignal): Promise<DatabaseFiles> {
  const end = await readEnd(source, signal);
  const { entries, problem } = await readDirectory(source, end, signal);
  if (problem !== null) throw problem;
  // As readers do: of several under one name the last counts.
  const byName = new Map(entries.filter((entry) => !isDirectory(entry)).map((entry) => [entry.name, entry]));
  const first = [...byName.keys()].find((name) => /^(?:[^/]+\/)?catalog\/manifest\.json$/.test(name));
  // A zip of a whole folder may have that folder's name in front.
  const prefix = first?.startsWith('catalog/') === false ? first.slice(0, first.indexOf('catalog/')) : '';
  return {
    async get(path, most, abort = signal) {
      const entry = byName.get(prefix + path);
      if (entry === undefined) return null;
      if (entry.size > most) throw new AppError('SOURCE_TOO_LARGE', { path, size: entry.size, most });
      const [located] = (await locateEntries(source, [entry], end.directoryStart, abort)).entries;
      if (located!.problem !== null) throw located!.problem;
      return readEntry(source, located!, abort, most);
    },
  };
}
