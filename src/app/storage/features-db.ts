/** Kept signals of models in IndexedDB, for the worker that extracts them and for the Settings screen. */
import type { DBSchema, IDBPDatabase } from 'idb';
import { FEATURE_BYTES_MAX, FEATURE_ENTRIES_MAX } from '../../core/limits.ts';
import type { FeatureStore } from '../../core/signals/cache.ts';
import { Opened } from './open-db.ts';

interface Entry {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly size: number;
  /** Milliseconds since the epoch; the least lately used go first. */
  readonly used: number;
}

interface Schema extends DBSchema {
  entries: { key: string; value: Entry; indexes: { used: number } };
}

/** A database of its own: the reports' one has another life. */
const NAME = 'assay-features';
const VERSION = 1;

export class FeaturesDb implements FeatureStore {
  readonly #opened = new Opened<Schema>(NAME, VERSION, (db) => {
    db.createObjectStore('entries', { keyPath: 'key' }).createIndex('used', 'used');
  });

  async get(key: string): Promise<Uint8Array | null> {
    const db = await this.#opened.get();
    const entry = await db.get('entries', key);
    if (entry === undefined) return null;
    await db.put('entries', { ...entry, used: Date.now() });
    return entry.bytes;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const db = await this.#opened.get();
    await db.put('entries', { key, bytes, size: bytes.length, used: Date.now() });
    await this.#prune(db);
  }

  async remove(key: string): Promise<void> {
    await (await this.#opened.get()).delete('entries', key);
  }

  async clear(): Promise<void> {
    await (await this.#opened.get()).clear('entries');
  }

  /** Models whose signals are kept, and the bytes of all there is, notes about files included. */
  async size(): Promise<{ readonly models: number; readonly bytes: number }> {
    let models = 0;
    let bytes = 0;
    const entries = (await this.#opened.get()).transaction('entries').store;
    for await (const { value } of entries) {
      bytes += value.size;
      if (value.key.startsWith('f-')) models++;
    }
    return { models, bytes };
  }

  async #prune(db: IDBPDatabase<Schema>): Promise<void> {
    let { bytes } = await this.size();
    let left = await db.count('entries');
    if (left <= FEATURE_ENTRIES_MAX && bytes <= FEATURE_BYTES_MAX) return;
    const write = db.transaction('entries', 'readwrite');
    for await (const cursor of write.store.index('used')) {
      if (left <= FEATURE_ENTRIES_MAX && bytes <= FEATURE_BYTES_MAX) break;
      bytes -= cursor.value.size;
      left--;
      await cursor.delete();
    }
    await write.done;
  }
}
