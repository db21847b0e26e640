/**
 * MPK's eight signals of two models: the Model Provenance Kit itself (Python, imports warm, no cache) against
 * `assay compare` (the whole process), over the same files in turn. Linux only (memory is VmHWM).
 *
 *   node bench/mpk.mjs --python <python with MPK's packages> --kit <folder that holds provenancekit/> [--runs 3] [--sizes 25,500,2000] [--browser]
 *
 * Without --python and --kit only Assay is measured. Models are made in a temporary folder and deleted.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { bin, node, root } from '../scripts/run.mjs';
import { writePair } from './mpk/models.mjs';
import { processNumbers } from './mpk/process.mjs';

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    kit: { type: 'string' },
    runs: { type: 'string', default: '3' },
    sizes: { type: 'string', default: '25,500,2000' },
    browser: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
const cliFolder = join(root, 'bench/.out/mpk-cli');
node([bin('vite'), 'build', '--mode', 'cli', '--logLevel', 'error', '--outDir', cliFolder, '--emptyOutDir']);
const cli = join(cliFolder, 'assay.js');
const folder = mkdtempSync(join(tmpdir(), 'assay-mpk-'));
const kit = values.python && values.kit ? startKit(values.python, values.kit) : null;
const page = values.browser ? await (await import('./mpk/page.mjs')).openPage() : null;

try {
  if (kit === null) console.log('MPK is not measured: --python and --kit name where it is.');
  console.log(
    '| pair | what | s | processor s | peak MiB | faster | less processor | less memory |\n|---|---|---:|---:|---:|---:|---:|---:|',
  );
  for (const size of values.sizes.split(',').map(Number)) {
    rmSync(join(folder, String(size)), { recursive: true, force: true });
    const bytes = writePair(join(folder, String(size)), size);
    const pair = ['a', 'b'].map((name) => join(folder, String(size), name));
    const found = { kit: [], cli: [], digests: [], page: [] };
    // The first round brings the files into memory and counts for nobody.
    for (let run = -1; run < runs; run++) {
      const round = {
        ...(kit ? { kit: await kit.compare(pair) } : {}),
        cli: await whole(['compare', ...pair, '--json', '--no-cache']),
        digests: await whole(['compare', ...pair, '--json'], { XDG_CACHE_HOME: mkdtempSync(join(folder, 'cache-')) }),
        ...(page ? { page: await page.compare(pair) } : {}),
      };
      if (run === 0 && kit) agree(round.kit.signals, round.cli.report.mpk.signals);
      if (run >= 0) for (const [key, one] of Object.entries(round)) found[key].push(one);
    }
    const name = `2 × ${(bytes / 1e6).toFixed(0)} MB`;
    const base = kit && median(found.kit);
    if (base) {
      row(name, `MPK (${base.idle.toFixed(0)} MiB before it starts)`, base);
    }
    row(name, 'assay compare --no-cache', median(found.cli), base);
    row(name, 'assay compare and SHA-256 of every file, kept', median(found.digests), base);
    if (page) row(name, 'Chromium page and its worker', median(found.page), base);
    rmSync(join(folder, String(size)), { recursive: true, force: true });
  }
  console.log(
    `Load of the machine at the end: ${loadavg()
      .map((x) => x.toFixed(1))
      .join(', ')}`,
  );
} finally {
  kit?.stop();
  await page?.close();
  rmSync(folder, { recursive: true, force: true });
}

function row(pair, what, own, base) {
  const ratio = (key) => (base ? `${(base[key] / own[key]).toFixed(1)} ×` : '');
  const cells = [pair, what, own.seconds.toFixed(2), own.processor.toFixed(2), own.peak.toFixed(0)];
  console.log(`| ${[...cells, ratio('seconds'), ratio('processor'), ratio('peak')].join(' | ')} |`);
}

/** Medians of each number. */
function median(list) {
  const middle = (key) => list.map((one) => one[key]).sort((a, b) => a - b)[Math.floor(list.length / 2)];
  return { seconds: middle('seconds'), processor: middle('processor'), peak: middle('peak'), idle: middle('idle') };
}

/** Both say the same, to the fourth decimal, or the times mean nothing. */
function agree(theirs, ours) {
  const differ = Object.keys(ours).filter((key) => Math.abs((theirs[key] ?? -1) - (ours[key] ?? -1)) > 1.01e-4);
  if (differ.length > 0) throw new Error(`differ: ${differ.map((key) => `${key} ${theirs[key]} ${ours[key]}`)}`);
}

/** A run of the command line from start to exit. */
function whole(argv, env = {}) {
  const started = performance.now();
  const child = spawn(process.execPath, [cli, ...argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  let [peak, processor] = [0, 0];
  const look = () => {
    const now = processNumbers(child.pid);
    peak = Math.max(peak, now.peak);
    processor = Math.max(processor, now.processor);
  };
  const timer = setInterval(look, 5);
  const out = [];
  child.stdout.on('data', (chunk) => out.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('close', (code) => {
      clearInterval(timer);
      const seconds = (performance.now() - started) / 1000;
      if (code === 1) reject(new Error(`${argv[0]} ended with ${code}`));
      else resolve({ seconds, processor, peak, report: JSON.parse(Buffer.concat(out).toString()) });
    });
  });
}

function startKit(python, source) {
  const child = spawn(python, [join(root, 'bench/mpk/mpk.py'), source], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout });
  const waiting = [];
  lines.on('line', (line) => line.startsWith('RESULT ') && waiting.shift().resolve(JSON.parse(line.slice(7))));
  child.once('close', () => waiting.forEach(({ reject }) => reject(new Error('MPK ended'))));
  return {
    compare: (pair) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.stdin.write(`${JSON.stringify(pair)}\n`);
      }),
    stop: () => child.kill(),
  };
}
