/** `?compare=a..b` on the built site, against the double of Hugging Face under its real names. */
import { chromium, type Browser, type Page } from '@playwright/test';
import { browserFlags, findBrowser } from '../scripts/find-browser.mjs';
import { hubFixture, type HubFixture } from './hub/fixture.ts';
import { expect, test } from './site.ts';
import { llama, withEditedTensor } from './tiny-models.ts';

/** The test certificate's key, as in hub.spec.ts. */
const SPKI = 'HYl/hXHFCaoxAnx6aGiHNBlNOMgDb2my/17zGNOeWso=';
const EDITED = 'model.layers.0.self_attn.q_proj.weight';

let hub: HubFixture;
let browser: Browser;
let page: Page;

test.beforeAll(async () => {
  hub = await hubFixture({ tls: true });
  for (const [name, bytes] of Object.entries(llama())) await hub.put(`acme/base/main/${name}`, bytes);
  for (const [name, bytes] of Object.entries(withEditedTensor(llama(), EDITED, 10)))
    await hub.put(`acme/tuned/main/${name}`, bytes);
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

const sentence = () => page.locator('main').getByRole('heading', { level: 1 });

test('names both for good, reads nothing before consent, and then compares them', async () => {
  const asked = hub.hub.log.length;
  await page.goto('/?compare=acme/base@main..acme/tuned');
  await expect(page.getByRole('button', { name: 'Compare', exact: true })).toBeEnabled();
  // Branches became commits in the address.
  await expect(page).toHaveURL(/\?compare=acme\/base@[0-9a-f]{40}\.\.acme\/tuned@[0-9a-f]{40}$/);
  await expect(page.locator('main')).toContainText(/Up to 535.\d kB to read/);
  expect(hub.hub.log.slice(asked).filter(({ path }) => path.includes('.safetensors'))).toEqual([]);
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(sentence()).toHaveText(`20 of 21 tensors are identical, 1 differs: ${EDITED}.`, { timeout: 30_000 });
  // The address still names what is shown: opened anew it asks again.
  await page.reload();
  await expect(page.getByRole('button', { name: 'Compare', exact: true })).toBeEnabled();
});

test('with one side open waits for the other', async () => {
  await page.goto('/?compare=acme/base..');
  await expect(page.locator('main')).toContainText('acme/base');
  await expect(page.getByRole('button', { name: 'Compare', exact: true })).toBeDisabled();
});

for (const link of [
  'a..b..c',
  '../../x..acme/base',
  'acme/base..https://evil.example/a/b',
  '%3Cscript%3E..acme/base',
]) {
  test(`${link} is refused in words, and nobody is asked`, async () => {
    const asked = hub.hub.log.length;
    await page.goto(`/?compare=${link}`);
    await expect(page.getByRole('alert')).toBeVisible();
    expect(hub.hub.log.slice(asked)).toEqual([]);
  });
}

test('a repository that is not there is told beside its side, the other stays', async () => {
  await page.goto('/?compare=acme/base..acme/nowhere');
  await expect(page.getByRole('alert')).toBeVisible({ timeout: 30_000 });
  await expect(page.locator('main')).toContainText(/of weights, Hugging Face, commit/);
});
