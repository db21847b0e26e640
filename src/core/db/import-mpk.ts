/** An MPK database (catalogue in JSON, weight signals in Parquet) in the form of this database. */
import { AppError, throwIfAborted } from '../errors.ts';
import type { Candidate } from '../signals/mpk/candidate.ts';
import { readDeepSignals } from '../signals/mpk/deep-signals.ts';
import { buildDatabase } from './build.ts';

export interface KitSource {
  /** In catalogue order. */
  readonly catalogue: readonly Candidate[];
  /** Bytes of a Parquet file by the catalogue's path; null when it is not there. */
  readonly parquet: (path: string) => Promise<Uint8Array | null>;
  /** For the list of sources: what was imported. */
  readonly name: string;
}

export interface Imported {
  readonly models: number;
  /** Models whose weight signals came along. */
  readonly withSignals: number;
  /** Models whose catalogue names a Parquet file that is not there. */
  readonly without: readonly string[];
}

export interface ImportTools {
  readonly sha256: (bytes: Uint8Array) => Promise<Uint8Array>;
  /** Takes a file of the new database. Weight signals come one by one, so that no more than one is in memory. */
  readonly put: (path: string, bytes: Uint8Array) => Promise<void>;
  readonly progress?: (done: number, total: number, path: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * The same input gives the same files. Every Parquet file is held against the SHA-256 of the catalogue and read once
 * before it is taken over.
 *
 * @throws AppError DB_SHARD_DIGEST {file, expected, actual}; DB_FORMAT {file, where}: not Parquet, no SHA-256 stated, a
 *   path that leads out of the database; DB_SHARD_MISSING {file} when not one of the files is there
 */
export async function importKit({ catalogue, parquet, name }: KitSource, tools: ImportTools): Promise<Imported> {
  const without: string[] = [];
  const taken = new Set<string>();
  for (const [i, candidate] of catalogue.entries()) {
    throwIfAborted(tools.signal);
    tools.progress?.(i, catalogue.length, candidate.asset_id);
    const { deep } = candidate;
    if (deep === null) continue;
    checkPath(deep.path);
    const bytes = await parquet(deep.path);
    if (bytes === null) {
      without.push(candidate.asset_id);
      continue;
    }
    if (deep.sha256 === null) throw new AppError('DB_FORMAT', { file: deep.path, where: 'checksum' });
    await readDeepSignals(bytes, candidate);
    if (!taken.has(deep.path)) await tools.put(deep.path, bytes);
    taken.add(deep.path);
  }
  if (taken.size === 0) throw new AppError('DB_SHARD_MISSING', { file: without[0] ?? name });
  const families = new Map<string, unknown[]>();
  for (const candidate of catalogue) {
    checkFamily(candidate.family_id);
    const rows = families.get(candidate.family_id) ?? [];
    if (rows.length === 0) families.set(candidate.family_id, rows);
    rows.push(rowOf(candidate));
  }
  const built = await buildDatabase(
    {
      files: [],
      sources: [{ name, url: '', revision: '', license: '', read: '' }],
      models: [...families].map(([family, rows]) => ({ family, rows })),
      deep: taken.size,
      sequence: 0,
      created: '1970-01-01',
      tool: 'assay db import-mpk',
    },
    tools.sha256,
  );
  for (const [path, bytes] of built) await tools.put(path, bytes);
  const withSignals = catalogue.filter(({ deep }) => deep !== null && taken.has(deep.path)).length;
  return { models: catalogue.length, withSignals, without };
}

/** A path is written to: it stays below the database, and apart from the files the database itself has. */
function checkPath(path: string): void {
  const steps = path.split('/');
  const plain = steps.every((step) => /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/.test(step));
  if (!plain || steps.length > 20 || !path.startsWith('features/') || !path.endsWith('.parquet')) {
    throw new AppError('DB_FORMAT', { file: path.slice(0, 200), where: 'path' });
  }
}

/** It names a file. */
function checkFamily(family: string): void {
  if (/^[a-z0-9][a-z0-9._-]{0,99}$/i.test(family)) return;
  throw new AppError('DB_FORMAT', { file: family.slice(0, 200), where: 'family_id' });
}

/** The row of a catalogue shard; `readCatalogue` reads it back. */
function rowOf({ family_id, deep, ...rest }: Candidate) {
  return {
    family: family_id,
    ...rest,
    deep_signals:
      deep === null ? null : { path: deep.path, checksum: deep.sha256 === null ? '' : `sha256:${deep.sha256}` },
  };
}
