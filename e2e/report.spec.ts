import { readFileSync } from 'node:fs';
import { SAMPLE } from './sample-report.ts';
import { expect, openReport, test } from './site.ts';

test('a report shows its sentence, four axes and three groups with their counts', async ({ page, problems }) => {
  await openReport(page, SAMPLE);
  await expect(page.getByRole('img', { name: 'Contradicted' }).first()).toBeVisible();
  for (const axis of ['Bytes', 'Signer', 'Lineage', 'Contents']) {
    await expect(page.getByRole('heading', { name: new RegExp(`^${axis}`) })).toBeVisible();
  }
  const groups = page.locator('section > h2');
  await expect(groups.nth(0)).toHaveText(/Contradicted\s*1/);
  await expect(groups.nth(1)).toHaveText(/Verified\s*5/);
  await expect(groups.nth(2)).toHaveText(/Could not be checked\s*2/);
  expect(problems).toEqual([]);
});

test('the three groups are there with a zero when they are empty', async ({ page }) => {
  await openReport(page, { ...SAMPLE, checks: [] });
  for (const name of ['Contradicted', 'Verified', 'Could not be checked']) {
    await expect(page.getByRole('heading', { name: new RegExp(`^${name}\\s*0$`) })).toBeVisible();
  }
});

test('a contradiction shows stated over found, with the first difference marked', async ({ page }) => {
  await openReport(page, SAMPLE);
  const marks = page.locator('dl mark');
  await expect(marks).toHaveCount(2);
  const { expected = '', actual = '' } = SAMPLE.checks[0]!;
  await expect(marks.nth(0)).toHaveText(expected.slice(8, 16));
  await expect(marks.nth(1)).toHaveText(actual.slice(8, 16));
});

test('what is copied is the unbroken digest, and the copying is said', async ({ page }) => {
  await openReport(page, SAMPLE);
  await page.getByRole('button', { name: 'Copy commit' }).click();
  await expect(page.getByRole('status').last()).toHaveText('commit copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(SAMPLE.subject.commit);
});

test('text from a file stays text', async ({ page }) => {
  const path = '<img src=x onerror="document.title=1"><b>bold</b>.safetensors';
  const artifact = { ...SAMPLE.artifacts[0]!, path };
  await openReport(page, { ...SAMPLE, artifacts: [artifact], checks: [{ ...SAMPLE.checks[0]!, path }] });
  await expect(page.locator('main img')).toHaveCount(0);
  await expect(page.getByText('<b>bold</b>').first()).toBeVisible();
});

test('the saved JSON is the report itself', async ({ page }) => {
  await openReport(page, SAMPLE);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save JSON' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('org-name.assay.json');
  expect(JSON.parse(readFileSync(await download.path(), 'utf8'))).toEqual(SAMPLE);
});

test('a shared link shows the result as made elsewhere, and asks to check again', async ({ page }) => {
  await openReport(page, SAMPLE);
  await page.getByRole('button', { name: 'Share link' }).click();
  await expect(page.getByRole('button', { name: 'Link copied' })).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link.length).toBeLessThan(8300);
  await page.goto('about:blank');
  await page.goto(link);
  await expect(page.getByRole('note')).toContainText(
    'Report made elsewhere on 20 November 2026, 14:03 UTC, not re-checked here',
  );
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(SAMPLE.verdict.sentence);
  // Neutral: no large mark in the colours of an outcome beside the sentence.
  await expect(page.locator('header .mark')).toHaveCount(0);
  const [text, ...marks] = await page.evaluate(() => {
    const colour = (element: Element): string => getComputedStyle(element).color;
    return [colour(document.body), ...[...document.querySelectorAll('.mark.contradicts, .mark.matches')].map(colour)];
  });
  expect(marks.length).toBeGreaterThan(2);
  expect(new Set(marks)).toEqual(new Set([text]));
  await page.getByRole('button', { name: 'Check again' }).click();
  await expect(page).toHaveURL(new RegExp(`\\?repo=org/name&revision=${SAMPLE.subject.commit}`));
});

test('a report that is not here is named as such', async ({ page }) => {
  await page.goto('/#/report/nothing');
  await expect(page.getByRole('heading', { name: 'This report is not on this device' })).toBeVisible();
});

test('on paper there is nothing to press', async ({ page }) => {
  await openReport(page, SAMPLE);
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('button')).toHaveCount(0);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});
