/** The Checkpoints screen on the built site: a real run, forged ones, order by keyboard, stop, both themes. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { interpolated, SHAPES, train, type Weights } from '../src/core/checkpoints/train.suite.ts';
import { expect, setTheme, test } from './site.ts';
import { largeModel } from './tiny-models.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-'));
test.afterAll(() => rmSync(folder, { recursive: true }));

const SETTING = {
  seed: 3,
  optimizer: 'adamw',
  rate: 3e-3,
  schedule: 'cosine',
  warmup: 40,
  steps: 240,
  every: 24,
  batch: 8,
  labelNoise: 0.1,
  decay: 0.1,
} as const;
const RUN = train(SETTING);

/** As a safetensors file of F32. */
function stored(weights: Weights): Buffer {
  let at = 0;
  const entries = [...weights].map(([name, values]) => {
    const entry = { dtype: 'F32', shape: SHAPES[name], data_offsets: [at, at + values.byteLength] };
    at += values.byteLength;
    return [name, entry];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, ...[...weights.values()].map((values) => Buffer.from(values.slice().buffer))]);
}

/** A folder with one folder for each checkpoint. */
function onDisk(name: string, run: readonly Weights[]): string {
  for (const [i, weights] of run.entries()) write(join(name, `step${i * 24}`, 'model.safetensors'), stored(weights));
  return join(folder, name);
}

function write(path: string, bytes: Buffer | string): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  return file;
}

const heading = (page: Page) => page.locator('main').getByRole('heading', { level: 1 });
const list = (page: Page) => page.getByRole('region', { name: 'Their order' }).getByRole('listitem');

async function choose(page: Page, path: string): Promise<void> {
  await page.goto('/#/checkpoints');
  await page.locator('input[webkitdirectory]').setInputFiles(path);
  await expect(list(page).first()).toBeVisible();
}

async function look(page: Page, path: string): Promise<void> {
  await choose(page, path);
  await page.getByRole('button', { name: 'Look at the sequence' }).click();
  await expect(page.getByRole('heading', { name: 'Checks', exact: true })).toBeVisible();
}

test('a real run is called consistent and no more, with its plots, their table and a picture to keep', async ({
  page,
  problems,
}) => {
  await page.goto('/');
  await page.getByRole('link', { name: 'Look at training checkpoints' }).click();
  await look(page, onDisk('honest', RUN));
  await expect(heading(page)).toBeFocused();
  await expect(heading(page)).toHaveText(
    'No inconsistency found in 11 checkpoints. This is no proof of training data.',
  );
  await expect(page.getByRole('note')).toContainText('forgeable');
  await expect(page.locator('main')).not.toContainText(/\b(proves|safe|trusted)\b/i);
  await expect(page.getByRole('img', { name: /Length of each update/ })).toBeVisible();
  const rows = page.getByRole('region', { name: 'Checkpoints and the updates between them' }).getByRole('row');
  await expect(rows).toHaveCount(12);
  await expect(page.getByRole('region', { name: /part by part/ }).getByRole('row')).toHaveCount(3);
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the plots as SVG' }).click();
  const svg = readFileSync(await (await saving).path(), 'utf8');
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  expect(svg.match(/<rect /g)).toHaveLength(11);
  expect(problems).toEqual([]);
});

test('a straight line is told as unusual, a frozen part that moved as contradicted', async ({ page }) => {
  const line = interpolated(
    RUN[0]!,
    RUN.at(-1)!,
    RUN.map((_, i) => i / (RUN.length - 1)),
  );
  await choose(page, onDisk('line', line));
  const recipe = write('recipe.json', JSON.stringify({ frozen: ['layers.0.bias'] }));
  await page.getByLabel('Choose a recipe').setInputFiles(recipe);
  await page.getByRole('button', { name: 'Look at the sequence' }).click();
  await expect(heading(page)).toHaveText(/frozen parts contradicts/);
  await expect(page.getByRole('list', { name: /Contradicted/ })).toContainText('layers.0.bias changed');
  const unusual = page.getByRole('list', { name: /Unusual/ });
  await expect(unusual).toContainText('Consistent with interpolation');
  await page.getByRole('button', { name: 'Back to the list' }).click();
  await expect(page.getByText('recipe.json')).toBeVisible();
  await page.getByRole('button', { name: 'Leave it out' }).click();
  await page.getByLabel('Choose a recipe').setInputFiles(write('bad.json', '{"frozzen":[]}'));
  await page.getByRole('button', { name: 'Look at the sequence' }).click();
  await expect(page.getByRole('alert')).toContainText('frozzen');
});

test('the order is shown with its reason, changed by keyboard, and goes with the focus', async ({ page }) => {
  await choose(page, onDisk('order', RUN.slice(0, 4)));
  const order = page.getByRole('region', { name: 'Their order' });
  await expect(order).toContainText('In the order of the steps in their names.');
  await expect(list(page)).toContainText(['step0', 'step24', 'step48', 'step72']);
  await page.getByRole('button', { name: 'Move step24 down' }).focus();
  await page.keyboard.press('Enter');
  await expect(list(page)).toContainText(['step0', 'step48', 'step24', 'step72']);
  await expect(page.getByRole('button', { name: 'Move step24 down' })).toBeFocused();
  await page.keyboard.press('Enter');
  // At the end there is no way down: the focus stays with the row.
  await expect(page.getByRole('button', { name: 'Move step24 up' })).toBeFocused();
  await expect(page.locator('[role=status].unseen')).toHaveText(/step24 is now number 4 of 4/);
  await expect(order).toContainText('In the order you gave');
  await page.getByRole('button', { name: 'Order by name' }).click();
  await expect(list(page)).toContainText(['step0', 'step24', 'step48', 'step72']);
});

test('files of several checkpoints are told apart, and one alone is no sequence', async ({ page }) => {
  await page.goto('/#/checkpoints');
  const files = RUN.slice(0, 3).map((weights, i) => ({
    name: `ckpt_${[100, 20, 3][i]}.safetensors`,
    mimeType: 'application/octet-stream',
    buffer: stored(weights),
  }));
  await page.getByLabel('Choose files').setInputFiles(files.slice(0, 1));
  await expect(page.getByRole('alert')).toContainText('There is one checkpoint only');
  await page.getByLabel('Add files').setInputFiles(files.slice(1));
  await expect(list(page)).toContainText(['ckpt_3', 'ckpt_20', 'ckpt_100']);
});

test('a long reading can be stopped, and says what it came to', async ({ page }) => {
  for (const i of [0, 1, 2])
    write(`long/step${i}/model.safetensors`, largeModel(96 * 2 ** 20, i)['model.safetensors']!);
  await choose(page, join(folder, 'long'));
  await page.getByRole('button', { name: 'Look at the sequence' }).click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(heading(page)).toHaveText(/you stopped before everything was read|Training checkpoints/);
});

for (const theme of ['light', 'dark'] as const) {
  test(`picking and result have no accessibility problem and fit 320 px, ${theme}`, async ({ page }) => {
    await setTheme(page, theme);
    const path = onDisk('axe', [...RUN.slice(0, 5), ...train({ ...SETTING, seed: 9 }).slice(5)]);
    await choose(page, path);
    for (const step of ['setup', 'result']) {
      if (step === 'result') {
        await page.getByRole('button', { name: 'Look at the sequence' }).click();
        await expect(page.getByRole('heading', { name: 'Checks', exact: true })).toBeVisible();
      }
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      await page.setViewportSize({ width: 320, height: 800 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
      await page.setViewportSize({ width: 1280, height: 900 });
    }
  });
}
