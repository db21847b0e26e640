/** What signatures are checked with, in IndexedDB: Sigstore's renewed trust root, and what a person added. */
import type { DBSchema } from 'idb';
import type { KeptItem } from '../../core/claims/attestations/kept-item.ts';
import type { UpdatedRoot } from '../../core/claims/attestations/sigstore/public-root.ts';
import { Opened } from './open-db.ts';

interface Schema extends DBSchema {
  items: { key: string; value: KeptItem };
  roots: { key: string; value: UpdatedRoot };
}

/** A database of its own: the reports' one has another life. */
const NAME = 'assay-trust';
const VERSION = 1;
const PUBLIC_GOOD = 'sigstore';

export class TrustDb {
  readonly #opened = new Opened<Schema>(NAME, VERSION, (db) => {
    db.createObjectStore('items', { keyPath: 'sha256' });
    db.createObjectStore('roots');
  });

  /** In the order they were added. */
  async items(): Promise<readonly KeptItem[]> {
    const all = await (await this.#opened.get()).getAll('items');
    return all.sort((a, b) => (a.added < b.added ? -1 : 1));
  }

  async add(item: KeptItem): Promise<void> {
    await (await this.#opened.get()).put('items', item);
  }

  async remove(sha256: string): Promise<void> {
    await (await this.#opened.get()).delete('items', sha256);
  }

  async updated(): Promise<UpdatedRoot | null> {
    return (await (await this.#opened.get()).get('roots', PUBLIC_GOOD)) ?? null;
  }

  async keepUpdated(root: UpdatedRoot): Promise<void> {
    await (await this.#opened.get()).put('roots', root, PUBLIC_GOOD);
  }

  async clear(): Promise<void> {
    const write = (await this.#opened.get()).transaction(['items', 'roots'], 'readwrite');
    await Promise.all([write.objectStore('items').clear(), write.objectStore('roots').clear(), write.done]);
  }
}
