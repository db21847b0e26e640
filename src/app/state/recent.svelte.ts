/** Recent reports, newest first. A device that refuses to store them still shows those of this visit. */
import type { ReportsDb } from '../storage/reports-db.ts';
import type { Report } from '../../core/report/report.ts';
import { summarise, type ReportSummary } from '../storage/summary.ts';

export class Recent {
  list: readonly ReportSummary[] = $state.raw([]);
  /** False once storing failed: said in Settings, never in the way of a check. */
  kept = $state(true);
  /** Reports of this visit, so that one that could not be stored can still be opened. */
  readonly #here = new Map<string, Report>();

  /** Loaded on first use: the first screen does not wait for it. */
  readonly #db = import('../storage/reports-db.ts').then(
    ({ ReportsDb }) =>
      new ReportsDb(() => {
        void this.refresh();
      }),
  );

  async refresh(): Promise<void> {
    await this.#try(async (db) => {
      this.list = await db.list();
    });
  }

  /** @returns the id under which the report can be opened */
  async add(report: Report): Promise<string> {
    const id = crypto.randomUUID();
    this.#here.set(id, report);
    this.list = [summarise(id, report), ...this.list];
    await this.#try((db) => db.save(id, report));
    return id;
  }

  async load(id: string): Promise<Report | undefined> {
    const here = this.#here.get(id);
    if (here) return here;
    let found: Report | undefined;
    await this.#try(async (db) => {
      found = await db.load(id);
    });
    return found;
  }

  async remove(id: string): Promise<void> {
    this.#here.delete(id);
    this.list = this.list.filter((summary) => summary.id !== id);
    await this.#try((db) => db.remove(id));
  }

  async clear(): Promise<void> {
    this.#here.clear();
    this.list = [];
    await this.#try((db) => db.clear());
  }

  async #try(work: (db: ReportsDb) => Promise<unknown>): Promise<void> {
    try {
      await work(await this.#db);
      this.kept = true;
    } catch {
      this.kept = false;
    }
  }
}
