/** What this machine lends to the core: files by path, the network, a database in a folder. */
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OpenContext } from '../core/bytes/open.ts';
import { httpDatabase } from '../core/db/http-files.ts';
import type { DatabaseFiles } from '../core/db/lookup.ts';
import { AppError } from '../core/errors.ts';
import type { NetworkEvent } from '../core/progress.ts';
import { openFile } from './fs-source.ts';

/**
 * @param offline true: no request leaves, every attempt is SOURCE_OFFLINE
 * @param network told of every request
 */
export function machine(offline: boolean, network: (event: NetworkEvent) => void = () => undefined): OpenContext {
  return {
    http: {
      fetchFn: (url, init) => (offline ? Promise.reject(new AppError('SOURCE_OFFLINE', { url })) : fetch(url, init)),
      network,
      ...(offline ? { online: () => false } : {}),
    },
    // Links are followed: a Hugging Face cache is made of them, and the person named this folder.
    openPath: (name, path, signal) => openFile({ name, path, followLinks: true }, signal),
  };
}

/**
 * The database to look known files up in.
 *
 * @param where `--db`: a folder, an address, `none`; absent: the one built beside this program
 * @returns null for `none`
 * @throws AppError DB_MANIFEST_MISSING {where} when there is none in that folder
 */
export function databaseFiles(where: string | undefined, offline: boolean): DatabaseFiles | null {
  if (where === 'none') return null;
  if (where !== undefined && /^https?:\/\//.test(where)) {
    const base = where.endsWith('/') ? where : `${where}/`;
    return httpDatabase(base, (url, init) => (offline ? Promise.reject(new Error('offline')) : fetch(url, init)));
  }
  const folder = where === undefined ? ownDatabase() : resolve(where);
  if (folder === null || !existsSync(join(folder, 'manifest.json'))) {
    throw new AppError('DB_MANIFEST_MISSING', { where: where ?? 'beside this program' });
  }
  return folderDatabase(folder);
}

/** In the package: dist/site/db beside dist/cli. In a checkout also public/db. */
function ownDatabase(): string | null {
  const places = ['../site/db', '../../public/db'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return places.find((folder) => existsSync(join(folder, 'manifest.json'))) ?? null;
}

/** Paths come from the program itself (`files/0a.json`), or were checked not to lead out of the folder. */
export function folderDatabase(folder: string): DatabaseFiles {
  return {
    async get(path, most) {
      const file = join(folder, path);
      const info = await stat(file).catch(() => null);
      if (info === null) return null;
      if (info.size > most) throw new AppError('SOURCE_TOO_LARGE', { path, size: info.size, most });
      return readFile(file);
    },
  };
}
