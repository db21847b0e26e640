/** `test` with the built site served for it. `npm run build` makes the site. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';
import type { Report } from '../src/core/report/report.ts';
import { serve } from '../scripts/serve.mjs';

/** The built site. */
export const siteFolder = process.env['ASSAY_SITE'] ?? join(import.meta.dirname, '../dist/site');

interface Served {
  readonly url: string;
  close(): Promise<void>;
}

export const test = base.extend<{ problems: string[] }, { site: Served }>({
  site: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from it
    async ({}, use) => {
      if (!existsSync(join(siteFolder, 'index.html'))) throw new Error('dist/site is missing: run npm run build first');
      const site = await serve({ dir: siteFolder });
      await use(site);
      await site.close();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ site }, use) => use(site.url),
  /** Everything the page complains about; a test that expects none says so. */
  problems: async ({ page }, use) => {
    const list: string[] = [];
    page.on('pageerror', (error) => list.push(`${error.name}: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') list.push(message.text());
    });
    await use(list);
  },
});
export { expect };

/** Light or dark, as the system would say it. */
export async function setTheme(page: Page, theme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme: theme });
}

/** Puts a report into the page's own store, and opens it. */
export async function openReport(page: Page, report: Report, id = 'sample'): Promise<void> {
  await page.goto('/');
  // The app has made its database by the time its list of reports was read.
  await expect(page.getByText(/Database of|No database/)).toBeVisible();
  await page.evaluate(
    async ([report, id]) => {
      const db = await new Promise<IDBDatabase>((resolve, reject) => {
        const open = indexedDB.open('assay');
        open.addEventListener('success', () => resolve(open.result));
        open.addEventListener('error', () => reject(new Error('no database')));
      });
      const write = db.transaction(['summaries', 'reports'], 'readwrite');
      const { created, subject, verdict } = report;
      const summary = { id, created, name: subject.name, outcome: verdict.outcome, sentence: verdict.sentence };
      write.objectStore('summaries').put(summary);
      write.objectStore('reports').put(report, id);
      await new Promise((resolve) => write.addEventListener('complete', resolve));
      db.close();
    },
    [report, id] as const,
  );
  await page.goto(`/#/report/${id}`);
  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(report.verdict.sentence);
}
