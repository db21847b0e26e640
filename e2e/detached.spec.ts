import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { expect, setTheme, test } from './site.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/attestations/detached');
const folder = mkdtempSync(join(tmpdir(), 'assay-'));
const model = join(folder, 'model');
test.beforeAll(() => {
  mkdirSync(model);
  const files = {
    'model.bin': 'model.bin',
    'config.json': 'config.json',
    SHA256SUMS: 'SHA256SUMS',
    'SHA256SUMS.minisig': 'SHA256SUMS.minisig',
    'model.bin.ssh-ed25519.sig': 'model.bin.sig',
    'model.bin.asc': 'model.bin.asc',
  };
  for (const [from, to] of Object.entries(files)) cpSync(join(FIXTURES, from), join(model, to));
});
test.afterAll(() => rmSync(folder, { recursive: true }));

const key = (name: string): string => join(FIXTURES, 'keys', name);
const section = (page: Page): Locator => page.getByRole('region', { name: /^Signatures and records/ });
const steps = (page: Page): Locator => page.getByRole('region', { name: 'Step by step' });

async function open(page: Page): Promise<void> {
  await page.goto('/');
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [model], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 200, y: 300, data });
  }
  await expect(section(page)).toBeVisible();
}

async function openSteps(page: Page, path: string): Promise<void> {
  await section(page)
    .getByRole('link', { name: `Steps of ${path}` })
    .click();
  await expect(steps(page)).toBeVisible();
}

async function give(page: Page, files: readonly string[]): Promise<void> {
  await page.getByLabel(/Public keys, cert/).setInputFiles([...files]);
  await page.getByRole('button', { name: 'Check with these' }).click();
}

test('a signed checksum list vouches for the files it names, once its key is given', async ({ page, problems }) => {
  await open(page);
  await openSteps(page, 'SHA256SUMS.minisig');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('not established');
  await give(page, [key('minisign.pub')]);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Signed by minisign.pub. 3 files are as stated.');
  await expect(steps(page)).toContainText('The signed text lists 2 files');
  expect(problems).toEqual([]);
});

test('a key of another form leaves a signature open and is named', async ({ page }) => {
  await open(page);
  await openSteps(page, 'model.bin.sig');
  await give(page, [key('minisign.pub')]);
  await expect(steps(page)).toContainText('minisign.pub is no key for this');
  await give(page, [key('allowed_signers')]);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Signed by release@example.org');
  await expect(steps(page)).toContainText('Limits of the key');
});

test('an OpenPGP signature says what it claims and the command that checks it', async ({ page }) => {
  await open(page);
  await openSteps(page, 'model.bin.asc');
  await expect(steps(page)).toContainText('gpg --verify model.bin.asc model.bin');
  for (const theme of ['light', 'dark'] as const) {
    await setTheme(page, theme);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations).toEqual([]);
  }
});
