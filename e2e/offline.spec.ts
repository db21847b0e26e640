import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { serve } from '../scripts/serve.mjs';
import { buildDatabase } from '../src/core/db/build.ts';
import { expect, siteFolder, test } from './site.ts';

const demo = join(import.meta.dirname, '../public/demo');
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

/** A site of its own, which may be changed and switched off; its database knows the good demo model. */
let folder: string;
let site: Awaited<ReturnType<typeof serve>>;
test.beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-site-'));
  cpSync(siteFolder, folder, { recursive: true });
  const known = {
    sha256: Buffer.from(sha256(readFileSync(join(demo, 'good/model.safetensors')))).toString('hex'),
    size: null,
    sightings: [
      {
        repo: 'hf:acme/demo',
        file: 'weights.safetensors',
        revision: 'c'.repeat(40),
        license: 'mit',
        source: 0,
        trust: 'commit' as const,
        moved: true,
        old: false,
        disputed: false,
      },
    ],
  };
  const sources = [
    { name: 'A list', url: 'https://example.org/list', revision: '1', license: 'CC0-1.0', read: '2026-11-01' },
  ];
  const database = await buildDatabase(
    { files: [known], sources, sequence: 1, created: '2026-11-20', tool: 'test' },
    async (bytes) => sha256(bytes),
  );
  for (const [path, bytes] of database) writeFileSync(join(folder, 'db', path), bytes);
  site = await serve({ dir: folder });
});
test.afterEach(async () => {
  await site.close().catch(() => {});
  rmSync(folder, { recursive: true, force: true });
});

async function visit(page: Page): Promise<void> {
  await page.goto(site.url);
  await expect(page.getByText('Ready to work offline')).toBeVisible({ timeout: 30_000 });
}

async function switchOff(page: Page): Promise<void> {
  await site.close();
  await page.context().setOffline(true);
}

test('after one visit, with the server gone, a model gets its full report with the look-up of known files', async ({
  page,
}) => {
  await visit(page);
  await switchOff(page);
  await page.reload();
  await expect(page.getByText('You are offline')).toBeVisible();
  await page.locator('input[webkitdirectory]').setInputFiles(join(demo, 'good'));
  await expect(page.getByRole('heading', { name: 'Exactly' })).toBeVisible();
  await expect(page.getByRole('img', { name: 'Verified' }).first()).toBeVisible();
  const known = page.getByRole('region', { name: /Published before/ });
  await expect(known).toContainText('these bytes were published as');
  await expect(known).toContainText('weights.safetensors');
  await expect(known).toContainText('The branch it was read from has moved on since.');
  await expect(known.getByRole('link', { name: 'A list' })).toHaveAttribute('href', 'https://example.org/list');

  await page.getByLabel('Repository or digest to compare with').fill('org/name');
  await page.keyboard.press('Enter');
  const open = page.getByRole('region', { name: /^Could not be checked/ });
  await expect(open).toContainText('org/name');
  await expect(open).toContainText(/offline|network/);
  await expect(page.getByRole('region', { name: /^Verified/ })).toContainText('SHA256SUMS');

  await page.reload();
  await expect(page.getByRole('heading', { name: 'Exactly' })).toBeVisible();
});

test('after one visit every screen and the demo models work without a network', async ({ page }) => {
  await visit(page);
  await switchOff(page);
  await page.reload();
  await page.getByRole('button', { name: /A tampered copy/ }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('does not have');
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByText('Ready to work offline: the program and the whole database')).toBeVisible();
  await page.goto(`${site.url}?repo=org/name`);
  await expect(page.getByRole('alert')).toContainText(/offline|network/, { timeout: 15_000 });
});

test('a file in a database that was changed on the way is refused by name and not used', async ({ page }) => {
  const weights = readFileSync(join(demo, 'good/model.safetensors'));
  const shard = `files/${createHash('sha256').update(weights).digest('hex').slice(0, 2)}.json`;
  appendFileSync(join(folder, 'db', shard), ' ');
  await visit(page);
  await page.locator('input[type=file]').first().setInputFiles(join(demo, 'good/model.safetensors'));
  const open = page.getByRole('region', { name: /^Could not be checked/ });
  await expect(open).toContainText(shard);
  await expect(page.getByRole('region', { name: /Published before/ })).toHaveCount(0);
});

test('the service worker adds the policy to the page as a header, and leaves other hosts alone', async ({ page }) => {
  await visit(page);
  const answer = await page.reload();
  expect(answer?.fromServiceWorker()).toBe(true);
  expect(answer?.headers()['content-security-policy']).toContain("default-src 'none'");
  const worker = readFileSync(join(folder, 'service-worker.js'), 'utf8');
  expect(worker).not.toContain('huggingface.co/api');
});

test('an update is offered and waits until the person takes it', async ({ page }) => {
  await visit(page);
  const index = join(folder, 'index.html');
  writeFileSync(index, readFileSync(index, 'utf8').replace('<title>', '<title>New '));
  const worker = join(folder, 'service-worker.js');
  const text = readFileSync(worker, 'utf8');
  const next = text.replace(
    /(["']?url["']?:\s*["']index\.html["'],\s*["']?revision["']?:\s*["'])[0-9a-f]+|(["']?revision["']?:\s*["'])[0-9a-f]+(["'],\s*["']?url["']?:\s*["']index\.html)/,
    '$1$2fedcba$3',
  );
  expect(next).not.toBe(text);
  writeFileSync(worker, next);
  await page.goto(`${site.url}#/settings`);
  await page.getByRole('button', { name: 'Look for a newer version' }).click();
  await expect(page.getByText('A newer version is ready.')).toBeVisible();
  // Still the old one, also for a page opened now.
  await page.reload();
  expect(await page.evaluate(() => document.querySelector('meta[name=description]') !== null)).toBe(true);
  await page.getByRole('button', { name: 'Reload into it' }).click();
  await expect(page.getByText('A newer version is ready.')).toBeHidden();
  await page.goto(site.url);
  await expect(page.getByText('Ready to work offline')).toBeVisible({ timeout: 30_000 });
});

test('the site works below any path of a host', async ({ page }) => {
  const below = await serve({ dir: folder, prefix: '/some/place/' });
  try {
    await page.goto(below.url);
    await page.getByRole('button', { name: /A good copy/ }).click();
    await expect(page.getByRole('heading', { name: 'Exactly' })).toBeVisible();
    await expect(page).toHaveURL(/\/some\/place\/#\/report\//);
  } finally {
    await below.close();
  }
});
