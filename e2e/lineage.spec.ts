/** The Lineage screen on the built site: one model beside the catalogue that comes with it. */
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type Page } from '@playwright/test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { browserFlags, findBrowser } from '../scripts/find-browser.mjs';
import { hubFixture, type HubFixture } from './hub/fixture.ts';
import { expect, setTheme, test } from './site.ts';
import { given, llama, withConfig, YI, type Files } from './tiny-models.ts';

const sentence = (page: Page) => page.locator('main').getByRole('heading', { level: 1 });

async function relatives(page: Page, files: Files): Promise<void> {
  await page.goto('/#/lineage');
  await page.getByRole('button', { name: 'Choose files for the model' }).setInputFiles(given(files));
  await page.getByRole('button', { name: 'Look for relatives' }).click();
  await expect(page.getByRole('heading', { name: 'Exactly' })).toBeVisible({ timeout: 30_000 });
}

test('a configuration equal to an entry’s is told as that, and never as a match of weights', async ({
  page,
  problems,
}) => {
  await relatives(page, withConfig(llama(), YI));
  await expect(sentence(page)).toBeFocused();
  await expect(sentence(page)).toHaveText(/configuration.*Yi-1\.5-6B.*No weights were compared/i);
  const first = page
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { level: 3 }) })
    .first();
  await expect(first).toContainText('configuration only');
  await expect(first.locator('q')).toHaveText('Confirmed Match');
  await expect(first).toContainText('Models with unrelated weights share a configuration');
  await expect(first.getByRole('listitem').filter({ hasText: 'WVC' })).toContainText('not compared');
  // Why is told once where it holds for all, beside the counts.
  await expect(page.locator('main')).toContainText(
    /Not compared: WVC, EAS, NLF, LEP, END; the signals of the catalogue/,
  );
  await expect(page.locator('main')).toContainText(/\d+ of 152 entries scored/);
  await expect(page.locator('main')).toContainText('0.50');
  expect(problems).toEqual([]);
});

test('what resembles nothing is told with the size and date of the database', async ({ page }) => {
  await relatives(
    page,
    withConfig(llama(), {
      hidden_size: 40,
      num_hidden_layers: 3,
      num_attention_heads: 5,
      num_key_value_heads: 1,
      intermediate_size: 24,
      vocab_size: 9,
      head_dim: 8,
      bos_token_id: 7,
      eos_token_id: 8,
      rope_parameters: { rope_theta: 17, rope_type: 'default' },
      qk_norm: true,
      attention_bias: true,
    }),
  );
  const words = await sentence(page).innerText();
  // A small configuration may still be like an entry's in most traits: then the threshold is what is stated.
  if (words.startsWith('Nothing')) {
    expect(words).toMatch(/^Nothing in the database \(152 models, \d+ \w+ \d{4}\) resembles this\.$/);
    await expect(page.locator('main')).toContainText('That is common.');
  } else await expect(page.locator('main')).toContainText('from 0.50 up');
});

test('a model without a configuration is told why it cannot be compared', async ({ page }) => {
  const { 'config.json': _, ...without } = llama();
  await page.goto('/#/lineage');
  await page.getByRole('button', { name: 'Choose files for the model' }).setInputFiles(given(without));
  await page.getByRole('button', { name: 'Look for relatives' }).click();
  await expect(sentence(page)).toHaveText('This model could not be compared with the database.', { timeout: 30_000 });
  await expect(page.getByRole('heading', { name: 'Could not be compared', exact: true })).toBeVisible();
  await expect(page.locator('main')).toContainText('config.json');
});

test('works without a network', async ({ page, context }) => {
  await page.goto('/');
  await expect(page.getByText('Ready to work offline')).toBeVisible({ timeout: 60_000 });
  await context.setOffline(true);
  await relatives(page, withConfig(llama(), YI));
  await expect(sentence(page)).toContainText('Yi-1.5-6B');
});

test('the way from a report, and on to Compare with an entry’s repository', async ({ page }) => {
  await page.route('https://huggingface.co/**', (route) =>
    route.fulfill({ status: 404, headers: { 'access-control-allow-origin': '*' }, body: '{}' }),
  );
  await page.goto('/');
  await page
    .locator('input[type=file]:not([webkitdirectory])')
    .first()
    .setInputFiles(given(withConfig(llama(), YI)));
  await expect(page.getByRole('heading', { name: 'Exactly' })).toBeVisible();
  await page.getByRole('link', { name: 'Look for relatives' }).click();
  await page.getByRole('button', { name: 'Look for relatives' }).click();
  await expect(sentence(page)).toContainText('Yi-1.5-6B', { timeout: 30_000 });
  await page.getByRole('button', { name: 'Compare tensor by tensor with Yi-1.5-6B', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Compare two models' })).toBeVisible();
  await expect(page.locator('main')).toContainText('01-ai/Yi-1.5-6B');
  await expect(page.locator('main')).toContainText(/of weights, this device/);
});

const golden = join(import.meta.dirname, '../../shared/golden/mpk');
const folderOfKit = join(golden, 'custom_db');

test('a folder of the Kit brings a catalogue with weights: both are compared', async ({ page }) => {
  test.skip(!existsSync(folderOfKit), 'the golden models are not here');
  const model = join(golden, 'models/llama-base');
  const files = Object.fromEntries(readdirSync(model).map((name) => [name, readFileSync(join(model, name))]));
  await page.goto('/#/lineage');
  await page.getByRole('button', { name: 'Choose files for the model' }).setInputFiles(given(files));
  await page.getByRole('button', { name: 'Choose a folder of the Kit' }).setInputFiles(folderOfKit);
  await expect(page.locator('main')).toContainText('From custom_db');
  await page.getByRole('button', { name: 'Look for relatives' }).click();
  await expect(page.getByRole('heading', { name: 'Exactly' })).toBeVisible({ timeout: 30_000 });
  await expect(page.locator('main')).toContainText(/of them by their weights as well/);
  const first = page
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { level: 3 }) })
    .first();
  await expect(first.getByRole('listitem').filter({ hasText: 'WVC' })).toContainText(/[01]\.\d{4}/);
});

test.describe('the published signals', () => {
  // The test certificate's key, as in hub.spec.ts.
  const SPKI = 'HYl/hXHFCaoxAnx6aGiHNBlNOMgDb2my/17zGNOeWso=';
  let hub: HubFixture;
  let browser: Browser;
  test.beforeAll(async () => {
    hub = await hubFixture({ tls: true });
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

  test('are asked for only after consent, at the address that was shown', async ({ site }) => {
    const page = await browser.newPage({ baseURL: site.url });
    await relatives(page, withConfig(llama(), YI));
    await page.getByRole('button', { name: 'Read the published ones' }).click();
    await expect(page.getByRole('group', { name: 'Consent' })).toContainText(
      'huggingface.co/datasets/cisco-ai/model-provenance-kit',
    );
    expect(hub.hub.log).toEqual([]);
    await page.getByRole('button', { name: 'Read them' }).click();
    await expect
      .poll(() => hub.hub.log.map(({ path }) => path))
      .toContainEqual(
        expect.stringMatching(/^\/datasets\/cisco-ai\/model-provenance-kit\/resolve\/main\/deep-signals[.]zip/),
      );
    // It is not there on this double: told in words, and nothing hangs.
    await expect(page.getByRole('progressbar')).toBeHidden({ timeout: 30_000 });
    await expect(page.getByRole('alert')).toContainText('The server answered');
    // And the way back is offered.
    await page.getByRole('button', { name: 'Leave them out' }).click();
    await expect(sentence(page)).toContainText('Yi-1.5-6B', { timeout: 30_000 });
  });
});

for (const theme of ['light', 'dark'] as const) {
  test(`no accessibility violations, in the ${theme} theme, and nothing wider than 320 px`, async ({ page }) => {
    await setTheme(page, theme);
    await page.setViewportSize({ width: 320, height: 640 });
    const clean = async (): Promise<void> => {
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze();
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`),
      ).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    };
    await page.goto('/#/lineage');
    await expect(sentence(page)).toBeVisible();
    await clean();
    await relatives(page, withConfig(llama(), YI));
    await clean();
  });
}
