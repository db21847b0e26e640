import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensors } from '../src/core/formats/writers.suite.ts';
import { floats, GAP, given, MANY, type Given } from './contents-models.ts';
import { SAMPLE } from './sample-report.ts';
import { expect, openReport, setTheme, test } from './site.ts';

async function inside(page: Page, ...files: readonly Given[]): Promise<void> {
  await page.goto('/');
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles([...files]);
  await page.getByRole('link', { name: 'Details' }).click();
  await expect(page.getByRole('heading', { level: 1, name: /^Inside/ })).toBeFocused();
}
const view = (page: Page, name: RegExp) =>
  page.getByRole('navigation', { name: 'Parts of the contents' }).getByRole('link', { name });
const fact = (page: Page, term: string) => page.locator(`[data-values] div:has(> dt:text-is("${term}")) dd`);

test('20,000 tensors: only the rows in sight exist, and all of them are found, filtered and sorted', async ({
  page,
  problems,
}) => {
  await inside(page, MANY);
  const grid = page.getByRole('grid', { name: 'Tensors' });
  await expect(grid).toHaveAttribute('aria-rowcount', '20002');
  expect(await grid.getByRole('row').count()).toBeLessThan(60);
  const search = page.getByRole('searchbox', { name: 'Find a tensor by name or role' });
  await search.fill('LAYERS.1999');
  await expect(page.getByText('11 of 20,001 tensors')).toBeVisible();
  await search.fill('');
  await page.getByLabel('Stored type').selectOption('I32');
  await expect(page.getByText('5,000 of 20,001 tensors')).toBeVisible();
  await page.getByLabel('Stored type').selectOption('');
  await page.getByRole('button', { name: 'Bytes' }).click();
  await page.getByRole('button', { name: 'Bytes' }).click();
  await expect(page.getByRole('columnheader', { name: 'Bytes' })).toHaveAttribute('aria-sort', 'descending');
  await expect(grid.getByRole('row').nth(1)).toContainText('known.weight');
  await page.getByRole('button', { name: 'Tensor' }).click();
  await expect(grid.getByRole('row').nth(1)).toContainText('known.weight');
  await expect(grid.getByRole('row').nth(3)).toContainText('model.layers.1.mlp.weight');
  expect(problems).toEqual([]);
});

test('the table is walked by arrows, Page Down, End and Home, and Enter opens a tensor', async ({ page }) => {
  await inside(page, MANY);
  const grid = page.getByRole('grid', { name: 'Tensors' });
  await grid.getByRole('row').nth(1).focus();
  const at = () => page.evaluate(() => Number(document.activeElement?.getAttribute('aria-rowindex')));
  await page.keyboard.press('ArrowDown');
  expect(await at()).toBe(3);
  await page.keyboard.press('PageDown');
  expect(await at()).toBeGreaterThan(8);
  await page.keyboard.press('End');
  expect(await at()).toBe(20_002);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Home');
  expect(await at()).toBe(2);
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 2, name: 'known.weight' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { level: 2, name: 'known.weight' })).toHaveCount(0);
  expect(await at()).toBe(20_002);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 2, name: 'known.weight' })).toBeFocused();
  await page.goBack();
  await expect.poll(at).toBe(20_002);
});

test('values of a known tensor give known numbers, with a histogram as picture, table and file', async ({ page }) => {
  await inside(page, MANY);
  await page.getByRole('searchbox', { name: 'Find a tensor by name or role' }).fill('known');
  await page.getByRole('row', { name: /known\.weight/ }).click();
  await page.getByRole('button', { name: 'Show values' }).click();
  await expect(fact(page, 'Values')).toHaveText('1,000');
  await expect(fact(page, 'Least')).toHaveText('-2');
  await expect(fact(page, 'Most')).toHaveText('2.99');
  await expect(fact(page, 'Mean')).toHaveText('0.2475');
  await expect(fact(page, 'Standard deviation')).toHaveText('1.0502');
  await expect(fact(page, 'Zeros')).toHaveText('501 (50.1 %)');
  await expect(fact(page, 'NaN')).toHaveText('0');
  await expect(page.getByRole('img', { name: /Histogram of 64 bins from -2 to 2\.99/ })).toBeVisible();
  await page.getByText('The same as a table').click();
  const counts = await page.locator('table tbody tr td:last-child').allInnerTexts();
  expect(counts).toHaveLength(64);
  expect(counts.reduce((sum, text) => sum + Number(text.replace(',', '')), 0)).toBe(1000);
  await page.getByLabel('Logarithmic counts').check();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save as SVG' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('known.weight.histogram.svg');
  const svg = readFileSync(await download.path(), 'utf8');
  expect(svg).toContain('<svg xmlns="http://www.w3.org/2000/svg"');
  expect(svg).not.toMatch(/<script|style=/);
});

test('the map shows a planted gap of 1,024 bytes, and its bytes on demand', async ({ page, problems }) => {
  await inside(page, GAP);
  await view(page, /Map/).click();
  await expect(page.getByText('1,024 bytes belong to nothing')).toBeVisible();
  await page.getByLabel('Which parts').selectOption('unclaimed');
  const grid = page.getByRole('grid', { name: 'Parts of the file' });
  await expect(grid).toHaveAttribute('aria-rowcount', '2');
  await grid.getByRole('row', { name: /Belongs to nothing/ }).click();
  await expect(page.getByRole('heading', { level: 2, name: 'Belongs to nothing' })).toBeVisible();
  await expect(page.getByRole('cell', { name: 'AAAAAAAAAAAAAAAA' }).first()).toBeVisible();
  await page.getByRole('textbox', { name: /Go to byte/ }).fill('0x0');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('cell', { name: /^GGUF/ })).toBeVisible();
  await page.getByRole('textbox', { name: /Go to byte/ }).fill('99999999');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('no such byte');
  expect(problems).toEqual([]);
});

test('a finding leads to its place in the map, and Back leads back', async ({ page }) => {
  await inside(page, GAP);
  await view(page, /Findings/).click();
  const finding = page.getByRole('listitem').filter({ hasText: 'between tensors belong to none' });
  await finding.getByRole('link', { name: /^byte [\d,]+ \(0x[0-9a-f]+\)$/ }).click();
  await expect(page.getByRole('heading', { level: 2, name: 'Belongs to nothing' })).toBeVisible();
  await page.goBack();
  await expect(finding).toBeVisible();
});

test('a template has line numbers, what was found at its line, and no invisible character', async ({ page }) => {
  await inside(page, GAP);
  await view(page, /Tokenizer/).click();
  const template = page.getByRole('group', { name: /Template tokenizer.chat_template/ });
  await expect(template.locator('.at').nth(2)).toContainText('message.__class__');
  await expect(template.locator('.at').nth(2)).toHaveClass(/found/);
  await expect(template.getByText('Danger:')).toBeVisible();
  await expect(template.getByTitle('right-to-left override, U+202E')).toHaveText('U+202E');
  expect(await page.locator('main').innerText()).not.toContain('\u202e');
});

test('a vocabulary tells its size and special tokens, and is searched', async ({ page }) => {
  await inside(page, GAP);
  await view(page, /Tokenizer/).click();
  await expect(page.getByText('300 tokens')).toBeVisible();
  await expect(page.getByText('5: tok5')).toBeVisible();
  await page.getByRole('searchbox', { name: /Find a token/ }).fill('TOK29');
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(page.getByText('11 tokens found.')).toBeVisible();
  await expect(page.getByRole('cell', { name: 'tok299' })).toBeVisible();
});

test('metadata: reordering marks are seen, long lists are folded and counted', async ({ page }) => {
  await inside(page, GAP);
  await view(page, /Metadata/).click();
  await expect(page.getByTitle('right-to-left override, U+202E').first()).toHaveText('U+202E');
  await page.getByText('300 items').click();
  await expect(page.getByText('tok63', { exact: true })).toBeVisible();
  await expect(page.getByText('tok64', { exact: true })).toHaveCount(0);
  expect(await page.locator('main').innerText()).not.toContain('\u202e');
});

test('a model of several files: all tensors together or one file alone, and files beside the weights as trees', async ({
  page,
}) => {
  const shard = (n: number): Given =>
    given(
      `model-0000${n}-of-00002.safetensors`,
      writeSafetensors([{ name: `layer.${n}`, dtype: 'F32', shape: [2], bytes: floats([n, n]) }]),
    );
  const config = given(
    'config.json',
    Buffer.from(JSON.stringify({ model_type: 'demo', nested: { deep: [1, { x: 'y' }] } })),
  );
  await inside(page, shard(1), shard(2), config);
  await expect(page.getByRole('grid')).toHaveAttribute('aria-rowcount', '3');
  await page.getByLabel('File', { exact: true }).selectOption({ label: 'model-00002-of-00002.safetensors' });
  await expect(page.getByRole('grid')).toHaveAttribute('aria-rowcount', '2');
  await expect(page.getByRole('row', { name: /layer\.2/ })).toBeVisible();
  await view(page, /Metadata/).click();
  await page.getByLabel('File', { exact: true }).selectOption({ label: 'config.json' });
  await expect(page.getByText('model_type')).toBeVisible();
  await page.getByText('1 entry').click();
  await expect(page.getByText('deep', { exact: true })).toBeVisible();
});

test('a pickle’s imports are listed with their class and the place of their opcode', async ({ page }) => {
  // os.system('echo'), as a protocol 0 pickle; read, never loaded.
  await inside(page, given('evil.pkl', Buffer.from("cos\nsystem\n(S'echo'\ntR.")));
  await view(page, /Findings/).click();
  const row = page.getByRole('row', { name: /os\.system/ });
  await expect(row).toContainText('Dangerous');
  await expect(row).toContainText('called');
  await expect(row.getByRole('link')).toHaveText('byte 0 (0x0)');
});

test('after a reload the report still shows what was read, and says what needs the files', async ({ page }) => {
  await inside(page, GAP);
  await page.getByRole('row', { name: /blk\.0\.b/ }).click();
  await expect(page.getByRole('heading', { level: 2, name: 'blk.0.b' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { level: 2, name: 'blk.0.b' })).toBeVisible();
  await expect(page.getByText('The files are not at hand any more')).toBeVisible();
  await expect(page.getByText('Values need the files themselves')).toBeVisible();
  await view(page, /Map/).click();
  await expect(page.getByText('1,024 bytes belong to nothing')).toBeVisible();
  await view(page, /Tokenizer/).click();
  await expect(page.getByText('300 tokens')).toBeVisible();
});

test('a demo model: every view opens from its report', async ({ page, problems }) => {
  await page.goto('/');
  await page.getByRole('button', { name: /A tampered copy/ }).click();
  await page.getByRole('link', { name: 'Details' }).click();
  await expect(page.getByRole('grid', { name: 'Tensors' })).toBeVisible();
  await expect(page.getByText('attention.q').first()).toBeVisible();
  await view(page, /Map/).click();
  await expect(page.getByText('Every byte belongs to something.')).toBeVisible();
  await view(page, /Metadata/).click();
  await expect(page.getByText('random numbers, not a trained model')).toBeVisible();
  await view(page, /Tokenizer/).click();
  await expect(page.getByText('No chat template was found in these files.')).toBeVisible();
  await view(page, /Findings/).click();
  await page.getByRole('link', { name: 'Back to the report' }).click();
  await expect(page.getByRole('link', { name: 'Details' })).toBeVisible();
  expect(problems).toEqual([]);
});

test('after headers alone, values of a two-gigabyte tensor are read on demand, and stopped', async ({ page }) => {
  const elements = 2 ** 29;
  const header = JSON.stringify({
    large: { dtype: 'F32', shape: [elements], data_offsets: [0, 4 * elements] },
    small: { dtype: 'F32', shape: [2], data_offsets: [4 * elements, 4 * elements + 8] },
  });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const folder = mkdtempSync(join(tmpdir(), 'assay-'));
  const path = join(folder, 'large.safetensors');
  writeFileSync(path, Buffer.concat([length, Buffer.from(header)]));
  // A hole on disk.
  truncateSync(path, 8 + header.length + 4 * elements + 8);
  await page.goto('/');
  await page.locator('input[type=file]').first().setInputFiles(path);
  await page.getByRole('radio', { name: /Headers/ }).check();
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByRole('link', { name: 'Details' }).click();
  await expect(page.getByText('tensors have no digests')).toBeVisible();
  await page.getByRole('row', { name: /small/ }).click();
  await page.getByRole('button', { name: 'Show values' }).click();
  await expect(fact(page, 'Zeros')).toHaveText('2 (100 %)');
  await expect(page.getByText('Every value is zero')).toBeVisible();
  await page.getByRole('row', { name: /large/ }).click();
  await page.getByRole('button', { name: 'Show values' }).click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByRole('button', { name: 'Show values' })).toBeVisible();
  await expect(page.getByRole('progressbar')).toHaveCount(0);
  rmSync(folder, { recursive: true });
});

test('an address with nothing behind it says so', async ({ page }) => {
  await page.goto('/#/contents/nothing/map');
  await expect(page.getByRole('heading', { name: 'This report is not on this device' })).toBeVisible();
});

test('names from a file stay text in every view', async ({ page }) => {
  const name = '<img src=x onerror="document.title=1">';
  const file = given('x.safetensors', writeSafetensors([{ name, dtype: 'F32', shape: [1], bytes: floats([1]) }]));
  await inside(page, file);
  await page.getByRole('row', { name: /onerror/ }).click();
  for (const one of [/Tensors/, /Map/, /Metadata/, /Tokenizer/, /Findings/]) {
    await view(page, one).click();
    await expect(page.locator('main img')).toHaveCount(0);
  }
  expect(await page.title()).not.toBe('1');
});

/** Every view, and what brings it up. */
const VIEWS: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  'the table': async (page) => inside(page, GAP),
  'a tensor with values': async (page) => {
    await inside(page, GAP);
    await page.getByRole('row', { name: /blk\.0\.b/ }).click();
    await page.getByRole('button', { name: 'Show values' }).click();
    await expect(fact(page, 'Mean')).toHaveText('63.5');
  },
  'the map': async (page) => {
    await inside(page, GAP);
    await view(page, /Map/).click();
    await page.getByRole('row', { name: /Belongs to nothing/ }).click();
    await expect(page.getByRole('cell', { name: /^A{8,16}$/ }).first()).toBeVisible();
  },
  'the metadata': async (page) => {
    await inside(page, GAP);
    await view(page, /Metadata/).click();
    await page.getByText('300 items').click();
  },
  'the texts': async (page) => {
    await inside(page, GAP);
    await view(page, /Tokenizer/).click();
    await expect(page.getByText('300 tokens')).toBeVisible();
  },
  'the findings': async (page) => {
    await inside(page, given('evil.pkl', Buffer.from("cos\nsystem\n(S'echo'\ntR.")));
    await view(page, /Findings/).click();
  },
  'a kept report': async (page) => {
    await openReport(page, SAMPLE);
    await page.getByRole('link', { name: 'Details' }).click();
    await expect(page.getByRole('grid')).toBeVisible();
  },
};

for (const theme of ['light', 'dark'] as const) {
  test(`no view of the contents has accessibility violations in the ${theme} theme`, async ({ page }) => {
    test.setTimeout(120_000);
    await setTheme(page, theme);
    for (const [name, show] of Object.entries(VIEWS)) {
      await show(page);
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze();
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`),
        name,
      ).toEqual([]);
    }
  });
}

test('no view of the contents is wider than a window of 320 px', async ({ page }) => {
  test.setTimeout(120_000);
  await page.setViewportSize({ width: 320, height: 640 });
  for (const [name, show] of Object.entries(VIEWS)) {
    await show(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(320);
  }
});
