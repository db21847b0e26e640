/** `test` with the built site served for it. `npm run build` makes the site. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';
import { serve } from '../scripts/serve.mjs';

const dir = process.env['ASSAY_SITE'] ?? join(import.meta.dirname, '../dist/site');

interface Served {
  readonly url: string;
  close(): Promise<void>;
}

export const test = base.extend<{ problems: string[] }, { site: Served }>({
  site: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from it
    async ({}, use) => {
      if (!existsSync(join(dir, 'index.html'))) throw new Error('dist/site is missing: run npm run build first');
      const site = await serve({ dir });
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
