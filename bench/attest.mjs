/**
 * `node bench/attest.mjs [--times 15] [--runs 3]`: how long it takes to check one attestation, in a thread of Node and in a
 * worker of Chromium. One run measures everything in turn, so that a busy machine disturbs all alike.
 *
 * - cold: from starting the worker to the first answer, with all that is loaded on the way.
 * - first: the first check alone, in a worker that has started.
 * - warm: the median of the checks after it. best: the least of them, which a busy machine disturbs least.
 * - cpu: processor time of a warm check, in Node: what is left of it on a machine that has other things to do.
 *
 * Rivals, in Node: Sigstore's own package on Node's own crypto (`@sigstore/verify`), and `openssl dgst -verify` as a whole
 * process for a bare key. The attestations are published ones, from ../shared beside the repository.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { chromium } from 'playwright';
import { build } from 'vite';
import { browserFlags, findBrowser } from '../scripts/find-browser.mjs';
import { root } from '../scripts/run.mjs';
import { serve } from '../scripts/serve.mjs';

const { values: options } = parseArgs({
  options: { times: { type: 'string', default: '15' }, runs: { type: 'string', default: '3' } },
});
const TIMES = Number(options.times);
const RUNS = Number(options.runs);
/** Milliseconds of one warm check in a worker. */
const AIM = 150;

const corpora = join(root, '../shared/corpora');
if (!existsSync(corpora)) {
  console.log('skipped: the published attestations are not beside the repository (../shared/corpora)');
  process.exit(0);
}
const read = (path) => new Uint8Array(readFileSync(join(corpora, path)));

function conformance(id) {
  const { cases } = JSON.parse(readFileSync(join(corpora, 'sigstore-conformance/cases.json'), 'utf8'));
  const { bundle, artifact, identity, issuer, trusted_root: trust } = cases.find((one) => one.id === id);
  const path = `${artifact}.sigstore.json`;
  const files = [
    { path: artifact, bytes: read(`sigstore-conformance/${artifact}`) },
    { path, bytes: read(`sigstore-conformance/${bundle}`) },
  ];
  return { path, files, trustedRoots: [read(join('sigstore-conformance', trust))], signer: { identity, issuer } };
}

function oms(form) {
  const folder = `oms-reference/vectors/v1.1.0-${form}`;
  const names = readdirSync(join(corpora, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(corpora, folder).length + 1));
  return { path: 'model.sig', files: names.map((path) => ({ path, bytes: read(`${folder}/${path}`) })) };
}

const NONE = { keys: [], roots: [], trustedRoots: [] };
const cases = [
  { ...NONE, name: 'Sigstore v0.3', ...conformance('happy-path-v0.3') },
  { ...NONE, name: 'Sigstore, Rekor v2', ...conformance('rekor2-dsse-happy-path') },
  { ...NONE, name: 'OMS key', ...oms('elliptic-key'), keys: [read('oms-reference/keys/signing-key-pub.pem')] },
  { ...NONE, name: 'OMS certificate', ...oms('certificate'), roots: [read('oms-reference/keys/ca-cert.pem')] },
];

const config = join(root, 'bench/attest/vite.config.ts');
await build({ configFile: config, mode: 'node' });
await build({ configFile: config });
const site = await serve({ dir: join(root, 'bench/.out/attest-page') });
const browser = await chromium.launch({ executablePath: findBrowser(), args: browserFlags() });

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const told = (cold, taken) => ({
  cold,
  first: taken[0],
  warm: median(taken.slice(1)),
  best: Math.min(...taken.slice(1)),
});

function inThread(file, one, times) {
  const thread = new Worker(file);
  return new Promise((resolve, reject) => {
    thread.once('error', reject);
    thread.once('message', ({ taken, error }) => {
      void thread.terminate();
      if (taken) resolve(taken);
      else reject(new Error(error));
    });
    thread.postMessage({ one, times }, []);
  });
}

/** Milliseconds of processor time of this process since then, all of its threads. */
function busy(since) {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

const node = (file) => async (one) => {
  const started = performance.now();
  const idle = process.cpuUsage();
  await inThread(file, one, 1);
  const cold = performance.now() - started;
  const alone = busy(idle);
  const again = process.cpuUsage();
  const taken = await inThread(file, one, TIMES);
  // What starting and the first check took is in both.
  return { ...told(cold, taken), cpu: (busy(again) - alone) / (TIMES - 1) };
};

async function inChromium(one) {
  // A context of its own: nothing that an earlier case loaded is in its cache.
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(site.url);
  await page.waitForFunction(() => 'attestBench' in globalThis);
  const plain = (list) => list.map((bytes) => [...bytes]);
  const sent = {
    ...one,
    files: one.files.map(({ path, bytes }) => ({ path, bytes: [...bytes] })),
    keys: plain(one.keys),
    roots: plain(one.roots),
    trustedRoots: plain(one.trustedRoots),
  };
  const { cold, taken } = await page.evaluate(([given, n]) => globalThis.attestBench(given, n), [sent, TIMES]);
  await context.close();
  return told(cold, taken);
}

/** `openssl` with the signature, the key and the signed text as files; the whole process. */
function openssl(one) {
  const { dsseEnvelope } = JSON.parse(new TextDecoder().decode(one.files.find(({ path }) => path === one.path).bytes));
  const payload = Buffer.from(dsseEnvelope.payload, 'base64');
  const text = Buffer.concat([
    Buffer.from(`DSSEv1 ${dsseEnvelope.payloadType.length} ${dsseEnvelope.payloadType} ${payload.length} `),
    payload,
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  const put = (name, bytes) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const args = [
    '-verify',
    put('key', one.keys[0]),
    '-signature',
    put('sig', Buffer.from(dsseEnvelope.signatures[0].sig, 'base64')),
    put('text', text),
  ];
  const taken = [];
  for (let i = 0; i <= TIMES; i += 1) {
    const started = performance.now();
    const done = spawnSync('openssl', ['dgst', '-sha384', ...args]);
    if (done.error || done.status !== 0) return null;
    taken.push(performance.now() - started);
  }
  rmSync(folder, { recursive: true });
  return told(taken[0], taken);
}

const subjects = [
  ['Node', node(join(root, 'bench/.out/attest-node/thread.js')), () => true],
  ['Chromium', inChromium, () => true],
  ['@sigstore/verify', node(join(root, 'bench/attest/rival.mjs')), (one) => one.trustedRoots.length > 0],
  ['openssl', openssl, (one) => one.name === 'OMS key'],
];
const results = new Map();
for (let run = 0; run < RUNS; run += 1) {
  for (const one of cases) {
    for (const [name, work, fits] of subjects) {
      if (!fits(one)) continue;
      const found = await work(one);
      const key = `${one.name}\t${name}`;
      if (found !== null) results.set(key, [...(results.get(key) ?? []), found]);
    }
  }
}
await browser.close();
await site.close();

console.log(`\nMilliseconds, median of ${RUNS} runs with ${TIMES} checks each; every one of them holds\n`);
console.log(
  `${'attestation'.padEnd(22)}${'where'.padEnd(18)}${'cold'.padStart(8)}${'first'.padStart(8)}${'warm'.padStart(8)}${'best'.padStart(8)}${'cpu'.padStart(8)}`,
);
const warm = new Map();
for (const [key, list] of results) {
  const [one, where] = key.split('\t');
  const of = (part) => median(list.map((found) => found[part]));
  warm.set(key, of('warm'));
  const shown = ['cold', 'first', 'warm', 'best', 'cpu'].filter((part) => list[0][part] !== undefined);
  const cells = shown.map((part) => of(part).toFixed(1).padStart(8)).join('');
  console.log(`${one.padEnd(22)}${where.padEnd(18)}${cells}`);
}
console.log('');
for (const { name } of cases) {
  for (const [where] of subjects.slice(0, 2)) {
    const own = warm.get(`${name}\t${where}`);
    const [rival, theirs] =
      subjects
        .slice(2)
        .map(([r]) => [r, warm.get(`${name}\t${r}`)])
        .find(([, t]) => t !== undefined) ?? [];
    const ratio = theirs === undefined ? '' : `, ${(own / theirs).toFixed(2)} × ${rival}`;
    console.log(`${name} in ${where}: ${own.toFixed(1)} ms${ratio} (at most ${AIM}: ${own <= AIM ? 'yes' : 'NO'})`);
  }
}
