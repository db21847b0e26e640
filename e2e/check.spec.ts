import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from './site.ts';

const demo = join(import.meta.dirname, '../public/demo');
const folder = mkdtempSync(join(tmpdir(), 'assay-'));
const large = join(folder, 'large.bin');
test.beforeAll(() => {
  writeFileSync(large, '');
  truncateSync(large, 4 * 2 ** 30);
});
test.afterAll(() => rmSync(folder, { recursive: true }));

const sentence = (page: Page) => page.getByRole('heading', { level: 1 });
const report = (page: Page) => page.getByRole('heading', { name: 'Exactly' });
const group = (page: Page, name: string) => page.getByRole('region', { name: new RegExp(`^${name}`) });

/** A drop of real files and folders, as the browser makes it from the desktop. */
async function drop(page: Page, files: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data });
  }
}

test('the good demo model is verified, by file and by tensor', async ({ page, problems }) => {
  await page.goto('/');
  await page.getByRole('button', { name: /A good copy/ }).click();
  await expect(report(page)).toBeVisible();
  await expect(page.getByRole('img', { name: 'Verified' }).first()).toBeVisible();
  await expect(sentence(page)).toContainText('SHA256SUMS');
  await expect(sentence(page)).toBeFocused();
  await expect(group(page, 'Contradicted')).toContainText('0');
  await expect(group(page, 'Verified')).toContainText('All 29 tensors');
  expect(problems).toEqual([]);
});

test('the tampered demo model is contradicted, and the one edited tensor is named', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: /A tampered copy/ }).click();
  await expect(report(page)).toBeVisible();
  await expect(sentence(page)).toContainText('model.safetensors does not have');
  await expect(group(page, 'Contradicted')).toContainText('model.layers.1.mlp.down_proj.weight');
  await expect(group(page, 'Verified')).toContainText('28 of 29 tensors');
});

test('the broken demo model is named as cut off, with the missing bytes and the first lost tensor', async ({
  page,
}) => {
  await page.goto('/');
  await page.getByRole('button', { name: /A broken download/ }).click();
  await expect(report(page)).toBeVisible();
  await expect(sentence(page)).toContainText('9.8 kB');
  await expect(sentence(page)).toContainText('model.layers.2.mlp.gate_proj.weight');
});

test('a dropped folder is read with what lies beside the weights', async ({ page }) => {
  await page.goto('/');
  await drop(page, [join(demo, 'good')]);
  await expect(report(page)).toBeVisible();
  await expect(group(page, 'Verified')).toContainText('config.json');
  await expect(page.getByRole('row', { name: /SHA256SUMS/ }).last()).toBeVisible();
});

test('a dropped file alone says that nobody states what it should be', async ({ page }) => {
  await page.goto('/');
  await drop(page, [join(demo, 'good/model.safetensors')]);
  await expect(report(page)).toBeVisible();
  await expect(group(page, 'Verified')).not.toContainText('SHA-256 that');
  await expect(page.getByRole('img', { name: 'Verified' }).first()).not.toHaveClass(/head/);
});

test('a chosen folder keeps its paths', async ({ page }) => {
  const nested = join(folder, 'nested/part');
  mkdirSync(nested, { recursive: true });
  writeFileSync(join(nested, 'a.bin'), 'a');
  writeFileSync(join(folder, 'nested/b.bin'), 'b');
  await page.goto('/');
  await page.locator('input[webkitdirectory]').setInputFiles(join(folder, 'nested'));
  await expect(report(page)).toBeVisible();
  await expect(page.getByRole('rowheader', { name: 'part/a.bin' })).toBeVisible();
  await expect(page.getByRole('rowheader', { name: 'b.bin', exact: true })).toBeVisible();
});

test('a digest given first is compared with the next file', async ({ page }) => {
  const bytes = readFileSync(join(demo, 'good/model.safetensors'));
  await page.goto('/');
  await page.locator('#model-field').fill(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
  await page.locator('#model-field').press('Enter');
  await page.locator('input[type=file]').first().setInputFiles(join(demo, 'good/model.safetensors'));
  await expect(report(page)).toBeVisible();
  await expect(group(page, 'Verified')).toContainText('digest you gave');
});

test('a report is compared with something more without reading the file again', async ({ page }) => {
  await page.goto('/');
  await page.locator('input[type=file]').first().setInputFiles(join(demo, 'good/model.safetensors'));
  await expect(report(page)).toBeVisible();
  const first = page.url();
  await page
    .locator('section')
    .filter({ hasText: 'Compare with something more' })
    .locator('input[type=file]')
    .setInputFiles(join(demo, 'tampered/SHA256SUMS'));
  await expect(page).not.toHaveURL(first);
  await expect(group(page, 'Verified')).toContainText('SHA256SUMS');
  await page.getByLabel('Repository or digest to compare with').fill('0'.repeat(64));
  await page.keyboard.press('Enter');
  await expect(group(page, 'Contradicted')).toContainText('digest you pasted');
  await expect(sentence(page)).toBeFocused();
});

test('a report survives a reload, and checking again asks for the files with its digests in hand', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: /A good copy/ }).click();
  await expect(report(page)).toBeVisible();
  await page.reload();
  await expect(report(page)).toBeVisible();
  await page.getByRole('button', { name: 'Check again' }).click();
  await expect(page.getByRole('region', { name: 'The next file will be compared with' })).toContainText(
    'Your report of',
  );
  await expect(page.getByRole('link', { name: 'Demo: a good copy' })).toBeVisible();
});

test('a large file is asked about; stopping yields a report within a second that says what was not read', async ({
  page,
}) => {
  await page.goto('/');
  await page.locator('input[type=file]').first().setInputFiles(large);
  await expect(page.getByRole('button', { name: 'Start' })).toBeVisible();
  await expect(page.locator('label.card')).toHaveCount(2);
  await page.keyboard.press('Enter');
  await expect(page.getByText(/MB\/s|GB\/s/)).toBeVisible();
  const stopped = Date.now();
  await page.keyboard.press('Escape');
  await expect(report(page)).toBeVisible();
  expect(Date.now() - stopped).toBeLessThan(1500);
  await expect(group(page, 'Could not be checked')).toContainText('You stopped before');
  await expect(page.getByRole('rowgroup').last()).toContainText('not read');
});

test('what is read out: start, quarters and the sentence, not every percent', async ({ page }) => {
  await page.addInitScript(() => {
    const said: string[] = [];
    Object.assign(window, { said });
    document.addEventListener('DOMContentLoaded', () => {
      new MutationObserver(() => {
        const text = document.querySelector('body > #app > [role=status]')?.textContent ?? '';
        if (text !== '' && said.at(-1) !== text) said.push(text);
      }).observe(document.body, { childList: true, subtree: true, characterData: true });
    });
  });
  truncateSync(large, 600e6);
  await page.goto('/');
  await page.locator('input[type=file]').first().setInputFiles(large);
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(report(page)).toBeVisible({ timeout: 40_000 });
  const said = await page.evaluate(() => (window as unknown as { said: string[] }).said);
  expect(said[0]).toBe('Reading large.bin, 0 percent');
  expect(said.at(-1)).toBe(await sentence(page).textContent());
  expect(said.slice(1, -1).every((text) => /^(25|50|75) percent$/.test(text))).toBe(true);
});

test('from an empty page to a report with the keyboard alone', async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('Tab');
  for (let i = 0; i < 30; i++) {
    const at = await page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
    if (at.startsWith('A tampered copy')) break;
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await expect(report(page)).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Check again' })).toBeFocused();
});

test('two checks one after the other do not mix', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: /A tampered copy/ }).click();
  await expect(report(page)).toBeVisible();
  await page.getByRole('link', { name: 'Check', exact: true }).click();
  await page.getByRole('button', { name: /A good copy/ }).click();
  await expect(page.getByRole('img', { name: 'Verified' }).first()).toBeVisible();
  await expect(group(page, 'Contradicted')).not.toContainText('model.safetensors');
});

test('a check goes on while another screen is looked at, and says where its report is', async ({ page }) => {
  truncateSync(large, 900e6);
  await page.goto('/');
  await page.locator('input[type=file]').first().setInputFiles(large);
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByRole('link', { name: /^Reading large.bin: \d+ %$/ })).toBeVisible();
  const ready = page.getByRole('link', { name: 'The report of large.bin is ready' });
  await expect(ready).toBeVisible({ timeout: 40_000 });
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await ready.click();
  await expect(report(page)).toBeVisible();
});

test('what is chosen during a check takes its place', async ({ page }) => {
  truncateSync(large, 4 * 2 ** 30);
  await page.goto('/');
  await page.locator('input[type=file]').first().setInputFiles(large);
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByRole('link', { name: 'Check', exact: true }).click();
  await expect(page.getByText('What you choose now takes its place.')).toBeVisible();
  await page.getByRole('button', { name: /A good copy/ }).click();
  await expect(report(page)).toBeVisible();
  await expect(page.getByRole('rowheader', { name: 'config.json' })).toBeVisible();
  await page.waitForTimeout(1500);
  await expect(page.getByRole('rowheader', { name: 'config.json' })).toBeVisible();
});

test('checking again in the same visit reads the same files once more', async ({ page }) => {
  await page.goto('/');
  await page.locator('input[type=file]').first().setInputFiles(join(demo, 'good/model.safetensors'));
  await expect(report(page)).toBeVisible();
  const first = page.url();
  await page.getByRole('button', { name: 'Check again' }).click();
  await expect(page).not.toHaveURL(first);
  await expect(report(page)).toBeVisible();
  await page.goBack();
  await expect(report(page)).toBeVisible();
  await expect(page).toHaveURL(first);
});
