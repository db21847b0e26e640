import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { newKey, signed, statementOver } from '../src/core/claims/attestations/oms/sign.suite.ts';
import { expect, setTheme, test } from './site.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-'));
const model = join(folder, 'signed');
const key = newKey();
const keyFile = join(folder, 'release.pem');
test.beforeAll(() => {
  mkdirSync(model);
  const weights = readFileSync(join(import.meta.dirname, '../public/demo/good/model.safetensors'));
  writeFileSync(join(model, 'model.safetensors'), weights);
  writeFileSync(join(model, 'model.sig'), signed(statementOver({ 'model.safetensors': weights }), key));
  writeFileSync(keyFile, key.pem);
});
test.afterAll(() => rmSync(folder, { recursive: true }));

async function drop(page: Page, files: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 200, y: 300, data });
  }
}

const section = (page: Page) => page.getByRole('region', { name: /^Signatures and records/ });

test('a signature without a key leaves the signer open; with the key it holds, and nothing is read again', async ({
  page,
  problems,
}) => {
  await page.goto('/');
  await drop(page, [model]);
  await expect(section(page)).toContainText('not established');
  await expect(section(page)).toContainText('No public key was given');
  await section(page)
    .getByLabel(/Public keys, cert/)
    .setInputFiles(keyFile);
  await section(page).getByRole('button', { name: 'Check with these' }).click();
  await expect(section(page)).toContainText('Signed by release.pem. 1 file is as stated.');
  await expect(page.getByText('Signed by release.pem').first()).toBeVisible();
  await section(page).getByText('As data').click();
  await expect(section(page).locator('pre')).toContainText('"outcome": "matches"');
  expect(problems).toEqual([]);
});

test('another key is told from the right one', async ({ page }) => {
  const other = join(folder, 'other.pem');
  writeFileSync(other, newKey().pem);
  await page.goto('/');
  await drop(page, [model]);
  await section(page)
    .getByLabel(/Public keys, cert/)
    .setInputFiles(other);
  await section(page).getByRole('button', { name: 'Check with these' }).click();
  await expect(section(page)).toContainText('signed with another key');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

for (const theme of ['light', 'dark'] as const) {
  test(`the section has no accessibility fault in ${theme}`, async ({ page }) => {
    await setTheme(page, theme);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto('/');
    await drop(page, [model]);
    await expect(section(page)).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).include('section:has(#attestations)').analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });
}
