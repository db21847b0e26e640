import { expect, test } from './site.ts';

test('the first screen stands within a second of a warm cache, without errors and without asking another host', async ({
  page,
  problems,
  site,
}) => {
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(site.url) && !request.url().startsWith('blob:')) foreign.push(request.url());
  });
  await page.goto('/');
  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('What is this model, really?');
  const ready = await page.evaluate(() => {
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    return paint?.startTime ?? Infinity;
  });
  expect(ready).toBeLessThan(1000);
  await expect(page.getByText(/Database of .* files/)).toBeVisible();
  expect(problems).toEqual([]);
  expect(foreign).toEqual([]);
});

test('nothing of the page is inline, and the policy forbids what is not listed', async ({ page }) => {
  await page.goto('/');
  const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe-inline');
  expect(policy).not.toContain("'unsafe-eval'");
  expect(await page.locator('style, script:not([src]), [onclick], [style]').count()).toBe(0);
  const reached = await page.evaluate(() =>
    fetch('https://example.org/').then(
      () => 'reached',
      (error: Error) => error.name,
    ),
  );
  expect(reached).toBe('TypeError');
});

test('keys: / goes to the field, ? lists the keys, Escape closes the list', async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.keyboard.press('/');
  await expect(page.locator('#model-field')).toBeFocused();
  await page.keyboard.type('a/b?');
  await expect(page.locator('#model-field')).toHaveValue('a/b?');
  await page.goto('/#/settings');
  await page.keyboard.press('/');
  await expect(page.locator('#model-field')).toBeFocused();
});

test('the field says why it does not take something, in words', async ({ page }) => {
  await page.goto('/');
  const field = page.locator('#model-field');
  await field.fill('not a model!');
  await field.press('Enter');
  await expect(page.getByRole('alert')).toContainText('org/name');
  await field.fill('https://example.org/model.gguf');
  await field.press('Enter');
  await expect(page.getByRole('alert')).toContainText('Download the file and drop it here.');
});

test('a digest waits for the next file and can be removed again', async ({ page }) => {
  await page.goto('/');
  await page.locator('#model-field').fill('a'.repeat(64));
  await page.getByRole('button', { name: 'Look up' }).click();
  const held = page.getByRole('region', { name: 'The next file will be compared with' });
  await expect(held).toContainText('a'.repeat(64));
  await held.getByRole('button', { name: /Do not compare/ }).click();
  await expect(held).toBeHidden();
});

test('the theme that was chosen is there before the first paint of the next visit', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/#/settings');
  await page.getByLabel('Dark').check();
  await page.addInitScript(() => {
    const seen: (string | undefined)[] = [];
    Object.assign(window, { seen });
    new MutationObserver(() => {
      if (document.body && seen.length === 0) seen.push(document.documentElement.dataset['theme']);
    }).observe(document, { childList: true, subtree: true });
  });
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  expect(await page.evaluate(() => (window as unknown as { seen: string[] }).seen)).toEqual(['dark']);
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(ground).toBe('rgb(16, 20, 25)');
});

test('text pasted anywhere lands in the field, a digest in the link is held', async ({ page }) => {
  await page.goto(`/?digest=sha256:${'b'.repeat(64)}`);
  await expect(page.getByRole('region', { name: 'The next file will be compared with' })).toContainText('b'.repeat(64));
  await expect(page).toHaveURL(/#\/$/);
  await page.evaluate(() => navigator.clipboard.writeText('https://huggingface.co/org/name'));
  await page.getByRole('heading', { level: 1 }).click();
  await page.keyboard.press('ControlOrMeta+V');
  await expect(page.locator('#model-field')).toHaveValue('https://huggingface.co/org/name');
  await expect(page.locator('#model-field')).toBeFocused();
});
