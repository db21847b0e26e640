/**
 * Takes the pictures in docs/screenshots from the built site: Home, Plan, Report, Contents, Compare and Lineage, wide and narrow,
 * light and dark.
 * Run by hand after `npm run build` when screens change (names of screens as arguments take only those); the results
 * are committed.
 */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { runnerImport } from 'vite';
import { browserFlags, findBrowser } from './find-browser.mjs';
import { root } from './run.mjs';
import { serve } from './serve.mjs';

const out = process.env.ASSAY_SCREENSHOTS ?? join(root, 'docs/screenshots');
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

/** A comparison with everything in it, and a small model whose configuration is that of a catalogue entry. */
const { module: sample } = await runnerImport(join(root, 'e2e/sample-comparison.ts'), { configFile: false });
const { module: tiny } = await runnerImport(join(root, 'e2e/tiny-models.ts'), { configFile: false });

/** Folders with attestations of every kind, and the keys behind them. */
const { module: attested } = await runnerImport(join(root, 'e2e/attested-folder.ts'), { configFile: false });
const everything = join(scratch, 'some-model');
const changed = join(scratch, 'changed-model');
const keys = await attested.attestedFolder(everything);
writeFileSync(join(scratch, 'release.pem'), keys.pem);
writeFileSync(join(scratch, 'trusted_root.json'), keys.trustedRoot);
writeFileSync(join(scratch, 'publisher.pem'), attested.changedFolder(changed));

/** The report of a folder; the steps of one attestation in it; what is given to check it with. */
async function attestation(page, model, path, given = [], name = '') {
  await page.locator('input[webkitdirectory]').setInputFiles(model);
  await page.getByRole('heading', { name: /^Signatures and records/ }).waitFor();
  if (path === '') return;
  await page.getByRole('link', { name: `Steps of ${path}` }).click();
  await page.getByRole('heading', { name: 'Step by step' }).waitFor();
  if (given.length === 0) return;
  if (name !== '') await page.getByLabel('Name in the certificate').fill(name);
  await page.getByLabel(/Public keys, cert/).setInputFiles(given.map((file) => join(scratch, file)));
  const before = page.url();
  await page.getByRole('button', { name: 'Check with these' }).click();
  await page.waitForURL((url) => url.href !== before);
  await page.waitForTimeout(300);
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
  contents: async (page) => {
    await SCREENS.report(page);
    await page.getByRole('link', { name: 'Details' }).first().click();
    await page.getByRole('row', { name: /layers\.0\.mlp\.down_proj/ }).click();
    await page.getByRole('button', { name: 'Show values' }).click();
    await page.getByText('Standard deviation').waitFor();
  },
  map: async (page) => {
    await SCREENS.report(page);
    await page.getByRole('link', { name: 'Details' }).first().click();
    await page.getByRole('link', { name: 'Map of the file' }).click();
    await page.getByRole('row', { name: /embed_tokens/ }).click();
    await page.getByRole('group', { name: /hexadecimal/ }).waitFor();
  },
  attestations: (page) => attestation(page, everything, ''),
  'attestation-signed': (page) =>
    attestation(page, everything, 'signed/model.sig', ['release.pem']).then(() =>
      page.getByText('The file itself, and what it carries').click(),
    ),
  'attestation-open': (page) => attestation(page, everything, 'signed/model.sig'),
  'attestation-contradicted': (page) => attestation(page, changed, 'model.sig', ['publisher.pem']),
  'attestation-sigstore': (page) =>
    attestation(page, everything, 'logged/adapter.safetensors.sigstore.json', ['trusted_root.json'], attested.SIGNER),
  'attestation-bill': (page) => attestation(page, everything, 'billed/bom.cdx.json'),
  compare: async (page) => {
    await page.getByRole('link', { name: 'Compare', exact: true }).click();
    const buffer = Buffer.from(JSON.stringify(sample.COMPARISON));
    const saved = { name: 'saved.json', mimeType: 'application/json', buffer };
    await page.getByLabel('Open a saved comparison').setInputFiles(saved);
    await page.getByRole('heading', { name: 'Signals' }).waitFor();
  },
  lineage: async (page) => {
    await page.getByRole('link', { name: 'Look for relatives' }).click();
    const model = tiny.given(tiny.withConfig(tiny.llama(), tiny.YI));
    await page.getByRole('button', { name: 'Choose files for the model' }).setInputFiles(model);
    await page.getByRole('button', { name: 'Look for relatives' }).click();
    await page.getByRole('heading', { name: 'Exactly' }).waitFor();
  },
};

const site = await serve({ dir: process.env.ASSAY_SITE ?? join(root, 'dist/site') });
const browser = await chromium.launch({ executablePath: findBrowser(), args: browserFlags() });
for (const width of [1280, 390]) {
  for (const colorScheme of ['light', 'dark']) {
    for (const [name, show] of Object.entries(SCREENS)) {
      if (process.argv.length > 2 && !process.argv.includes(name)) continue;
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
