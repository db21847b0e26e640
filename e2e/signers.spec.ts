import { createHash, createSign } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { preAuthEncoding } from '../src/core/claims/attestations/dsse.ts';
import { newKey, signed, statementOver, type TestKey } from '../src/core/claims/attestations/oms/sign.suite.ts';
import { expect, setTheme, test } from './site.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-'));
const weights = readFileSync(join(import.meta.dirname, '../public/demo/good/model.safetensors'));
/** Two keys in files of one name: only their content tells them apart. */
const KEYS = { old: newKey(), other: newKey() };
const keyFile = (who: keyof typeof KEYS): string => join(folder, who, 'release.pem');
const model = (who: keyof typeof KEYS): string => join(folder, who, 'signed');

function makeModel(who: keyof typeof KEYS, key: TestKey): void {
  mkdirSync(model(who), { recursive: true });
  writeFileSync(join(model(who), 'model.safetensors'), weights);
  writeFileSync(join(model(who), 'model.sig'), signed(statementOver({ 'model.safetensors': weights }), key));
  writeFileSync(keyFile(who), key.pem);
}

/** Provenance over the weights in a bare envelope, signed with a key. */
const BUILT = join(folder, 'built');
const SOURCE = 'https://github.com/example/model';
function makeBuilt(): void {
  mkdirSync(BUILT, { recursive: true });
  writeFileSync(join(BUILT, 'model.safetensors'), weights);
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'model.safetensors', digest: { sha256: createHash('sha256').update(weights).digest('hex') } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'https://example.org/build/v1',
        externalParameters: { workflow: { repository: SOURCE, ref: 'refs/tags/v1' } },
      },
      runDetails: { builder: { id: 'https://example.org/builder' } },
    },
  };
  const payloadType = 'application/vnd.in-toto+json';
  const payload = Buffer.from(JSON.stringify(statement));
  const sig = createSign('sha256').update(preAuthEncoding(payloadType, payload)).sign(KEYS.old.privateKey);
  const envelope = {
    payloadType,
    payload: payload.toString('base64'),
    signatures: [{ keyid: '', sig: sig.toString('base64') }],
  };
  writeFileSync(join(BUILT, 'model.intoto.jsonl'), `${JSON.stringify(envelope)}\n`);
}

test.beforeAll(() => {
  makeModel('old', KEYS.old);
  makeModel('other', KEYS.other);
  makeBuilt();
});
test.afterAll(() => rmSync(folder, { recursive: true }));

async function drop(page: Page, file: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [file], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x: 200, y: 300, data });
}

const section = (page: Page) => page.getByRole('region', { name: /^Signatures and records/ });
const memory = (page: Page) => section(page).getByRole('region', { name: /^Signers of|^Remember who/ });

/** Drops the folder, gives its key and says whose model it is. */
async function check(page: Page, who: keyof typeof KEYS, publisher = 'Example Org'): Promise<void> {
  await page.goto('/');
  await drop(page, model(who));
  await section(page)
    .getByLabel(/Public keys, cert/)
    .setInputFiles(keyFile(who));
  await section(page).getByRole('button', { name: 'Check with these' }).click();
  await expect(section(page)).toContainText('Signed by release.pem');
  await memory(page).getByRole('combobox', { name: 'Publisher' }).fill(publisher);
  await memory(page).getByRole('button', { name: 'Compare' }).click();
  await expect(memory(page)).toHaveAccessibleName(`Signers of ${publisher}`);
}

test('the first signature is a first one, the same signer is known again, another one is loud', async ({
  page,
  problems,
}) => {
  // Five checks, one after the other.
  test.setTimeout(150_000);
  await check(page, 'old');
  await expect(memory(page)).toContainText('This is the first time that a signature by release.pem');
  await check(page, 'old', 'example org');
  await expect(memory(page)).toContainText(
    /Signed by release\.pem \(key [0-9a-f]{16}…\), as on .* \(seen once for example org\)/,
  );

  await check(page, 'other');
  const alert = memory(page).getByRole('alert');
  await expect(alert).toContainText('Another signer than before for Example Org');
  await expect(page.locator('main')).toContainText('Another signer than before: release.pem');
  // It is loud the next time as well: nobody has decided.
  await check(page, 'other');
  await expect(alert).toContainText('The new one was met before');

  await alert.getByRole('button', { name: 'Keep expecting the old' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Another signer than the one you accepted');
  const contradicted = page.getByRole('region', { name: /^Contradicted/ });
  await expect(contradicted).toContainText(', not release.pem');
  await memory(page).getByRole('alert').getByRole('button', { name: 'Expect this one from now on' }).click();
  await expect(memory(page)).toContainText('whom you accepted for Example Org');
  await expect(memory(page).getByRole('alert')).toHaveCount(0);
  expect(problems).toEqual([]);
});

test('a key that is remembered for a publisher is used for its next model, and said to be', async ({ page }) => {
  await check(page, 'old');
  await section(page)
    .getByLabel(/Remember for Example Org/)
    .check();
  await section(page).getByRole('button', { name: 'Check with these' }).click();
  await expect(memory(page)).toContainText('accepted on');
  await page.goto('/');
  await drop(page, model('old'));
  await expect(section(page)).toContainText('not established');
  await section(page)
    .getByRole('link', { name: /^Steps/ })
    .click();
  // Without a publisher nobody is expected; on the screen of the signature it can be said as well.
  await page.getByRole('combobox', { name: 'Publisher' }).fill('EXAMPLE ORG');
  await page.getByRole('button', { name: 'Compare' }).click();
  await expect(page.getByText(/what you accepted on .*: release\.pem/).first()).toBeVisible();
  await expect(page.getByText('whom you accepted for EXAMPLE ORG').first()).toBeVisible();
  await page.goto('/');
  await drop(page, model('other'));
  await memory(page).getByRole('combobox', { name: 'Publisher' }).fill('Example Org');
  await memory(page).getByRole('button', { name: 'Compare' }).click();
  await expect(memory(page).getByRole('alert')).toContainText('Not signed with the key that you accepted');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('another key was used');
});

test('signers are listed in Settings, saved, forgotten and brought in', async ({ page, problems }) => {
  await check(page, 'old');
  await memory(page).getByRole('button', { name: 'Expect release.pem from now on' }).click();
  await page.goto('/#/settings');
  const list = page.getByRole('region', { name: 'Signers remembered on this device' });
  await expect(list).toContainText(
    /Example Org Expected\s*release\.pem \(key [0-9a-f]{16}…\)\s*accepted on .*; seen once/,
  );
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    list.getByRole('button', { name: 'Save as a file' }).click(),
  ]);
  const file = join(folder, 'saved.json');
  await saved.saveAs(file);
  await list.getByRole('button', { name: 'Forget all signers' }).click();
  await list.getByRole('button', { name: 'Yes, forget all' }).click();
  await expect(list).toContainText('None yet');
  const broken = join(folder, 'broken.json');
  writeFileSync(broken, readFileSync(file, 'utf8').replace('"accepted"', '"trusted"'));
  await list.getByLabel('Bring in from a file').setInputFiles(broken);
  await expect(list.getByRole('alert')).toContainText('signers.0.how');
  await list.getByLabel('Bring in from a file').setInputFiles(file);
  await expect(list.getByRole('status')).toContainText('1 signer, 1 of them expected');
  await list.getByRole('button', { name: 'Take them in' }).click();
  await expect(list).toContainText('Example Org Expected');
  await page.reload();
  await expect(list).toContainText('Example Org Expected');
  await list.getByRole('button', { name: /^Forget release\.pem/ }).click();
  await expect(list).toContainText('None yet');
  expect(problems).toEqual([]);
});

test('a browser that stores nothing works without memory, and says so', async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(IDBFactory.prototype, 'open', {
      value: () => {
        throw new DOMException('private', 'InvalidStateError');
      },
    });
  });
  await check(page, 'old');
  await expect(memory(page)).toContainText('This browser stores nothing here');
  await expect(memory(page)).toContainText('This is the first time');
});

test('another tab’s check is remembered as well', async ({ page, context }) => {
  await check(page, 'old');
  const second = await context.newPage();
  await check(second, 'old');
  await expect(memory(second)).toContainText('seen once for Example Org');
  await check(page, 'old');
  await expect(memory(page)).toContainText('seen 2 times for Example Org');
});

/** The editor of the policy, of provenance that was checked with its key. */
async function editPolicy(page: Page) {
  await page.goto('/');
  await drop(page, BUILT);
  await section(page)
    .getByLabel(/Public keys, cert/)
    .setInputFiles(keyFile('old'));
  await section(page).getByRole('button', { name: 'Check with these' }).click();
  await expect(section(page)).toContainText('Signed by release.pem');
  await section(page).getByText('Policy: how it is expected to be built').click();
  return page.getByRole('form', { name: 'Policy' });
}

test('a policy edited on screen decides, by the same rules as a policy file', async ({ page, problems }) => {
  const form = await editPolicy(page);
  const source = form.getByLabel('Source repository');
  await source.fill('github.com/example/other');
  await form.getByRole('button', { name: 'Check with this policy' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('it was not made as expected');
  // What was entered stays, and so does the key: nothing has to be given again.
  await expect(source).toHaveValue('github.com/example/other');
  await source.fill('github.com/example/model');
  await form.getByLabel('Branch or tag').fill('refs/tags/v1');
  await form.getByRole('button', { name: 'Check with this policy' }).click();
  await expect(section(page)).toContainText('Signed by release.pem');
  await section(page)
    .getByRole('link', { name: /^Steps/ })
    .click();
  await expect(page.getByRole('list').filter({ hasText: 'How it was made' })).toContainText('github.com/example/model');
  await expect(page.getByText(/you gave the policy entered here/).first()).toBeVisible();

  // The same editor on the screen of the attestation; a field that the format does not know is refused at once.
  await expect(form).toBeVisible();
  await form.getByText('As JSON', { exact: true }).click();
  await form.getByLabel('Policy as JSON').fill('{ "sources": "x" }');
  await expect(form.getByRole('alert')).toContainText('“sources” is not understood');
  await expect(form.getByRole('button', { name: 'Check with this policy' })).toBeDisabled();
  await form.getByLabel('Policy as JSON').fill('{ "builder": "https://example.org/elsewhere" }');
  await expect(form.getByLabel('Builder')).toHaveValue('https://example.org/elsewhere');
  await form.getByRole('button', { name: 'Check with this policy' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('does not hold');
  expect(problems).toEqual([]);
});

test('a policy is filled in from the statement with a caution, loaded, saved and kept for a publisher', async ({
  page,
}) => {
  const form = await editPolicy(page);
  await form.getByRole('button', { name: 'Fill in what model.intoto.jsonl says' }).click();
  await expect(form.getByText('These values come from the statement itself')).toBeVisible();
  await expect(form.getByLabel('Source repository')).toHaveValue(SOURCE);
  await expect(form.getByLabel('Build type')).toHaveValue('https://example.org/build/v1');
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    form.getByRole('button', { name: 'Save as a file' }).click(),
  ]);
  const file = join(folder, 'policy.json');
  await saved.saveAs(file);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ source: SOURCE, ref: 'refs/tags/v1' });
  writeFileSync(file, '{ "source": "github.com/example/other" }');
  await form.getByLabel('Load from a file').setInputFiles(file);
  await expect(form.getByLabel('Source repository')).toHaveValue('github.com/example/other');

  await memory(page).getByRole('combobox', { name: 'Publisher' }).fill('Example Org');
  await memory(page).getByRole('button', { name: 'Compare' }).click();
  // The report is concluded again: what is given before it stands goes with the old one.
  await expect(memory(page)).toHaveAccessibleName('Signers of Example Org');
  await form.getByLabel('Remember this policy for Example Org').check();
  await form.getByRole('button', { name: 'Check with this policy' }).click();
  await expect(form.getByText('A policy for Example Org is kept since')).toBeVisible();

  await page.goto('/');
  await drop(page, BUILT);
  await memory(page).getByRole('combobox', { name: 'Publisher' }).fill('Example Org');
  await memory(page).getByRole('button', { name: 'Compare' }).click();
  // The report is concluded again: what is given before it stands goes with the old one.
  await expect(memory(page)).toHaveAccessibleName('Signers of Example Org');
  await section(page)
    .getByLabel(/Public keys, cert/)
    .setInputFiles(keyFile('old'));
  await section(page).getByRole('button', { name: 'Check with these' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('it was not made as expected');
});

for (const theme of ['light', 'dark'] as const) {
  test(`neither the memory nor the policy has an accessibility fault in ${theme}`, async ({ page }) => {
    test.setTimeout(120_000);
    await setTheme(page, theme);
    await page.setViewportSize({ width: 390, height: 844 });
    await check(page, 'old');
    await check(page, 'other');
    await section(page).getByText('Policy: how it is expected to be built').click();
    await section(page).getByText('As JSON', { exact: true }).click();
    const faults = async (area: string): Promise<readonly string[]> => {
      const { violations } = await new AxeBuilder({ page }).include(area).analyze();
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    };
    expect(await faults('section:has(#attestations)')).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await page.goto('/#/settings');
    await expect(page.getByText('Seen in place of another')).toBeVisible();
    expect(await faults('section:has(#signers)')).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });
}
