/** Kept signals of models in a folder of this machine, and what names the content of its files. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { FEATURE_BYTES_MAX, FEATURE_ENTRIES_MAX, FEATURE_ENTRY_MAX } from '../core/limits.ts';
import type { CacheTools } from '../core/scan/compare-cached.ts';
import type { FeatureStore } from '../core/signals/cache.ts';
import { contentOfFile } from './file-digests.ts';

/** Entries are named by a prefix and a SHA-256; anything else in the folder is not ours. */
const ENTRY = /^[a-z]-[0-9a-f]{64}$/;

/** `$XDG_CACHE_HOME/assay/features` (XDG Base Directory Specification), else below `~/.cache`. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const base = env['XDG_CACHE_HOME'];
  // The specification: a relative path is to be ignored.
  return join(base?.startsWith('/') === true ? base : join(homedir(), '.cache'), 'assay', 'features');
}

/** @param give takes back memory that was read into */
export function featureCache(folder: string, give?: (chunk: Uint8Array) => void): CacheTools {
  const store = new FolderStore(folder);
  return { store, contentOf: (artifact, source, signal) => contentOfFile(store, artifact, source, signal, give) };
}

/** One file for each entry, put in place whole: a run that is killed leaves no half of one. */
export class FolderStore implements FeatureStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async get(key: string): Promise<Uint8Array | null> {
    const path = join(this.#folder, key);
    const info = await stat(path).catch(() => null);
    if (info === null || !info.isFile() || info.size > FEATURE_ENTRY_MAX) return null;
    // What is used stays: the oldest go first.
    await utimes(path, new Date(), new Date()).catch(() => undefined);
    return readFile(path);
  }

  async put(key: string, entry: Uint8Array): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const draft = join(this.#folder, `.${randomBytes(8).toString('hex')}`);
    await writeFile(draft, entry, { mode: 0o600, flag: 'wx' });
    await rename(draft, join(this.#folder, key)).catch(async (error: unknown) => {
      await unlink(draft).catch(() => undefined);
      throw error;
    });
    await this.#prune();
  }

  async remove(key: string): Promise<void> {
    await rm(join(this.#folder, key), { force: true });
  }

  /** Models whose signals are kept, and the bytes of all there is, notes about files included. */
  async size(): Promise<{ readonly models: number; readonly bytes: number }> {
    const all = await this.#list();
    const models = all.filter(({ name }) => name.startsWith('f-')).length;
    return { models, bytes: all.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  /** Removes every entry, and what broken runs left. Nothing else in the folder is touched. */
  async clear(): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      if (ENTRY.test(name) || /^\.[0-9a-f]{16}$/.test(name)) await rm(join(this.#folder, name), { force: true });
    }
  }

  async #prune(): Promise<void> {
    const oldest = [...(await this.#list())].sort((a, b) => a.used - b.used);
    let bytes = oldest.reduce((sum, entry) => sum + entry.bytes, 0);
    for (const [i, entry] of oldest.entries()) {
      if (oldest.length - i <= FEATURE_ENTRIES_MAX && bytes <= FEATURE_BYTES_MAX) return;
      await this.remove(entry.name);
      bytes -= entry.bytes;
    }
  }

  async #list(): Promise<readonly { readonly name: string; readonly bytes: number; readonly used: number }[]> {
    const names = (await readdir(this.#folder).catch(() => [])).filter((name) => ENTRY.test(name));
    const found = await Promise.all(
      names.map(async (name) => {
        const info = await stat(join(this.#folder, name)).catch(() => null);
        return info === null ? [] : [{ name, bytes: info.size, used: info.mtimeMs }];
      }),
    );
    return found.flat();
  }
}
