/** Bills of materials in the built site: their validators are generated code, and the page lets none be made. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { put, weights } from './attested-folder.ts';
import { expect, test } from './site.ts';

const VERSIONS = ['1.5', '1.6', '1.7'];
const folder = mkdtempSync(join(tmpdir(), 'assay-'));
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const bill = (version: string, content: string, more: object = {}): string =>
  JSON.stringify({
    bomFormat: 'CycloneDX',
    specVersion: version,
    components: [{ type: 'file', name: 'model.safetensors', hashes: [{ alg: 'SHA-256', content }] }],
    ...more,
  });

test.beforeAll(() => {
  const bytes = weights(1);
  for (const version of VERSIONS) {
    put(join(folder, version), { 'model.safetensors': bytes, 'bom.json': bill(version, sha256(bytes)) });
  }
  put(join(folder, 'other'), { 'model.safetensors': bytes, 'bom.json': bill('1.6', '00'.repeat(32)) });
  put(join(folder, 'broken'), { 'model.safetensors': bytes, 'bom.json': bill('1.6', sha256(bytes), { surprise: 1 }) });
});
test.afterAll(() => rmSync(folder, { recursive: true }));

async function open(page: Page, model: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await page.goto('/');
  const data = { items: [], files: [join(folder, model)], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 200, y: 300, data });
  }
  await page.getByRole('link', { name: 'Steps of bom.json' }).click();
}

for (const version of VERSIONS) {
  test(`a bill of CycloneDX ${version} is held against its schema without making code from text`, async ({
    page,
    problems,
  }) => {
    await open(page, version);
    const steps = page.getByRole('region', { name: 'Step by step' });
    await expect(steps).toContainText('It keeps to the rules of its standard.');
    await expect(page.getByText('Nobody signed it').first()).toBeVisible();
    expect(problems).toEqual([]);
  });
}

test('a bill with another hash names the file, and one that breaks its schema the place', async ({ page }) => {
  await open(page, 'other');
  await expect(page.getByText('Another hash than the stated one: model.safetensors.').first()).toBeVisible();
  await open(page, 'broken');
  await expect(
    page.getByText('There is a field surprise, which the standard does not have there').first(),
  ).toBeVisible();
});
