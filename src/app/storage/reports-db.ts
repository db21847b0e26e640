/**
 * Reports kept on this device, in IndexedDB. Lists read the small summaries; a report of a large model has tens of
 * thousands of tensors and is read only when it is opened.
 */
import type { DBSchema, IDBPDatabase } from 'idb';
import type { Report } from '../../core/report/report.ts';
import { summarise, type ReportSummary } from './summary.ts';
import { Opened, type Closed } from './open-db.ts';

interface Schema extends DBSchema {
  summaries: { key: string; value: ReportSummary; indexes: { created: string } };
  reports: { key: string; value: Report };
}

const NAME = 'assay';
const VERSION = 1;
/** The oldest go when there are more: a hundred full reports are some tens of megabytes. */
export const REPORTS_KEPT = 100;

export class ReportsDb {
  readonly #opened: Opened<Schema>;

  constructor(closed?: Closed) {
    this.#opened = new Opened<Schema>(
      NAME,
      VERSION,
      (db, from) => {
        if (from >= 1) return;
        db.createObjectStore('summaries', { keyPath: 'id' }).createIndex('created', 'created');
        db.createObjectStore('reports');
      },
      closed,
    );
  }

  async save(id: string, report: Report): Promise<void> {
    const db = await this.#opened.get();
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
    const db = await this.#opened.get();
    const all = await db.getAllFromIndex('summaries', 'created');
    return all.reverse();
  }

  async load(id: string): Promise<Report | undefined> {
    return (await this.#opened.get()).get('reports', id);
  }

  async remove(id: string): Promise<void> {
    const write = (await this.#opened.get()).transaction(['summaries', 'reports'], 'readwrite');
    await Promise.all([write.objectStore('summaries').delete(id), write.objectStore('reports').delete(id), write.done]);
  }

  async clear(): Promise<void> {
    const write = (await this.#opened.get()).transaction(['summaries', 'reports'], 'readwrite');
    await Promise.all([write.objectStore('summaries').clear(), write.objectStore('reports').clear(), write.done]);
  }

  async #prune(db: IDBPDatabase<Schema>): Promise<void> {
    const keys = await db.getAllKeysFromIndex('summaries', 'created');
    for (const id of keys.slice(0, Math.max(0, keys.length - REPORTS_KEPT))) await this.remove(id);
  }
}
