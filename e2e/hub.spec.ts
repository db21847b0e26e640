/**
 * The built site against the Hub double under the Hub's real names, so that the real Content-Security-Policy applies:
 * huggingface.co and *.hf.co are mapped to this machine, and exactly the test certificate's key is accepted.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chromium, type Browser, type Page } from '@playwright/test';
import { browserFlags, findBrowser } from '../scripts/find-browser.mjs';
import type { Report } from '../src/core/report/report.ts';
import { hubFixture, type HubFixture } from './hub/fixture.ts';
import type { Wrong } from './hub/misbehaviour.ts';
import { expect, test } from './site.ts';
import { tensorDigest } from './sparse.ts';

const SPKI = 'HYl/hXHFCaoxAnx6aGiHNBlNOMgDb2my/17zGNOeWso=';
/** Leaves room for a busy machine; `large.spec.ts` holds stopping to a second. */
const STOP_WITHIN_MS = 2500;
const MiB = 2 ** 20;

/** A safetensors file with one U8 tensor of `bytes`. */
function weights(bytes: number, seed: string): Buffer {
  const entry = { w: { dtype: 'U8', shape: [bytes], data_offsets: [0, bytes] } };
  const header = Buffer.from(JSON.stringify(entry));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(bytes, seed)]);
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const model = weights(24 * MiB, 'published');
const config = '{"model_type":"llama"}\n';

let hub: HubFixture;
let browser: Browser;
let page: Page;

test.beforeAll(async () => {
  hub = await hubFixture({ tls: true });
  await hub.put('acme/tiny/main/model.safetensors', model);
  await hub.put('acme/tiny/main/config.json', config);
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
test.beforeEach(async ({ site }) => {
  hub.hub.behave();
  page = await browser.newPage({ baseURL: site.url });
});
test.afterEach(() => page.close());

async function savedReport(): Promise<Report> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: /save json/i }).click(),
  ]);
  return JSON.parse(readFileSync(await download.path(), 'utf8')) as Report;
}

/** Opens the link, chooses the full depth, waits for the report. */
async function checkFully(): Promise<Report> {
  await page.goto('/?repo=acme/tiny&revision=main&depth=full');
  await page.getByRole('button', { name: /^start/i }).click();
  await expect(page.getByRole('heading', { name: 'Exactly' })).toBeVisible({ timeout: 45_000 });
  return savedReport();
}

test('a link opens the plan of a repository at a commit, and a full check matches what is published there', async () => {
  await page.goto('/?repo=acme/tiny&revision=main');
  await expect(page.getByRole('button', { name: /^start/i })).toBeVisible();
  // The branch became a commit in the address.
  await expect(page).toHaveURL(/revision=[0-9a-f]{40}/);
  const report = await checkFully();
  expect(report.verdict.outcome).toBe('matches');
  expect(report.subject).toMatchObject({ origin: 'hub', repo: 'acme/tiny' });
  const artifact = report.artifacts.find((a) => a.path === 'model.safetensors');
  expect(artifact?.digests['sha256']).toBe(sha256(model));
  expect(artifact?.tensors[0]?.digest).toBe(tensorDigest('U8', [24 * MiB], model.subarray(-24 * MiB)));
  // Digests from the place of the files prove the transfer, no more, and the report says so.
  expect(report.checks.filter((c) => c.kind === 'file-digest').map((c) => c.source.independent)).toEqual([
    false,
    false,
  ]);
});

test('a local copy is compared with the repository without downloading it', async () => {
  const asked = hub.hub.log.length;
  await page.goto('/');
  await page.locator('#model-field').fill('acme/tiny');
  await page.goto('/');
  const tampered = Buffer.from(model);
  tampered[tampered.length - 5]! ^= 1;
  await page
    .locator('input[type=file]:not([webkitdirectory])')
    .first()
    .setInputFiles({ name: 'model.safetensors', mimeType: 'application/octet-stream', buffer: tampered });
  await expect(page.getByRole('heading', { name: 'Exactly' })).toBeVisible();
  await page
    .getByLabel(/repository|hugging face/i)
    .last()
    .fill('acme/tiny');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toContainText(/acme\/tiny/);
  const report = await savedReport();
  expect(report.verdict.outcome).toBe('contradicts');
  expect(hub.hub.log.slice(asked).filter((r) => r.path.includes('/resolve/'))).toEqual([]);
});

/** What each misbehaviour of the file host may end as: never a digest that is not the file's. */
const WRONGS: readonly { readonly name: string; readonly wrong: Wrong; readonly codes: readonly string[] }[] = [
  { name: 'ignores Range', wrong: { kind: 'ignore-range' }, codes: ['complete'] },
  { name: 'lies in Content-Range', wrong: { kind: 'lie-content-range' }, codes: ['SOURCE_RANGE_LIED'] },
  { name: 'cuts every body', wrong: { kind: 'truncate', bytes: 1000 }, codes: ['SOURCE_LENGTH', 'SOURCE_OFFLINE'] },
  { name: 'answers 401', wrong: { kind: 'status', status: 401 }, codes: ['HUB_UNAUTHORISED', 'SOURCE_HTTP'] },
  { name: 'answers 403', wrong: { kind: 'status', status: 403 }, codes: ['HUB_FORBIDDEN', 'SOURCE_HTTP'] },
  { name: 'answers 404', wrong: { kind: 'status', status: 404 }, codes: ['SOURCE_NOT_FOUND', 'SOURCE_HTTP'] },
  { name: 'answers 416', wrong: { kind: 'status', status: 416 }, codes: ['SOURCE_HTTP', 'SOURCE_CHANGED'] },
  { name: 'gives no CORS permission', wrong: { kind: 'no-cors' }, codes: ['SOURCE_CORS'] },
];

for (const { name, wrong, codes } of WRONGS) {
  test(`a file host that ${name} gives ${codes.join(' or ')}, and never a wrong digest`, async () => {
    hub.hub.misbehave({ path: /^cdn/, wrong });
    const report = await checkFully();
    const artifact = report.artifacts.find((a) => a.path === 'model.safetensors');
    expect([artifact?.error?.code ?? artifact?.status]).toEqual([
      expect.stringMatching(new RegExp(`^(${codes.join('|')})$`)),
    ]);
    const digest = artifact?.digests['sha256'];
    if (digest !== undefined) expect(digest).toBe(sha256(model));
    else expect(report.verdict.outcome).not.toBe('matches');
    // Words, not codes, on screen.
    await expect(page.locator('main')).not.toContainText('SOURCE_');
  });
}

test('a file that changes behind its address while it is read gets no digest', async () => {
  hub.hub.misbehave({ path: /^cdn/, wrong: { kind: 'change-content', etag: '"other"' }, after: 2 });
  hub.hub.misbehave({ path: /^cdn/, wrong: { kind: 'truncate', bytes: 5 * MiB }, after: 1, count: 1 });
  const report = await checkFully();
  const artifact = report.artifacts.find((a) => a.path === 'model.safetensors');
  if (artifact?.status === 'complete') expect(artifact.digests['sha256']).toBe(sha256(model));
  else expect(artifact?.digests['sha256']).toBeUndefined();
});

for (const [status, words] of [
  [401, /token|sign|private|does not exist/i],
  [403, /access|allow|terms/i],
  [404, /no such|nothing|not found|does not/i],
  [429, /wait|requests|later/i],
  [500, /later|trouble|error|wrong/i],
] as const) {
  test(`a Hub that answers ${status} is told in words, and nothing is started`, async () => {
    hub.hub.misbehave({ path: /^api\/api\//, wrong: { kind: 'status', status, headers: { 'retry-after': '0' } } });
    await page.goto('/?repo=acme/tiny');
    await expect(page.getByRole('alert')).toContainText(words, { timeout: 45_000 });
  });
}

test('a slow server shows progress, and stopping ends the request at once', async () => {
  hub.hub.misbehave({ path: /^cdn/, wrong: { kind: 'slow', bytes: MiB, ms: 300 } });
  await page.goto('/?repo=acme/tiny&depth=full');
  await page.getByRole('button', { name: /^start/i }).click();
  await expect(page.locator('progress')).toBeVisible();
  await page.waitForTimeout(1500);
  const asked = Date.now();
  await page.getByRole('button', { name: /^(cancel|stop)/i }).click();
  await expect(page.getByRole('heading', { name: 'Exactly' })).toBeVisible();
  expect(Date.now() - asked).toBeLessThan(STOP_WITHIN_MS);
  const report = await savedReport();
  expect(report.stopped).toBe(true);
});

test('a worker of the page cannot reach a foreign origin', async () => {
  await page.goto('/');
  // Started like the engine's workers: a blob that imports a module of this site; it inherits the page's policy.
  const outcome = await page.evaluate(async () => {
    const code = `fetch('https://foreign.hf.co.example.org/x').then(() => postMessage('reached'), (e) => postMessage(e.name));`;
    const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })), { type: 'module' });
    return new Promise((resolve) => {
      worker.addEventListener('message', (event) => resolve(event.data));
      setTimeout(() => resolve('no answer'), 5000);
    });
  });
  expect(outcome).toBe('TypeError');
});

test("the engine's own worker is refused a foreign origin by the browser, not by good manners", async () => {
  await page.goto('/');
  await page
    .locator('input[type=file]:not([webkitdirectory])')
    .first()
    .setInputFiles({ name: 'x.safetensors', mimeType: '', buffer: weights(10, 'x') });
  await expect(page.getByRole('heading', { name: 'Exactly' })).toBeVisible();
  const workers = page.workers();
  expect(workers.length).toBeGreaterThan(0);
  for (const worker of workers) {
    const outcome = await worker.evaluate(() =>
      fetch('https://example.org/', { mode: 'no-cors' }).then(
        () => 'reached',
        (e: Error) => e.name,
      ),
    );
    expect(outcome).toBe('TypeError');
  }
});
