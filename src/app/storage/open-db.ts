/** One way to open a database of this device, whatever is in it. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';

/** Told when the database cannot be used any more (another tab upgrades it, the browser closed it). */
export type Closed = (why: 'upgraded-elsewhere' | 'terminated') => void;

/** Opens on first use, lets a newer tab upgrade, and opens again when it was closed or could not be opened. */
export class Opened<S extends DBSchema> {
  #opened: Promise<IDBPDatabase<S>> | null = null;
  readonly #name: string;
  readonly #version: number;
  readonly #upgrade: (db: IDBPDatabase<S>, from: number) => void;
  readonly #closed: Closed;

  /** @param upgrade makes the stores that a database of version `from` lacks; 0: there was none */
  constructor(
    name: string,
    version: number,
    upgrade: (db: IDBPDatabase<S>, from: number) => void,
    closed: Closed = () => {},
  ) {
    this.#name = name;
    this.#version = version;
    this.#upgrade = upgrade;
    this.#closed = closed;
  }

  /** Rejects where the browser refuses storage: a private window, a full disk. The next call tries again. */
  get(): Promise<IDBPDatabase<S>> {
    this.#opened ??= openDB<S>(this.#name, this.#version, {
      upgrade: (db, from) => this.#upgrade(db, from),
      // An older tab still holds the database: ours waits, and opens as soon as that tab lets go (`blocking` there).
      blocked: () => {},
      // A newer tab waits for us: let go, and open again (or fail) on the next use.
      blocking: (_current, _next, event) => {
        if (event.target instanceof IDBDatabase) event.target.close();
        this.#opened = null;
        this.#closed('upgraded-elsewhere');
      },
      terminated: () => {
        this.#opened = null;
        this.#closed('terminated');
      },
    }).catch((error: unknown) => {
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }
}
