/** Bills of SPDX in the built site: what they say of the model, and what they do not say. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { put, weights } from './attested-folder.ts';
import { expect, setTheme, test } from './site.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-'));
const FIXTURE = readFileSync(join(import.meta.dirname, '../fixtures/spdx/tiny.spdx3.json'), 'utf8');

test.beforeAll(() => {
  const bytes = weights(1);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const bill = FIXTURE.replace('model.bin', 'model.safetensors').replace(
    /"hashValue": "[0-9a-f]+"/,
    `"hashValue": "${sha256}"`,
  );
  const config = (vocab_size: number): string => JSON.stringify({ model_type: 'llama', vocab_size });
  // The fixture states bfloat16, which these weights are not: only what it says of the vocabulary is of interest here.
  const quiet = bill.replace('"dtype"', '"note"').replace('Example Models', 'Example “Models” \u202eof nobody');
  put(join(folder, 'true'), { 'model.safetensors': bytes, 'config.json': config(512), 'tiny.spdx3.json': quiet });
  put(join(folder, 'lying'), { 'model.safetensors': bytes, 'config.json': config(32000), 'tiny.spdx3.json': quiet });
});
test.afterAll(() => rmSync(folder, { recursive: true }));

async function open(page: Page, model: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await page.goto('/');
  const data = { items: [], files: [join(folder, model)], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 200, y: 300, data });
  }
  await page.getByRole('link', { name: 'Steps of tiny.spdx3.json' }).click();
}

test('a bill of SPDX is held against files and configuration, and what it does not say is listed', async ({
  page,
  problems,
}) => {
  await open(page, 'true');
  const steps = page.getByRole('region', { name: 'Step by step' });
  await expect(steps).toContainText('What it says of the model agrees with what lies here.');
  const said = page.getByRole('region', { name: 'What the bill says' });
  await expect(said).toContainText('It says 20 of the 21 things that people expect');
  await expect(said.getByRole('row', { name: /A strong hash for every weights file/ })).toContainText('1 of 1 file');
  await expect(said.getByRole('row', { name: /Ethical considerations/ })).toContainText('not said');
  // A name cannot turn the rest of its line around.
  await expect(said.getByRole('row', { name: /Who supplies it/ })).not.toContainText('\u202e');
  for (const [theme, width] of [
    ['light', 1280],
    ['dark', 390],
  ] as const) {
    await setTheme(page, theme);
    await page.setViewportSize({ width, height: 900 });
    const found = await new AxeBuilder({ page }).include('main').analyze();
    expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    const shots = process.env['ASSAY_SHOTS'];
    if (shots !== undefined) await said.screenshot({ path: join(shots, `completeness-${theme}-${width}.png`) });
  }
  expect(problems).toEqual([]);
});

test('a bill that states another vocabulary than the configuration says so with both numbers', async ({ page }) => {
  await open(page, 'lying');
  const steps = page.getByRole('region', { name: 'Step by step' });
  await expect(steps).toContainText('It states 512, and config.json says 32000.');
});
