/** Models of the Hub have their publisher by their address: nobody has to name it, and a change is told by itself. */
import { chromium, type Browser, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { browserFlags, findBrowser } from '../scripts/find-browser.mjs';
import { newKey, signed, statementOver, type TestKey } from '../src/core/claims/attestations/oms/sign.suite.ts';
import { hubFixture, type HubFixture } from './hub/fixture.ts';
import { expect, test } from './site.ts';

/** Of the test certificate in `e2e/tls`. */
const SPKI = 'HYl/hXHFCaoxAnx6aGiHNBlNOMgDb2my/17zGNOeWso=';
const weights = readFileSync(join(import.meta.dirname, '../public/demo/good/model.safetensors'));
const key = newKey();

let hub: HubFixture;
let browser: Browser;

async function publish(repo: string, by: TestKey | null): Promise<void> {
  await hub.put(`${repo}/main/model.safetensors`, weights);
  if (by === null) return;
  const signature = signed(statementOver({ 'model.safetensors': weights }), by);
  await hub.put(`${repo}/main/model.sig`, Buffer.from(signature));
}

test.beforeAll(async () => {
  hub = await hubFixture({ tls: true });
  await publish('acme/first', key);
  await publish('acme/second', newKey());
  await publish('acme/bare', null);
  const map = `MAP huggingface.co 127.0.0.1:${hub.hub.port}, MAP *.hf.co 127.0.0.1:${hub.hub.port}`;
  browser = await chromium.launch({
    executablePath: findBrowser(),
    args: [...browserFlags(), `--host-resolver-rules=${map}`, `--ignore-certificate-errors-spki-list=${SPKI}`],
  });
});
test.afterAll(async () => {
  await browser.close();
  await hub.close();
});

async function check(page: Page, repo: string): Promise<void> {
  await page.goto(`/?repo=${repo}&revision=main&depth=full`);
  await page.getByRole('button', { name: /^start/i }).click();
  await expect(page.getByRole('heading', { name: 'Exactly' })).toBeVisible({ timeout: 45_000 });
}

test('who signs for a namespace of the Hub is remembered, expected once accepted, and missed when absent', async ({
  site,
}) => {
  test.setTimeout(150_000);
  const page = await browser.newPage({ baseURL: site.url });
  await check(page, 'acme/first');
  await page.getByLabel(/Public keys, cert/).setInputFiles({
    name: 'release.pem',
    mimeType: 'text/plain',
    buffer: Buffer.from(key.pem),
  });
  await page.getByLabel(/Remember for acme/).check();
  await page.getByRole('button', { name: 'Check with these' }).click();
  const memory = page.getByRole('region', { name: 'Signers of acme' });
  await expect(memory).toContainText('This is the first time that a signature by release.pem');
  await expect(memory).toContainText('expected; accepted on');

  // The key is taken from the memory, and the other signature is not by it.
  await check(page, 'acme/second');
  await expect(page.getByRole('heading', { level: 1 })).toContainText(
    'Not signed with the key that you accepted for acme',
  );
  await expect(memory.getByRole('alert')).toContainText('another key was used');

  await check(page, 'acme/bare');
  await expect(page.locator('main')).toContainText('No signature, although models of acme were signed before');
  await page.close();
});
