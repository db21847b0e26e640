/**
 * Reports kept on this device, in IndexedDB. Lists read the small summaries; a report of a large model has tens of
 * thousands of tensors and is read only when it is opened.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { Report } from '../../core/report/report.ts';
import { summarise, type ReportSummary } from './summary.ts';

interface Schema extends DBSchema {
  summaries: { key: string; value: ReportSummary; indexes: { created: string } };
  reports: { key: string; value: Report };
}

const NAME = 'assay';
const VERSION = 1;
/** The oldest go when there are more: a hundred full reports are some tens of megabytes. */
export const REPORTS_KEPT = 100;

/** Told when the database cannot be used any more (another tab upgrades it, the browser closed it). */
type Closed = (why: 'upgraded-elsewhere' | 'terminated') => void;

export class ReportsDb {
  #opened: Promise<IDBPDatabase<Schema>> | null = null;
  readonly #closed: Closed;

  constructor(closed: Closed = () => {}) {
    this.#closed = closed;
  }

  async save(id: string, report: Report): Promise<void> {
    const db = await this.#open();
    const write = db.transaction(['summaries', 'reports'], 'readwrite');
    await Promise.all([
      write.objectStore('summaries').put(summarise(id, report)),
      write.objectStore('reports').put(report, id),
      write.done,
    ]);
    await this.#prune(db);
  }

  /** Newest first. */
  async list(): Promise<ReportSummary[]> {
    const db = await this.#open();
    const all = await db.getAllFromIndex('summaries', 'created');
    return all.reverse();
  }

  async load(id: string): Promise<Report | undefined> {
    return (await this.#open()).get('reports', id);
  }

  async remove(id: string): Promise<void> {
    const write = (await this.#open()).transaction(['summaries', 'reports'], 'readwrite');
    await Promise.all([write.objectStore('summaries').delete(id), write.objectStore('reports').delete(id), write.done]);
  }

  async clear(): Promise<void> {
    const write = (await this.#open()).transaction(['summaries', 'reports'], 'readwrite');
    await Promise.all([write.objectStore('summaries').clear(), write.objectStore('reports').clear(), write.done]);
  }

  async #prune(db: IDBPDatabase<Schema>): Promise<void> {
    const keys = await db.getAllKeysFromIndex('summaries', 'created');
    for (const id of keys.slice(0, Math.max(0, keys.length - REPORTS_KEPT))) await this.remove(id);
  }

  #open(): Promise<IDBPDatabase<Schema>> {
    this.#opened ??= openDB<Schema>(NAME, VERSION, {
      upgrade(db, oldVersion) {
        if (oldVersion < 1) {
          db.createObjectStore('summaries', { keyPath: 'id' }).createIndex('created', 'created');
          db.createObjectStore('reports');
        }
      },
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
      // Private windows and full disks refuse: the next use tries again.
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }
}
