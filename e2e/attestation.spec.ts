import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { newKey } from '../src/core/claims/attestations/oms/sign.suite.ts';
import { attestedFolder, changedFolder, SIGNER, type Attested } from './attested-folder.ts';
import type { Report } from '../src/core/report/report.ts';
import { SAMPLE } from './sample-report.ts';
import { expect as patient, openReport, setTheme, test } from './site.ts';

/** The first signature and the first bill load what checks them; beside other work that takes seconds. */
const expect = patient.configure({ timeout: 20_000 });

const folder = mkdtempSync(join(tmpdir(), 'assay-'));
const everything = join(folder, 'everything');
const changed = join(folder, 'changed');
const releaseKey = join(folder, 'release.pem');
const changedKey = join(folder, 'changed.pem');
const otherKey = join(folder, 'other.pem');
const trustRoot = join(folder, 'trusted_root.json');
let made: Attested;
test.beforeAll(async () => {
  made = await attestedFolder(everything);
  writeFileSync(releaseKey, made.pem);
  writeFileSync(trustRoot, made.trustedRoot);
  writeFileSync(changedKey, changedFolder(changed));
  writeFileSync(otherKey, newKey().pem);
});
test.afterAll(() => rmSync(folder, { recursive: true }));

async function drop(page: Page, files: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 200, y: 300, data });
  }
}

const section = (page: Page): Locator => page.getByRole('region', { name: /^Signatures and records/ });
const row = (page: Page, kind: string): Locator =>
  section(page).getByRole('listitem').filter({ hasText: kind }).first();
/** The row of a file; a record beside it has the file's name and more. */
const cover = (page: Page, file: string): Locator =>
  page
    .getByRole('region', { name: /^Files/ })
    .getByRole('row')
    .filter({ hasText: new RegExp(`${file.replaceAll('.', '\\.')}(?!\\.)`) })
    .first();
const steps = (page: Page): Locator => page.getByRole('region', { name: 'Step by step' });

async function open(page: Page, model: string): Promise<void> {
  await page.goto('/');
  await drop(page, [model]);
  await expect(section(page)).toBeVisible();
}

/** Opens the screen of one by the file it was read from. */
async function openSteps(page: Page, path: string): Promise<void> {
  await section(page)
    .getByRole('link', { name: `Steps of ${path}` })
    .click();
  await expect(steps(page)).toBeVisible();
}

async function give(page: Page, files: readonly string[], name = ''): Promise<void> {
  if (name !== '') await page.getByLabel('Name in the certificate').fill(name);
  await page.getByLabel(/Public keys, cert/).setInputFiles([...files]);
  await page.getByRole('button', { name: 'Check with these' }).click();
}

test('in a folder of everything each signature, record and list is found and tied to its files', async ({
  page,
  problems,
}) => {
  await open(page, everything);
  await expect(row(page, 'OpenSSF model signature')).toContainText('3 of 3 files as signed');
  await expect(row(page, 'Sigstore bundle')).not.toContainText('Signed by');
  await expect(row(page, 'DVC record')).toContainText('1 of 1 file as recorded');
  await expect(row(page, 'MLEM record')).toContainText('1 of 1 file as recorded');
  await expect(row(page, 'CycloneDX bill of materials')).toContainText('1 of 1 file as recorded');
  await expect(section(page)).toContainText('no statement covers');
  await expect(cover(page, 'model-00001-of-00002.safetensors')).toContainText('covered by 1 · signer not established');
  await expect(cover(page, 'old.safetensors')).toContainText('covered by 1 · old.safetensors.dvc');
  await expect(cover(page, 'iris.csv')).toContainText('covered by 1 · iris.csv.mlem');
  await expect(cover(page, 'vision.safetensors')).toContainText('covered by 1 · SHA256SUMS');
  await expect(cover(page, 'billed/model.safetensors')).toContainText('covered by 1 · bom.cdx.json');
  await expect(cover(page, 'alone/extra.safetensors')).toContainText('not covered by any statement');
  expect(problems).toEqual([]);
});

test('with the key the steps change where one looks at them, and the report says whose files they are', async ({
  page,
}) => {
  await open(page, everything);
  await openSteps(page, 'signed/model.sig');
  const heading = page.getByRole('heading', { level: 1 });
  await expect(heading).toBeFocused();
  await expect(heading).toContainText('not established');
  await expect(steps(page)).toContainText('No public key was given');
  await give(page, [releaseKey]);
  await expect(heading).toHaveText('Signed by release.pem. 3 files are as stated.');
  await expect(page.locator('.unseen[role=status]')).toContainText('Verified. Signed by release.pem');
  await expect(steps(page)).toContainText('Relied on: you gave release.pem');
  await expect(page.getByText('Signed with release.pem, which you gave.')).toBeVisible();
  await page.getByRole('link', { name: 'Back to the report' }).click();
  await expect(section(page)).toContainText(
    '2 of 7 weight files are covered by a signature whose signer is established',
  );
  await expect(cover(page, 'model-00002-of-00002.safetensors')).toContainText('covered by 1 · release.pem');
});

test('a bundle of a private instance holds with its trust root and the name that is expected, step by step', async ({
  page,
}) => {
  await open(page, everything);
  await openSteps(page, 'logged/adapter.safetensors.sigstore.json');
  await give(page, [trustRoot], SIGNER);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(`Signed by ${SIGNER}`);
  await expect(page.getByText(`${SIGNER} is the signer you expect.`)).toBeVisible();
  await expect(page.getByRole('region', { name: 'Signer' })).toContainText('1 March 2026');
  for (const title of ['Signature', 'Time', 'Certificate', 'Certificate log', 'Signature log', 'Who signed'])
    await expect(steps(page).getByText(title, { exact: true })).toBeVisible();
});

test('another key is told from the right one', async ({ page }) => {
  await open(page, changed);
  await openSteps(page, 'model.sig');
  await give(page, [otherKey]);
  await expect(steps(page)).toContainText('signed with another key');
});

test('what differs, is missing and was added is named with both digests; the signature stands beside it', async ({
  page,
}) => {
  await open(page, changed);
  await openSteps(page, 'model.sig');
  await give(page, [changedKey]);
  const files = page.getByRole('region', { name: /^Files it speaks about/ });
  await expect(page.getByText('Signed with changed.pem, which you gave.')).toBeVisible();
  await expect(page.getByText('Not the files it lists: 1 changed, 1 missing, 1 not signed')).toBeVisible();
  await expect(files.getByRole('listitem').first()).toContainText('model-00002-of-00003.safetensors');
  await expect(files.locator('mark').first()).toBeVisible();
  await files.getByRole('button', { name: 'missing 1' }).click();
  await expect(files.getByRole('listitem')).toHaveCount(1);
  await expect(files).toContainText('model-00003-of-00003.safetensors');
  await files.getByRole('button', { name: 'left out 1' }).click();
  await expect(files).toContainText('It is the statement itself.');
});

test('the file itself is shown as text with its payload decoded, and the result as data', async ({ page }) => {
  await open(page, everything);
  await openSteps(page, 'signed/model.sig');
  await page.getByText('The file itself, and what it carries').click();
  await expect(page.getByRole('group', { name: 'The file', exact: true })).toContainText('"dsseEnvelope": {');
  await expect(page.getByRole('group', { name: 'What is signed in it' })).toContainText(
    '"predicateType": "https://model_signing/signature/v1.0"',
  );
  await page.getByText('Our result as data').click();
  await expect(page.getByRole('group', { name: 'Our result as data' })).toContainText('"outcome": "could-not-check"');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as JSON' }).click();
  expect((await download).suggestedFilename()).toBe('model.sig.assay.json');
});

test('by its address a kept report shows the steps again, without the files', async ({ page }) => {
  await open(page, everything);
  await openSteps(page, 'signed/model.sig');
  await page.reload();
  await expect(steps(page).getByRole('listitem')).not.toHaveCount(0);
  await expect(page.getByText('The files are no longer at hand')).toBeVisible();
  await page.getByText('The file itself, and what it carries').click();
  await expect(page.getByText('The file itself is not at hand any more')).toBeVisible();
  await page.goto(`${page.url().replace(/\/\d+$/, '/99')}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This report has no such signature or record');
  await page.goto('/#/attestation/none/0');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This report is not on this device');
});

test('by keyboard: from the report to the next signature and back', async ({ page }) => {
  await open(page, everything);
  const link = section(page)
    .getByRole('link', { name: /^Steps of/ })
    .first();
  await link.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  const before = await page.getByRole('heading', { level: 1 }).textContent();
  await page.getByRole('link', { name: 'Next' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText(before ?? '');
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(before ?? '');
});

test('on paper the report has the steps, and no buttons', async ({ page }) => {
  await open(page, everything);
  await expect(section(page).getByText('Is the file in a published form').first()).toBeHidden();
  await page.emulateMedia({ media: 'print' });
  await expect(section(page).getByText('Is the file in a published form').first()).toBeVisible();
  await expect(
    section(page)
      .getByRole('link', { name: /^Steps of/ })
      .first(),
  ).toBeHidden();
});

test('of thousands of files what differs comes first, the rest in pages, and coverage is a line for each statement', async ({
  page,
}) => {
  const paths = Array.from({ length: 3000 }, (_, i) => `part-${String(i).padStart(4, '0')}.safetensors`);
  const [first] = SAMPLE.artifacts;
  const digests = { expected: 'ab'.repeat(32), actual: 'ac'.repeat(32), algorithm: 'sha256' };
  const report: Report = {
    ...SAMPLE,
    artifacts: paths.map((path) => ({ ...first!, path, size: 100, tensors: [] })),
    checks: [],
    attestations: [
      {
        kind: 'oms',
        path: 'model.sig',
        outcome: 'contradicts',
        steps: [
          { id: 'bundle', outcome: 'matches' },
          { id: 'files', outcome: 'contradicts', reason: { code: 'ATTEST_FILES', detail: { changed: 1 } } },
        ],
        files: paths.slice(1).map((path, i) => ({ path, state: i === 2000 ? 'changed' : 'same', ...digests })),
        warnings: [],
        facts: {},
      },
    ],
  };
  await openReport(page, report);
  await openSteps(page, 'model.sig');
  const files = page.getByRole('region', { name: /^Files it speaks about/ });
  await expect(files.getByRole('listitem').first()).toContainText('part-2001.safetensors');
  await expect(files.getByRole('listitem')).toHaveCount(50);
  await files.getByRole('button', { name: 'Show 500 more' }).click();
  await expect(files.getByRole('listitem')).toHaveCount(550);
  const coverage = page.getByRole('region', { name: 'Covered, and not' });
  await expect(coverage).toContainText('2,998 files as stated');
  await coverage.getByText('1 file that no statement covers').click();
  await expect(coverage).toContainText('part-0000.safetensors');
});

const VIEWS: readonly (readonly [name: string, model: string, path: string])[] = [
  ['nothing established', everything, 'signed/model.sig'],
  ['files that differ', changed, 'model.sig'],
  ['what a bill says', everything, 'billed/bom.cdx.json'],
];
for (const theme of ['light', 'dark'] as const) {
  for (const [name, model, path] of VIEWS) {
    test(`section and screen with ${name} have no accessibility fault in ${theme}, and fit 320 pixels`, async ({
      page,
    }) => {
      await setTheme(page, theme);
      await page.setViewportSize({ width: 320, height: 800 });
      await open(page, model);
      const faults = async (where: string): Promise<readonly string[]> => {
        const { violations } = await new AxeBuilder({ page }).include(where).analyze();
        return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
      };
      const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
      expect(await faults('section:has(#attestations)')).toEqual([]);
      expect(await fits()).toBe(true);
      await openSteps(page, path);
      if (model === changed) await give(page, [changedKey]);
      await page.getByText('The file itself, and what it carries').click();
      await page.getByText('Our result as data').click();
      await expect(page.getByRole('group', { name: 'The file', exact: true })).toBeVisible();
      expect(await faults('main')).toEqual([]);
      expect(await fits()).toBe(true);
    });
  }
}
