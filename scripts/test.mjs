/**
 * `npm test`: installs, builds, checks, unit tests, conformance over the golden sets when they are there, and the built
 * site in a real browser. The last line counts real results.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bin, ensureInstalled, ensureNode, node, root } from './run.mjs';

ensureNode();
ensureInstalled();

const count = { passed: 0, failed: 0, skipped: 0 };
const out = join(root, 'node_modules/.cache/assay-test');
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

function section(title) {
  console.log(`\n== ${title}`);
}
function tally(name, ok) {
  count[ok ? 'passed' : 'failed'] += 1;
  if (!ok) console.log(`FAIL ${name}`);
}

section('build');
const built = node([join(root, 'scripts/build.mjs')]).status === 0;
tally('build', built);

section('checks');
const { runChecks } = await import('./check.mjs');
for (const { name, ok } of runChecks()) tally(name, ok);

section('unit tests');
const unitFile = join(out, 'vitest.json');
const unit = node([bin('vitest'), 'run', '--reporter=dot', '--reporter=json', `--outputFile.json=${unitFile}`]);
if (existsSync(unitFile)) {
  const report = JSON.parse(readFileSync(unitFile, 'utf8'));
  count.passed += report.numPassedTests;
  count.failed += report.numFailedTests;
  count.skipped += report.numPendingTests;
  // A file that cannot even be loaded has no tests to count.
  const broken = report.testResults.filter((t) => t.status === 'failed' && t.assertionResults.length === 0);
  for (const file of broken) tally(file.name, false);
  if (unit.status !== 0 && report.numFailedTests === 0 && broken.length === 0) tally('vitest exit status', false);
} else tally('vitest wrote no result', false);

section('browser');
let browser = null;
try {
  const { findBrowser } = await import('./find-browser.mjs');
  browser = findBrowser({ install: true });
  console.log(`browser: ${browser}`);
} catch (error) {
  console.log(error.message);
  tally('a browser to test in', false);
}

section('conformance');
const runs = [
  ['formats', '../shared/golden/formats'],
  ['mpk', '../shared/golden/mpk'],
  ['attestations', '../shared/corpora'],
  // What the real tools signed, in every clone.
  ['attestations', 'fixtures/attestations'],
];
for (const [kind, folder] of runs) {
  if (!existsSync(join(root, folder))) {
    console.log(`skipped: ${kind}: the golden set is not beside this checkout`);
    count.skipped += 1;
    continue;
  }
  const args = [join(root, 'scripts/conformance.mjs'), kind, join(root, folder)];
  tally(`conformance ${kind} of ${folder} in Node`, node(args).status === 0);
  if (browser) tally(`conformance ${kind} of ${folder} in Chromium`, node([...args, '--browser']).status === 0);
}

section('browser tests');
if (browser && built) {
  const e2eFile = join(out, 'playwright.json');
  node(
    [bin('@playwright/test', 'playwright'), 'test', '--config', 'e2e/playwright.config.ts', '--reporter=line,json'],
    {
      env: { ...process.env, ASSAY_BROWSER: browser, PLAYWRIGHT_JSON_OUTPUT_NAME: e2eFile, FORCE_COLOR: '0' },
    },
  );
  if (existsSync(e2eFile)) {
    const { stats, errors } = JSON.parse(readFileSync(e2eFile, 'utf8'));
    count.passed += stats.expected + stats.flaky;
    count.failed += stats.unexpected + errors.length;
    count.skipped += stats.skipped;
    if (stats.expected === 0) tally('a browser test ran', false);
  } else tally('playwright wrote no result', false);
}

if (count.skipped > 0) console.log(`\n${count.skipped} skipped: they need files that are not beside this checkout.`);
console.log(`\n${count.passed} passed, ${count.failed} failed`);
process.exit(count.failed === 0 ? 0 : 1);
