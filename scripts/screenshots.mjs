/**
 * Takes the pictures in docs/screenshots from the built site: Home, Plan and Report, wide and narrow, light and dark.
 * Run by hand after `npm run build` when screens change; the results are committed.
 */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { browserFlags, findBrowser } from './find-browser.mjs';
import { root } from './run.mjs';
import { serve } from './serve.mjs';

const out = join(root, 'docs/screenshots');
mkdirSync(out, { recursive: true });
const scratch = mkdtempSync(join(tmpdir(), 'assay-'));
const folder = join(scratch, 'some-model-7b');
mkdirSync(folder);
/** Holes on disk: nothing is written but the names and sizes that Plan shows. */
for (const [name, size] of [
  ['model-00001-of-00003.safetensors', 4_943_162_240],
  ['model-00002-of-00003.safetensors', 4_999_819_336],
  ['model-00003-of-00003.safetensors', 4_540_516_344],
  ['config.json', 601],
]) {
  writeFileSync(join(folder, name), '');
  truncateSync(join(folder, name), size);
}

const SCREENS = {
  home: async () => {},
  plan: async (page) => {
    await page.locator('input[webkitdirectory]').setInputFiles(folder);
    await page.getByRole('button', { name: 'Start' }).waitFor();
    await page.waitForFunction(() => document.querySelectorAll('label.card ul').length === 2);
  },
  report: async (page) => {
    await page.getByRole('button', { name: /A tampered copy/ }).click();
    await page.getByRole('heading', { name: 'Exactly' }).waitFor();
  },
};

const site = await serve({ dir: process.env.ASSAY_SITE ?? join(root, 'dist/site') });
const browser = await chromium.launch({ executablePath: findBrowser(), args: browserFlags() });
for (const width of [1280, 390]) {
  for (const colorScheme of ['light', 'dark']) {
    for (const [name, show] of Object.entries(SCREENS)) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
      const page = await context.newPage();
      await page.goto(site.url);
      await page.getByText('Ready to work offline').waitFor();
      await show(page);
      await page.mouse.move(0, 0);
      await page.screenshot({ path: join(out, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      await context.close();
    }
  }
}
await browser.close();
await site.close();
rmSync(scratch, { recursive: true });
