/** The Compare screen on the built site: two models from this device, and a saved comparison. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelComparison } from '../src/core/report/comparison.ts';
import { COMPARISON, LARGE_COMPARISON } from './sample-comparison.ts';
import { expect, setTheme, test } from './site.ts';
import { given, largeModel, llama, withConfig, withEditedTensor, type Files } from './tiny-models.ts';

const EDITED = 'model.layers.1.mlp.up_proj.weight';
const MiB = 2 ** 20;

const sentence = (page: Page) => page.locator('main').getByRole('heading', { level: 1 });
const map = (page: Page) => page.getByRole('application').first();
const table = (page: Page) => page.locator('#cells table');

async function pick(page: Page, side: 'A' | 'B', files: Files): Promise<void> {
  await page.getByRole('button', { name: `Choose files for model ${side}` }).setInputFiles(given(files));
}

async function compare(page: Page, a: Files, b: Files): Promise<void> {
  await page.goto('/#/compare');
  await pick(page, 'A', a);
  await pick(page, 'B', b);
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Signals', exact: true })).toBeVisible({ timeout: 30_000 });
}

async function openSaved(page: Page, comparison: ModelComparison): Promise<void> {
  await page.goto('/#/compare');
  // A result of before stays until others are asked for.
  const others = page.getByRole('button', { name: 'Compare others' });
  if (await others.isVisible()) await others.click();
  const file = { name: 'saved.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(comparison)) };
  await page.getByLabel('Open a saved comparison').setInputFiles(file);
  await expect(page.getByRole('heading', { name: 'Where they differ' })).toBeVisible();
}

async function saved(page: Page): Promise<ModelComparison> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save JSON' }).click(),
  ]);
  return JSON.parse(readFileSync(await download.path(), 'utf8')) as ModelComparison;
}

test('an edited copy: the sentence names the one tensor, and the numbers are those of the edit', async ({
  page,
  problems,
}) => {
  await compare(page, llama(), withEditedTensor(llama(), EDITED, 64));
  await expect(sentence(page)).toHaveText(`20 of 21 tensors are identical, 1 differs: ${EDITED}.`);
  await expect(sentence(page)).toBeFocused();
  const { tensors, mpk } = await saved(page);
  const changed = tensors.filter(({ relation }) => relation !== 'identical-bytes');
  expect(changed).toEqual([
    expect.objectContaining({ relation: 'differs', role: 'mlp.up', layer: 1, changed: 64, values: 4096 }),
  ]);
  await page.getByRole('button', { name: 'Show as table' }).click();
  await table(page).getByRole('button', { name: 'mlp up, layer 1' }).click();
  const detail = page.getByRole('region', { name: /Layer 1, mlp up: differs/ });
  await expect(detail).toContainText(EDITED);
  await expect(detail).toContainText('64 of 4,096 (1.6 %)');
  await expect(detail).toContainText('F16');
  // Both histograms, of the numbers as they are on either side.
  await detail.getByRole('button', { name: 'Show how the values are spread' }).click();
  await expect(detail.getByRole('img', { name: /^Histogram of 64 bins/ })).toHaveCount(2);
  // The other tool is quoted, apart, with what is wrong with it here.
  const kit = page.getByRole('region', { name: /Model Provenance Kit would say/ });
  await expect(kit.locator('q')).toHaveText(mpk.mpk!.scores.provenance_decision);
  await expect(kit).toContainText('Models with unrelated weights share a configuration');
  expect(problems).toEqual([]);
});

test('the cells are walked by keyboard, read out, and opened; closing gives the focus back', async ({ page }) => {
  await compare(page, llama(), withEditedTensor(llama(), EDITED, 64));
  await map(page).focus();
  const spoken = page.locator('.unseen[role=status]');
  await expect(spoken).toContainText('Layer 0, attention q: identical');
  await page.keyboard.press('ArrowRight');
  await expect(spoken).toContainText('Layer 1, attention q: identical');
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowDown');
  await expect(spoken).toContainText(/Layer 1, mlp up: differs, cosine 0\.\d+/);
  // Past the edge nothing moves.
  await page.keyboard.press('ArrowRight');
  await expect(spoken).toContainText('Layer 1, mlp up');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: /Layer 1, mlp up: differs/ })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(map(page)).toBeFocused();
});

test('the table holds the cells of the map, in the page before it is shown, and sorts', async ({ page }) => {
  await compare(page, llama(), withEditedTensor(llama(), EDITED, 64));
  // Two layers of nine parts, and three parts outside them.
  await expect(table(page).locator('tbody tr')).toHaveCount(21);
  await expect(table(page)).toBeHidden();
  await page.getByRole('button', { name: 'Show as table' }).click();
  await expect(table(page)).toBeVisible();
  const inTable = await table(page)
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => (cell as HTMLElement).innerText.trim())));
  // Each cell of the map says the same.
  await map(page).focus();
  const spoken = page.locator('.unseen[role=status]');
  for (const [y, part] of [
    'attention q',
    'attention k',
    'attention v',
    'attention o',
    'mlp gate',
    'mlp up',
  ].entries()) {
    await map(page).focus();
    await page.keyboard.press('PageUp');
    for (let i = 0; i < y; i++) await page.keyboard.press('ArrowDown');
    for (const [layer, key] of [
      ['0', 'Home'],
      ['1', 'End'],
    ] as const) {
      await page.keyboard.press(key);
      const row = inTable.find(([l, p]) => l === layer && p!.startsWith(part));
      await expect(spoken).toContainText(`Layer ${layer}, ${part}: ${row![2]}`);
      if (row![4] !== '') await expect(spoken).toContainText(row![4]!);
    }
  }
  const cosine = table(page).getByRole('columnheader', { name: 'Cosine, lowest' });
  await cosine.getByRole('button').click();
  await expect(cosine).toHaveAttribute('aria-sort', 'ascending');
  await expect(table(page).locator('tbody tr').first()).toContainText('mlp up');
  await cosine.getByRole('button').click();
  await expect(cosine).toHaveAttribute('aria-sort', 'descending');
});

test('an equal configuration with other weights is never worded as a match of weights', async ({ page }) => {
  let other = llama();
  for (const layer of [0, 1]) {
    for (const part of ['mlp.up_proj', 'mlp.down_proj', 'mlp.gate_proj', 'self_attn.q_proj', 'self_attn.o_proj']) {
      other = withEditedTensor(other, `model.layers.${layer}.${part}.weight`, 4096, 0x2c00 + layer * 7);
    }
  }
  await compare(page, llama(), other);
  await expect(sentence(page)).not.toContainText(/match|ancest|same model/i);
  const kit = page.getByRole('region', { name: /Model Provenance Kit would say/ });
  await expect(kit.locator('q')).toHaveText('Confirmed Match');
  await expect(kit).toContainText(/lets that decide alone/);
});

test('what is missing is a visible gap with its reason', async ({ page }) => {
  const { 'tokenizer.json': _, 'tokenizer_config.json': __, ...without } = llama();
  await compare(page, llama(), without);
  const signals = page.getByRole('list', { name: 'Signals' });
  await expect(signals.getByRole('listitem').filter({ hasText: 'VOA' })).toContainText(/not compared: B: /);
  await expect(page.getByRole('heading', { name: /Could not be compared/ })).toBeVisible();
  await expect(sentence(page)).toHaveText(/All 21 tensors are identical/);
});

test('a comparison can be stopped, and says what was not read', async ({ page }) => {
  await page.goto('/#/compare');
  const [a, b] = [largeModel(192 * MiB, 1), largeModel(192 * MiB, 2)];
  // As handles of the page's own, so that hundreds of megabytes need not go through the test.
  for (const [side, files] of [
    ['A', a],
    ['B', b],
  ] as const) {
    await pickFromPage(page, side, files['model.safetensors']!);
  }
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByRole('progressbar')).toBeHidden({ timeout: 5000 });
  await expect(page.locator('main')).toContainText(/stopped/i);
});

/** Makes the file inside the page from a pattern that repeats: only its first bytes travel. */
async function pickFromPage(page: Page, side: 'A' | 'B', bytes: Buffer): Promise<void> {
  const head = bytes.subarray(0, MiB).toString('base64');
  await page.getByRole('button', { name: `Choose files for model ${side}` }).evaluate(
    (element, { head, size }) => {
      const start = Uint8Array.from(atob(head), (c) => c.charCodeAt(0));
      const block = start.slice(-512 * 1024);
      const parts: Uint8Array<ArrayBuffer>[] = [start];
      let have = start.length;
      while (have < size) {
        const part = block.subarray(0, Math.min(block.length, size - have));
        parts.push(part);
        have += part.length;
      }
      const transfer = new DataTransfer();
      transfer.items.add(new File(parts, 'model.safetensors'));
      const input = element as HTMLInputElement;
      input.files = transfer.files;
      input.dispatchEvent(new Event('change', { bubbles: true }));
    },
    { head, size: bytes.length },
  );
}

test('two things dropped on the page become A and B; what is dropped on a place stays there', async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-'));
  const file = (name: string): string => {
    writeFileSync(join(folder, name), new Uint8Array(16));
    return join(folder, name);
  };
  // A script's own drop carries no entries of a file system: the browser itself has to drop.
  const browser = await page.context().newCDPSession(page);
  const drop = async (at: Locator, files: readonly string[]): Promise<void> => {
    const { x, y } = (await at.boundingBox())!;
    const data = { items: [], files: [...files], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await browser.send('Input.dispatchDragEvent', { type, x: x + 20, y: y + 10, data });
    }
  };
  await page.goto('/#/compare');
  const places = page.locator('.side');
  await drop(sentence(page), [file('a.safetensors'), file('b.safetensors')]);
  await expect(places.nth(0)).toContainText('a.safetensors');
  await expect(places.nth(1)).toContainText('b.safetensors');
  await page.getByRole('button', { name: 'Choose another' }).nth(1).click();
  await drop(places.nth(1), [file('c.safetensors')]);
  await expect(places.nth(1)).toContainText('c.safetensors');
  await page.getByRole('button', { name: 'Swap A and B' }).click();
  await expect(places.nth(0)).toContainText('c.safetensors');
  rmSync(folder, { recursive: true });
});

test('a saved comparison opens again, is told as somebody’s, and draws the same', async ({ page }) => {
  await compare(page, llama(), withEditedTensor(llama(), EDITED, 64));
  const words = await sentence(page).innerText();
  await openSaved(page, await saved(page));
  await expect(page.getByRole('note')).toContainText('not made again here');
  await expect(sentence(page)).toHaveText(words);
});

test('a file that is no comparison is refused in words', async ({ page }) => {
  await page.goto('/#/compare');
  const file = { name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{"format":"assay-report"}') };
  await page.getByLabel('Open a saved comparison').setInputFiles(file);
  await expect(page.getByRole('alert')).toBeVisible();
});

test('the plot is saved as SVG and as PNG, the summary copied', async ({ page, problems }) => {
  await openSaved(page, COMPARISON);
  for (const [button, magic] of [
    ['Save plot as SVG', '<svg'],
    ['Save plot as PNG', '\x89PNG'],
  ] as const) {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: button }).click(),
    ]);
    expect(readFileSync(await download.path(), 'latin1').slice(0, 4)).toBe(magic);
  }
  await page.getByRole('button', { name: 'Copy summary' }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('would say “Confirmed Match”');
  expect(problems).toEqual([]);
});

test('hundreds of layers scroll inside the map, towers are tabs, experts open', async ({ page }) => {
  await openSaved(page, LARGE_COMPARISON);
  await map(page).focus();
  await page.keyboard.press('End');
  await expect(page.locator('.unseen[role=status]')).toContainText('Layer 125');
  expect(await map(page).evaluate((element) => element.scrollLeft)).toBeGreaterThan(0);
  await page.getByRole('button', { name: 'moe down, 16 experts' }).click();
  await expect(page.getByRole('application')).toHaveCount(2);
  await page.getByRole('tab', { name: /^text/ }).press('ArrowRight');
  await expect(page.getByRole('tab', { name: /^vision/ })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('application')).toHaveCount(1);
});

test('the way from a report: its model becomes A', async ({ page }) => {
  await page.goto('/');
  await page.locator('input[type=file]:not([webkitdirectory])').first().setInputFiles(given(llama()));
  await expect(page.getByRole('heading', { name: 'Exactly' })).toBeVisible();
  await page.getByRole('link', { name: /beside another model/ }).click();
  await expect(page.getByRole('heading', { name: 'Compare two models' })).toBeVisible();
  await expect(page.locator('main')).toContainText(/133.\d kB of weights, this device/);
  await pick(page, 'B', withConfig(llama(), { max_position_embeddings: 65 }));
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(sentence(page)).toHaveText(/All 21 tensors are identical/, { timeout: 30_000 });
});

test('a model that was checked before can be picked; after a reload its files are said to be gone', async ({
  page,
}) => {
  await page.goto('/');
  await page.locator('input[type=file]:not([webkitdirectory])').first().setInputFiles(given(llama()));
  await expect(page.getByRole('heading', { name: 'Exactly' })).toBeVisible();
  await page.getByRole('link', { name: 'Compare', exact: true }).click();
  const reports = page.getByLabel('Report whose model becomes model B');
  await reports.selectOption({ index: 1 });
  await expect(page.locator('.side').nth(1)).toContainText(/133.\d kB of weights, this device/);
  await page.reload();
  await reports.selectOption({ index: 1 });
  await expect(page.getByRole('alert')).toContainText('no longer at hand');
});

for (const theme of ['light', 'dark'] as const) {
  test(`no accessibility violations, in the ${theme} theme`, async ({ page }) => {
    const clean = async (): Promise<void> => {
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze();
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`),
      ).toEqual([]);
    };
    await setTheme(page, theme);
    await page.goto('/#/compare');
    await expect(sentence(page)).toBeVisible();
    await clean();
    await openSaved(page, {
      ...LARGE_COMPARISON,
      tensors: LARGE_COMPARISON.tensors.filter(({ layer }) => (layer ?? 0) < 3),
    });
    await page.getByRole('button', { name: 'moe down, 16 experts' }).click();
    await page.getByRole('button', { name: 'Show as table' }).click();
    await table(page).getByRole('button').nth(8).click();
    await clean();
  });
}

test('nothing is wider than a window of 320 px', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
  await page.goto('/#/compare');
  await expect(sentence(page)).toBeVisible();
  expect(await wide()).toBeLessThanOrEqual(320);
  await openSaved(page, LARGE_COMPARISON);
  await page.getByRole('button', { name: 'Show as table' }).click();
  await table(page).getByRole('button').nth(8).click();
  expect(await wide()).toBeLessThanOrEqual(320);
});
