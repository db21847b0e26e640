/**
 * Settings, "Trust roots": what signatures are checked with. Sigstore's repository is a double under its real name, with
 * its real metadata of 21 August 2026, so that the real policy, keys and signatures apply.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type Page } from '@playwright/test';
import { browserFlags, findBrowser } from '../scripts/find-browser.mjs';
import { newKey, signed, statementOver } from '../src/core/claims/attestations/oms/sign.suite.ts';
import { newInstance } from '../src/core/claims/attestations/sigstore/instance.suite.ts';
import { expect, setTheme, test } from './site.ts';

const SPKI = 'HYl/hXHFCaoxAnx6aGiHNBlNOMgDb2my/17zGNOeWso=';
const HOST = 'tuf-repo-cdn.sigstore.dev';
/** A day on which that metadata was good. */
const GOOD_DAY = '2026-08-25T12:00:00Z';

const SHIPPED = '6494e21ea73fa7ee769f85f57d5a3e6a08725eae1e38c755fc3517c9e6bc0b66';

interface Seed {
  readonly 'root.json': string;
  readonly targets: { readonly 'trusted_root.json': string };
}

const folder = mkdtempSync(join(tmpdir(), 'assay-trust-'));
const model = join(folder, 'signed');
const key = newKey();
const keyFile = join(folder, 'release.pem');
const asked: string[] = [];
const files = new Map<string, Uint8Array>();
let server: https.Server;
let browser: Browser;

test.beforeAll(async () => {
  mkdirSync(model);
  const weights = readFileSync(join(import.meta.dirname, '../public/demo/good/model.safetensors'));
  writeFileSync(join(model, 'model.safetensors'), weights);
  writeFileSync(join(model, 'model.sig'), signed(statementOver({ 'model.safetensors': weights }), key));
  writeFileSync(keyFile, key.pem);

  const fixture = join(import.meta.dirname, '../fixtures/tuf/sigstore-2026-08-21.json.gz');
  const metadata = JSON.parse(gunzipSync(readFileSync(fixture)).toString()) as Readonly<Record<string, string>>;
  for (const [name, text] of Object.entries(metadata)) files.set(name, Buffer.from(text));
  const seeds = readFileSync(join(import.meta.dirname, '../node_modules/@sigstore/tuf/seeds.json'), 'utf8');
  const shipped = (JSON.parse(seeds) as Readonly<Record<string, Seed>>)[`https://${HOST}`]!;
  files.set('16.root.json', Buffer.from(shipped['root.json'], 'base64'));
  files.set(`targets/${SHIPPED}.trusted_root.json`, Buffer.from(shipped.targets['trusted_root.json'], 'base64'));

  const tls = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'tls', name));
  server = https.createServer({ key: tls('key.pem'), cert: tls('cert.pem') }, (request, response) => {
    const path = (request.url ?? '/').slice(1);
    asked.push(path);
    const found = files.get(path);
    // As file stores do: no permission for other sites on what is not there.
    if (found === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'access-control-allow-origin': '*' }).end(found);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  browser = await chromium.launch({
    executablePath: findBrowser(),
    args: [
      ...browserFlags(),
      `--host-resolver-rules=MAP ${HOST} 127.0.0.1:${port}`,
      `--ignore-certificate-errors-spki-list=${SPKI}`,
    ],
  });
});
test.afterAll(async () => {
  await browser.close();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});
test.beforeEach(() => asked.splice(0));

const section = (page: Page) => page.locator('section:has(#trust)');

async function settings(page: Page): Promise<void> {
  await page.goto('/#/settings');
  await expect(section(page)).toContainText('SHA-256');
}

async function drop(page: Page, ...paths: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 200, y: 300, data });
  }
}

test('the shipped trust root is shown with its day and digest, and nobody is asked', async ({ baseURL }) => {
  const page = await browser.newPage({ baseURL: baseURL! });
  await settings(page);
  await expect(section(page)).toContainText('Shipped with this version, dated 5 November 2026');
  await expect(section(page)).toContainText('6494e21e');
  await expect(section(page).getByLabel('Update once a day when online')).not.toBeChecked();
  expect(asked).toEqual([]);
  await page.close();
});

test('an update follows Sigstore’s own metadata to the trust root, in the browser', async ({ baseURL }) => {
  const page = await browser.newPage({ baseURL: baseURL! });
  await page.clock.setFixedTime(GOOD_DAY);
  await settings(page);
  await section(page).getByRole('button', { name: 'Update now' }).click();
  await expect(section(page)).toContainText('Asked just now: nothing newer.');
  expect(asked.filter((path) => path !== '17.root.json')).toEqual([
    'timestamp.json',
    '165.snapshot.json',
    '14.targets.json',
    `targets/${SHIPPED}.trusted_root.json`,
  ]);
  await expect(page.getByRole('region', { name: /^Requests/ })).toContainText(`${HOST}/timestamp.json`);
  await page.close();
});

test('a repository that is held back on purpose is told by its old timestamp, and what was there stays', async ({
  baseURL,
}) => {
  const page = await browser.newPage({ baseURL: baseURL! });
  await page.clock.setFixedTime('2026-11-21T12:00:00Z');
  await settings(page);
  await section(page).getByRole('button', { name: 'Update now' }).click();
  await expect(section(page).getByRole('alert')).toContainText('timestamp is out of date');
  await expect(section(page).getByRole('alert')).toContainText('TRUST_EXPIRED');
  await expect(section(page)).toContainText('Shipped with this version');
  await page.close();
});

test('a changed trust root is refused', async ({ baseURL }) => {
  const path = [...files.keys()].find((name) => name.startsWith('targets/'))!;
  const good = files.get(path)!;
  files.set(path, Buffer.from(Buffer.from(good).toString().replace('2021-01-12', '2020-01-12')));
  const page = await browser.newPage({ baseURL: baseURL! });
  await page.clock.setFixedTime(GOOD_DAY);
  await settings(page);
  await section(page).getByRole('button', { name: 'Update now' }).click();
  await expect(section(page).getByRole('alert')).toContainText('TRUST_HASH');
  files.set(path, good);
  await page.close();
});

test('a key that is kept under a name is used by later checks, survives a reload, and can be removed', async ({
  page,
  problems,
}) => {
  await settings(page);
  await section(page)
    .getByLabel(/: another instance/)
    .setInputFiles(keyFile);
  await section(page).getByLabel('What you call it').fill('The publisher');
  await section(page).getByRole('button', { name: 'Keep it' }).click();
  await expect(section(page).getByRole('listitem')).toContainText('The publisher');
  await page.reload();
  await expect(section(page).getByRole('listitem')).toContainText('public key, added');

  await page.goto('/#/');
  await drop(page, model);
  const signatures = page.getByRole('region', { name: /^Signatures and records/ });
  await expect(signatures).toContainText('Signed by The publisher');

  await settings(page);
  await section(page).getByRole('button', { name: 'Remove The publisher' }).click();
  await expect(section(page)).toContainText('Nothing yet.');
  expect(problems).toEqual([]);
});

test('a bundle newer than the trust root is left open, Settings says so, and a kept instance makes it hold', async ({
  page,
}) => {
  const instance = await newInstance();
  const logged = join(folder, 'logged');
  const weights = readFileSync(join(model, 'model.safetensors'));
  const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1000);
  const bundle = await instance.signFile(weights, { identity: 'release@example.test', at: yesterday });
  mkdirSync(logged);
  writeFileSync(join(logged, 'model.safetensors'), weights);
  writeFileSync(join(logged, 'model.safetensors.sigstore.json'), JSON.stringify(bundle));
  const root = join(folder, 'trusted_root.json');
  writeFileSync(root, instance.trustedRoot);
  const signatures = page.getByRole('region', { name: /^Signatures and records/ });

  await page.goto('/');
  await drop(page, logged);
  await expect(signatures).toContainText('The trust root is older than this signature');

  await settings(page);
  await expect(section(page)).toContainText('names an authority or log that this trust root does not know');
  await section(page)
    .getByLabel(/: another instance/)
    .setInputFiles(root);
  await section(page).getByLabel('What you call it').fill('Our own Sigstore');
  await section(page).getByRole('button', { name: 'Keep it' }).click();
  await expect(section(page).getByRole('listitem')).toContainText('Sigstore trust root, added');

  await page.goto('/#/');
  await drop(page, logged);
  // It holds; whom to expect was not said.
  await expect(signatures).toContainText('Who signed is not established');
  await expect(signatures).toContainText('you gave Our own Sigstore');
});

test('a private key is not kept', async ({ page }) => {
  const secret = join(folder, 'secret.pem');
  writeFileSync(secret, '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n');
  await settings(page);
  await section(page)
    .getByLabel(/: another instance/)
    .setInputFiles(secret);
  await section(page).getByRole('button', { name: 'Keep it' }).click();
  await expect(section(page).getByRole('alert')).toContainText('it is a private key');
  await expect(section(page)).toContainText('Nothing yet.');
});

test('without storage things are kept until the page closes, and that is said', async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(IDBFactory.prototype, 'open', {
      value: () => {
        throw new DOMException('private', 'SecurityError');
      },
    });
  });
  await settings(page);
  await section(page)
    .getByLabel(/: another instance/)
    .setInputFiles(keyFile);
  await section(page).getByRole('button', { name: 'Keep it' }).click();
  await expect(section(page).getByRole('listitem')).toContainText('release.pem');
  await expect(section(page)).toContainText('used until the page closes');
});

/** In what only checking signatures needs: Sigstore's packages, TUF, the shipped roots. */
const HEAVY = [/TIMESTAMP_ERROR/, /multiple signatures found for keyid/, /"root\.json":"ewog/];

test('a page load and a check without signatures fetch nothing of what checking signatures needs', async ({
  baseURL,
}) => {
  // The service worker stores everything for later, on purpose: here it would hide what the page itself asks for.
  const context = await browser.newContext({ baseURL: baseURL!, serviceWorkers: 'block' });
  const page = await context.newPage();
  const fetched: { readonly url: string; readonly heavy: Promise<boolean> }[] = [];
  page.on('response', (response) => {
    if (!response.url().endsWith('.js')) return;
    const heavy = response.text().then((text) => HEAVY.some((mark) => mark.test(text)));
    fetched.push({ url: response.url(), heavy });
  });
  const loaded = async (): Promise<number> =>
    (await Promise.all(fetched.map(({ heavy }) => heavy))).filter(Boolean).length;
  await page.goto('/');
  await drop(page, join(model, 'model.safetensors'));
  await expect(page.getByRole('heading', { name: 'Exactly' })).toBeVisible();
  expect(fetched.length).toBeGreaterThan(5);
  expect(await loaded()).toBe(0);
  // The same watch sees them when there is a reason.
  await settings(page);
  expect(await loaded()).toBe(0);
  await page.clock.setFixedTime(GOOD_DAY);
  await section(page).getByRole('button', { name: 'Update now' }).click();
  await expect(section(page)).toContainText('nothing newer');
  expect(await loaded()).toBe(HEAVY.length);
  await context.close();
});

for (const theme of ['light', 'dark'] as const) {
  test(`the section has no accessibility fault in ${theme}, and fits a phone`, async ({ page }) => {
    await setTheme(page, theme);
    await page.setViewportSize({ width: 390, height: 844 });
    await settings(page);
    await section(page)
      .getByLabel(/: another instance/)
      .setInputFiles(keyFile);
    await section(page).getByRole('button', { name: 'Keep it' }).click();
    await expect(section(page).getByRole('listitem')).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).include('section:has(#trust)').analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });
}
