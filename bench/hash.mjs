/**
 * `node bench/hash.mjs [--gib 2] [--runs 5]`: how long the whole verification of a model takes, beside the least that
 * the same machine could do. One run measures everything over the same file, in turn, so that a busy machine disturbs
 * all alike; medians and their ratios are printed.
 *
 * - bare: a worker in the same Chromium that reads the file and computes its SHA-256 with the fastest WASM there is.
 * - app: the site's engine in that Chromium: plan, one read (file digest, git blob id, every tensor's digest), report.
 * - cli: `assay verify --offline --json`, the whole process.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { build } from 'vite';
import { browserFlags, findBrowser } from '../scripts/find-browser.mjs';
import { root } from '../scripts/run.mjs';
import { serve } from '../scripts/serve.mjs';
import { writeModel } from './hash-files.mjs';

const { values: options } = parseArgs({
  options: { gib: { type: 'string', default: '2' }, runs: { type: 'string', default: '5' } },
});
const BYTES = Math.round(Number(options.gib) * 2 ** 30);
const RUNS = Number(options.runs);
const SHARDS = 4;
const CLI = join(root, 'dist/cli/assay.js');

if (!existsSync(CLI)) throw new Error('dist/cli is missing: run npm run build first');
const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const one = join(folder, 'one.safetensors');
const sharded = join(folder, 'sharded');
mkdirSync(sharded);
const shards = Array.from({ length: SHARDS }, (_, i) =>
  join(sharded, `model-0000${i + 1}-of-0000${SHARDS}.safetensors`),
);
const tensors = writeModel(one, BYTES);
for (const shard of shards) writeModel(shard, BYTES / SHARDS);

await build({ configFile: join(root, 'bench/hash-page/vite.config.ts') });
const site = await serve({ dir: join(root, 'bench/.out/hash-page') });
const browser = await chromium.launch({ executablePath: findBrowser(), args: browserFlags() });
const page = await browser.newPage();
await page.goto(site.url);
await page.waitForFunction(() => 'hashBench' in window);

/** Seconds of wall clock, and how many cores were busy meanwhile (all programs of this machine counted). */
async function timed(work) {
  const before = busySeconds();
  const started = performance.now();
  const own = await work();
  const wall = (performance.now() - started) / 1000;
  return { seconds: own ?? wall, cores: (busySeconds() - before) / wall };
}

function busySeconds() {
  return cpus().reduce((sum, { times }) => sum + times.user + times.sys + times.nice + times.irq, 0) / 1000;
}

function run(command, ...args) {
  const done = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (done.error) return null;
  return done;
}

function program(command, ...args) {
  return () => {
    const done = run(command, ...args);
    if (done === null || done.status !== 0) throw new Error(`${command}: ${done?.stderr ?? 'not installed'}`);
  };
}

function cli(target, files) {
  return () => {
    const done = run(process.execPath, CLI, 'verify', target, '--offline', '--json');
    // Nobody states anything about these files, so "could not check" is the right exit status.
    const report = JSON.parse(done.stdout);
    const complete = report.artifacts.filter((a) => a.status === 'complete').length;
    if (complete !== files) throw new Error(`the command line read ${complete} of ${files} files: ${done.stderr}`);
  };
}

function inBrowser(kind, ...files) {
  return async () => {
    await page.setInputFiles('#files', files);
    const result = await page.evaluate((name) => window.hashBench[name](), kind);
    return result.seconds;
  };
}

const subjects = {
  sha256sum: program('sha256sum', one),
  openssl: program('openssl', 'dgst', '-sha256', one),
  cli: cli(one, 1),
  bare: inBrowser('bare', one),
  app: inBrowser('app', one),
  'cli, 4 shards': cli(sharded, SHARDS),
  'app, 4 shards': inBrowser('app', ...shards),
};
const taken = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
for (let i = 0; i <= RUNS; i++) {
  for (const [name, work] of Object.entries(subjects)) {
    const result = await timed(work);
    // The first round fills caches and compiles.
    if (i > 0) taken[name].push(result);
  }
}
await browser.close();
await site.close();

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const seconds = (name) => median(taken[name].map((t) => t.seconds));
const size = statSync(one).size;
console.log(
  `\n${(size / 1e9).toFixed(2)} GB, ${tensors} tensors, ${cpus().length} cores (${cpus()[0]?.model}), median of ${RUNS}\n`,
);
console.log(`${'what'.padEnd(16)}${'seconds'.padStart(9)}${'MB/s'.padStart(8)}${'cores busy'.padStart(12)}`);
for (const name of Object.keys(subjects)) {
  const cores = median(taken[name].map((t) => t.cores));
  const rate = size / seconds(name) / 1e6;
  console.log(
    `${name.padEnd(16)}${seconds(name).toFixed(2).padStart(9)}${rate.toFixed(0).padStart(8)}${cores.toFixed(1).padStart(12)}`,
  );
}

// openssl has one thread: whatever is busy beyond it belongs to somebody else.
const others = Math.max(...taken.openssl.map((t) => t.cores)) - 1;
if (others > 0.3) console.log(`\nOther programs kept up to ${others.toFixed(1)} cores busy: these ratios mean little.`);

/** Ratio of neighbours in the same round: what else the machine did then hit both. */
function ratio(a, b) {
  return median(taken[a].map((t, i) => t.seconds / taken[b][i].seconds));
}
const verdict = (value, most) =>
  most === null ? '' : value <= most ? `  (at most ${most}: yes)` : `  (at most ${most}: NO)`;
console.log('');
for (const [a, b, most] of [
  ['app', 'bare', 1.25],
  ['cli', 'openssl', 1.15],
  ['cli', 'sha256sum', null],
  ['app', 'openssl', null],
  ['app, 4 shards', 'app', null],
  ['cli, 4 shards', 'cli', null],
]) {
  const value = ratio(a, b);
  console.log(`${a} / ${b}: ${value.toFixed(2)}${verdict(value, most)}`);
}
console.log(`
What bounds each: sha256sum, one core of generic SHA-256; openssl, one core of SHA-256 instructions; cli, the same
instructions twice (file and tensors) on two cores, plus starting Node; bare and app, one core of WASM SHA-256, with
reading and tensor leaves (native, WebCrypto) on other cores; shards, the number of cores.`);
