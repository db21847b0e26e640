/** What signatures are checked with, in IndexedDB: Sigstore's renewed trust root, and what a person added. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { KeptItem } from '../../core/claims/attestations/kept-item.ts';
import type { UpdatedRoot } from '../../core/claims/attestations/sigstore/public-root.ts';

interface Schema extends DBSchema {
  items: { key: string; value: KeptItem };
  roots: { key: string; value: UpdatedRoot };
}

/** A database of its own: the reports' one has another life. */
const NAME = 'assay-trust';
const VERSION = 1;
const PUBLIC_GOOD = 'sigstore';

export class TrustDb {
  #opened: Promise<IDBPDatabase<Schema>> | null = null;

  /** In the order they were added. */
  async items(): Promise<readonly KeptItem[]> {
    const all = await (await this.#open()).getAll('items');
    return all.sort((a, b) => (a.added < b.added ? -1 : 1));
  }

  async add(item: KeptItem): Promise<void> {
    await (await this.#open()).put('items', item);
  }

  async remove(sha256: string): Promise<void> {
    await (await this.#open()).delete('items', sha256);
  }

  async updated(): Promise<UpdatedRoot | null> {
    return (await (await this.#open()).get('roots', PUBLIC_GOOD)) ?? null;
  }

  async keepUpdated(root: UpdatedRoot): Promise<void> {
    await (await this.#open()).put('roots', root, PUBLIC_GOOD);
  }

  async clear(): Promise<void> {
    const write = (await this.#open()).transaction(['items', 'roots'], 'readwrite');
    await Promise.all([write.objectStore('items').clear(), write.objectStore('roots').clear(), write.done]);
  }

  #open(): Promise<IDBPDatabase<Schema>> {
    this.#opened ??= openDB<Schema>(NAME, VERSION, {
      upgrade(db) {
        db.createObjectStore('items', { keyPath: 'sha256' });
        db.createObjectStore('roots');
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
