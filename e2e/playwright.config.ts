/** Browser tests over the built site, served like any static host would. */
import { defineConfig } from '@playwright/test';
import { browserFlags, findBrowser } from '../scripts/find-browser.mjs';

export default defineConfig({
  testDir: '.',
  outputDir: '.out',
  testMatch: '*.spec.ts',
  // Two cores, and tests that measure time and memory: one at a time.
  workers: 1,
  fullyParallel: false,
  timeout: 60_000,
  retries: 0,
  reporter: 'line',
  use: {
    browserName: 'chromium',
    launchOptions: { executablePath: findBrowser(), args: browserFlags() },
    viewport: { width: 1280, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    permissions: ['clipboard-read', 'clipboard-write'],
    trace: 'off',
  },
});
