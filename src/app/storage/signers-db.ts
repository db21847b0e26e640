/** Remembered signers and policies in IndexedDB. Nothing of them leaves this device but by an export. */
import type { DBSchema, IDBPDatabase } from 'idb';
import { SIGNERS_MAX } from '../../core/limits.ts';
import type { KeptPolicy, SignerFile } from '../../core/report/signer-file.ts';
import { publisherKey, recordId, type SignerRecord } from '../../core/report/signer-memory.ts';
import { Opened } from './open-db.ts';

/** What is kept, and one way to change it: whole, so that two tabs cannot lose each other's changes. */
export interface SignerStore {
  /** Of one publisher, or of all. */
  read(publisher: string | null): Promise<SignerFile>;
  /** @param work pure; may run again when the storage is lost meanwhile */
  change(publisher: string | null, work: (before: SignerFile) => SignerFile): Promise<SignerFile>;
  /** False: everything is forgotten when the page closes. */
  readonly lasting: boolean;
}

interface Schema extends DBSchema {
  signers: {
    key: string;
    value: { readonly id: string; readonly publisher: string; readonly record: SignerRecord };
    indexes: { publisher: string };
  };
  policies: { key: string; value: { readonly publisher: string; readonly policy: KeptPolicy } };
}

/** A database of its own: clearing reports must not make the next signer a first one. */
const NAME = 'assay-signers';
const VERSION = 1;

export class SignersDb implements SignerStore {
  readonly #opened = new Opened<Schema>(NAME, VERSION, (db, from) => {
    if (from < 1) {
      db.createObjectStore('signers', { keyPath: 'id' }).createIndex('publisher', 'publisher');
      db.createObjectStore('policies', { keyPath: 'publisher' });
    }
  });
  /** Where the browser refuses storage: a private window, a full disk. */
  #instead = new SignersHere();
  lasting = true;

  async read(publisher: string | null): Promise<SignerFile> {
    const db = await this.#db();
    if (db === null) return this.#instead.read(publisher);
    const read = db.transaction(['signers', 'policies']);
    return allOf(read.objectStore('signers'), read.objectStore('policies'), publisher);
  }

  async change(publisher: string | null, work: (before: SignerFile) => SignerFile): Promise<SignerFile> {
    const db = await this.#db();
    if (db === null) return this.#instead.change(publisher, work);
    const write = db.transaction(['signers', 'policies'], 'readwrite');
    const signers = write.objectStore('signers');
    const policies = write.objectStore('policies');
    const before = await allOf(signers, policies, publisher);
    const after = work(before);
    const ids = new Set(after.signers.map(recordId));
    const keys = new Set(after.policies.map((one) => publisherKey(one.publisher)));
    const gone = before.signers.map(recordId).filter((id) => !ids.has(id));
    const dropped = before.policies.map((one) => publisherKey(one.publisher)).filter((key) => !keys.has(key));
    await Promise.all([
      ...gone.map((id) => signers.delete(id)),
      ...dropped.map((key) => policies.delete(key)),
      ...after.signers.map((record) =>
        signers.put({ id: recordId(record), publisher: publisherKey(record.publisher), record }),
      ),
      ...after.policies.map((policy) => policies.put({ publisher: publisherKey(policy.publisher), policy })),
    ]);
    // Nobody has this many; whoever was merely met, and longest ago, goes first.
    if ((await signers.count()) > SIGNERS_MAX) {
      const rows = (await signers.getAll()).filter(({ record }) => record.how !== 'accepted');
      rows.sort((a, b) => ((a.record.lastSeen ?? '') < (b.record.lastSeen ?? '') ? -1 : 1));
      await Promise.all(rows.slice(0, (await signers.count()) - SIGNERS_MAX).map(({ id }) => signers.delete(id)));
    }
    await write.done;
    return after;
  }

  async #db(): Promise<IDBPDatabase<Schema> | null> {
    try {
      const db = await this.#opened.get();
      this.lasting = true;
      return db;
    } catch {
      this.lasting = false;
      return null;
    }
  }
}

async function allOf(
  signers: {
    getAll(): Promise<Schema['signers']['value'][]>;
    index(name: 'publisher'): { getAll(key: string): Promise<Schema['signers']['value'][]> };
  },
  policies: {
    getAll(): Promise<Schema['policies']['value'][]>;
    get(key: string): Promise<Schema['policies']['value'] | undefined>;
  },
  publisher: string | null,
): Promise<SignerFile> {
  if (publisher === null) {
    const [rows, kept] = await Promise.all([signers.getAll(), policies.getAll()]);
    return { signers: rows.map(({ record }) => record), policies: kept.map(({ policy }) => policy) };
  }
  const key = publisherKey(publisher);
  const [rows, kept] = await Promise.all([signers.index('publisher').getAll(key), policies.get(key)]);
  return { signers: rows.map(({ record }) => record), policies: kept === undefined ? [] : [kept.policy] };
}

/** The same in memory, for as long as the page lives. */
export class SignersHere implements SignerStore {
  readonly lasting = false;
  #all: SignerFile = { signers: [], policies: [] };

  async read(publisher: string | null): Promise<SignerFile> {
    const mine = isOf(publisher);
    return { signers: this.#all.signers.filter(mine), policies: this.#all.policies.filter(mine) };
  }

  async change(publisher: string | null, work: (before: SignerFile) => SignerFile): Promise<SignerFile> {
    const mine = isOf(publisher);
    const after = work(await this.read(publisher));
    this.#all = {
      signers: [...this.#all.signers.filter((one) => !mine(one)), ...after.signers],
      policies: [...this.#all.policies.filter((one) => !mine(one)), ...after.policies],
    };
    return after;
  }
}

function isOf(publisher: string | null): (one: { readonly publisher: string }) => boolean {
  return (one) => publisher === null || publisherKey(one.publisher) === publisherKey(publisher);
}
