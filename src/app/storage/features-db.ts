/** Kept signals of models in IndexedDB, for the worker that extracts them and for the Settings screen. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { FEATURE_BYTES_MAX, FEATURE_ENTRIES_MAX } from '../../core/limits.ts';
import type { FeatureStore } from '../../core/signals/cache.ts';

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
  #opened: Promise<IDBPDatabase<Schema>> | null = null;

  async get(key: string): Promise<Uint8Array | null> {
    const db = await this.#open();
    const entry = await db.get('entries', key);
    if (entry === undefined) return null;
    await db.put('entries', { ...entry, used: Date.now() });
    return entry.bytes;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const db = await this.#open();
    await db.put('entries', { key, bytes, size: bytes.length, used: Date.now() });
    await this.#prune(db);
  }

  async remove(key: string): Promise<void> {
    await (await this.#open()).delete('entries', key);
  }

  async clear(): Promise<void> {
    await (await this.#open()).clear('entries');
  }

  /** Models whose signals are kept, and the bytes of all there is, notes about files included. */
  async size(): Promise<{ readonly models: number; readonly bytes: number }> {
    let models = 0;
    let bytes = 0;
    const entries = (await this.#open()).transaction('entries').store;
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

  #open(): Promise<IDBPDatabase<Schema>> {
    this.#opened ??= openDB<Schema>(NAME, VERSION, {
      upgrade(db) {
        db.createObjectStore('entries', { keyPath: 'key' }).createIndex('used', 'used');
      },
      // An older tab still holds the database: ours waits, and opens as soon as that tab lets go (`blocking` there).
      blocked: () => {},
      blocking: (_current, _next, event) => {
        if (event.target instanceof IDBDatabase) event.target.close();
        this.#opened = null;
      },
      terminated: () => {
        this.#opened = null;
      },
    }).catch((error: unknown) => {
      // Private windows and full disks refuse: the next use tries again.
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }
}
