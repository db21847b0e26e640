import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SAMPLE } from './sample-report.ts';
import { expect, openReport, setTheme, test } from './site.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-'));
const large = join(folder, 'large.bin');
test.beforeAll(() => {
  writeFileSync(large, '');
  truncateSync(large, 3 * 2 ** 30);
});
test.afterAll(() => rmSync(folder, { recursive: true }));

/** Every screen, and what brings it up. */
const SCREENS: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  home: async (page) => {
    await page.goto('/');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  },
  'home with reports, a digest and an error': async (page) => {
    await openReport(page, SAMPLE);
    await page.getByRole('link', { name: 'Check' }).click();
    await page.locator('#model-field').fill('f'.repeat(64));
    await page.locator('#model-field').press('Enter');
    await page.locator('#model-field').fill('no such thing');
    await page.locator('#model-field').press('Enter');
    await expect(page.getByRole('alert')).toBeVisible();
    await expect(page.getByRole('link', { name: SAMPLE.subject.name })).toBeVisible();
  },
  keys: async (page) => {
    await page.goto('/');
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog')).toBeVisible();
  },
  plan: async (page) => {
    await page.goto('/');
    await page.locator('input[type=file]').first().setInputFiles(large);
    await expect(page.getByRole('group', { name: 'How much to read' })).toBeVisible();
    await expect(page.locator('label.card li')).not.toHaveCount(0);
  },
  progress: async (page) => {
    await SCREENS['plan']!(page);
    await page.getByRole('button', { name: 'Start' }).click();
    await expect(page.getByRole('progressbar')).toBeVisible();
  },
  report: async (page) => {
    await openReport(page, SAMPLE);
    await page.getByText('values in').click();
  },
  settings: async (page) => {
    await page.goto('/#/settings');
    await expect(page.getByRole('heading', { name: 'Network log' })).toBeVisible();
    await expect(page.getByRole('cell', { name: /manifest.json/ })).toBeVisible();
  },
  'a report made elsewhere': async (page) => {
    await openReport(page, SAMPLE);
    await page.getByRole('button', { name: 'Share link' }).click();
    await expect(page.getByRole('button', { name: 'Link copied' })).toBeVisible();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    await page.goto(link);
    await expect(page.getByRole('note')).toBeVisible();
  },
  'a check that failed': async (page) => {
    await page.route('https://huggingface.co/**', (route) =>
      route.fulfill({ status: 401, headers: { 'access-control-allow-origin': '*' } }),
    );
    await page.goto('/?repo=org/name');
    await expect(page.getByRole('alert')).toBeVisible({ timeout: 20_000 });
  },
  'a link that cannot be read': async (page) => {
    await page.goto('/#report=AAAA');
    await expect(page.getByRole('alert')).toBeVisible();
  },
};

for (const theme of ['light', 'dark'] as const) {
  for (const [name, show] of Object.entries(SCREENS)) {
    test(`${name} has no accessibility violations in the ${theme} theme`, async ({ page }) => {
      await setTheme(page, theme);
      await show(page);
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze();
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`),
      ).toEqual([]);
    });
  }
}

test('no screen is wider than a window of 320 px, or than one at 200 % zoom', async ({ page }) => {
  for (const [name, show] of Object.entries(SCREENS)) {
    await page.setViewportSize({ width: 320, height: 640 });
    await show(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide, name).toBeLessThanOrEqual(320);
    if (name === 'progress') await page.getByRole('button', { name: 'Stop' }).click();
  }
});

test('everything that can be pressed is at least 24 px high and wide, and buttons 44', async ({ page }) => {
  for (const name of ['home', 'report', 'settings']) {
    await SCREENS[name]!(page);
    const small = await page.evaluate(() => {
      const list: string[] = [];
      for (const element of document.querySelectorAll(
        'a[href], button, label.button, summary, input:not(.unseen), label.choice',
      )) {
        const { width, height } = element.getBoundingClientRect();
        if (width === 0) continue;
        const inText = element.matches('p a, li p a, dd a, .skip');
        const least = element.matches('.button, .choice') ? 44 : 24;
        if (!inText && (height < least || width < 24) && !element.matches('input[type=radio]')) {
          list.push(`${element.outerHTML.slice(0, 90)} ${width}×${height}`);
        }
      }
      return list;
    });
    expect(small, name).toEqual([]);
  }
});

test('the report’s sentence has the focus when the report stands', async ({ page }) => {
  await openReport(page, SAMPLE);
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
});
