import { expect, test } from './site.ts';

test('a browser that lacks something gets a plain page that names it', async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, 'Worker', { value: undefined });
    Object.defineProperty(window, 'WebAssembly', { value: undefined });
  });
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'This browser cannot run Assay' })).toBeVisible();
  await expect(page.locator('#unsupported-list li')).toHaveText([/WebAssembly/, /Web Workers/]);
  await expect(page.locator('#app')).toBeEmpty();
});

test('an insecure address is named as the reason, not the browser', async ({ page }) => {
  await page.addInitScript(() => Object.defineProperty(window, 'isSecureContext', { value: false }));
  await page.goto('/');
  await expect(page.locator('#unsupported-list li')).toHaveText([/secure address/]);
});

test('without JavaScript the page says what it is for', async ({ browser, site }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(site.url);
  await expect(page.getByRole('heading', { name: 'Assay needs JavaScript' })).toBeVisible();
  await context.close();
});

test('a program that does not arrive leaves words, not an empty page', async ({ page }) => {
  await page.route('**/assets/index-*.js', (route) => route.abort());
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Assay could not start' })).toBeVisible();
});
