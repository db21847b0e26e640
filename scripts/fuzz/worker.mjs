/* oxlint-disable unicorn/require-post-message-target-origin -- a port of worker_threads has no origin */
/** The thread that runs parsers. It is killed when an input takes too long, and started again behind that input. */
import { startMeter, readMeter, GROWTH_MAX } from './meter.mjs';
import { parentPort, workerData } from 'node:worker_threads';

const { bundle, root, clock } = workerData;
const { TARGETS, Corpus, feedOf, inputAt, outcomeOf } = await import(bundle);
const corpus = await Corpus.load(root);
/** [0] inputs begun, [1] 1 while one runs: read by the thread that watches. */
const shared = new Int32Array(clock);
let stray = null;
process.on('unhandledRejection', (reason) => (stray ??= reason));
process.on('uncaughtException', (error) => (stray ??= error));

const MiB = 1024 * 1024;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Runs one input. @returns what it took, and what is wrong with it, if anything is */
async function runOne(target, bytes) {
  stray = null;
  startMeter();
  const cpu = process.cpuUsage();
  const started = performance.now();
  Atomics.add(shared, 0, 1);
  Atomics.store(shared, 1, 1);
  let outcome = 'failed';
  let problem = null;
  try {
    outcome = await outcomeOf(target, bytes);
  } catch (error) {
    problem = { kind: 'uncoded', what: describe(error) };
  }
  Atomics.store(shared, 1, 0);
  const wall = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  // A machine with other work on it stretches the first; helper threads add to the second.
  const ms = Math.min(wall, (user + system) / 1000);
  const { growth, refused } = readMeter();
  if (refused > 0) problem = { kind: 'buffer', what: `a buffer of ${Math.round(refused / MiB)} MiB` };
  else if (growth > GROWTH_MAX) problem ??= { kind: 'growth', what: `${Math.round(growth / MiB)} MiB` };
  return { outcome, problem, ms, growth };
}

/** Name, message without its numbers, and the first place in our own code: what makes two failures the same. */
function describe(error) {
  if (!(error instanceof Error)) return String(error).slice(0, 200);
  const place = /\bat (?:async )?(?:new )?([\w.#$<>]+) \(/.exec(error.stack ?? '')?.[1] ?? '';
  return `${error.name}: ${error.message.slice(0, 160)} (${place})`;
}

async function batch({ id, session, from, until, deadline }) {
  const target = TARGETS.find((one) => one.id === id);
  const feed = feedOf(target, target.seeds(corpus));
  const sum = { done: 0, described: 0, refused: 0, slowest: 0, growth: 0, problems: [] };
  const open = process.getActiveResourcesInfo().length;
  const strays = [];
  for (let index = from; index < until; index += 1) {
    const bytes = inputAt(feed, session, index);
    const { outcome, problem, ms, growth } = await runOne(target, bytes);
    sum.done += 1;
    if (outcome !== 'failed') sum[outcome] += 1;
    if (ms > sum.slowest) sum.slowest = ms;
    if (growth > sum.growth) sum.growth = growth;
    if (problem !== null && sum.problems.length < 50) sum.problems.push({ index, ...problem });
    if (index % 64 === 0) {
      // Rejections that nobody waits for are told at a turn of the loop.
      await turn();
      if (stray !== null) strays.push({ index, kind: 'stray', what: describe(stray) });
      stray = null;
      if (Date.now() > deadline) break;
    }
  }
  await turn();
  if (stray !== null) strays.push({ index: from + sum.done - 1, kind: 'stray', what: describe(stray) });
  // Streams that were left open hold handles; closing takes a few turns.
  for (let wait = 0; wait < 50 && process.getActiveResourcesInfo().length > open; wait += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const left = process.getActiveResourcesInfo().length - open;
  if (left > 0) sum.problems.push({ index: from, kind: 'left-open', what: process.getActiveResourcesInfo().join(' ') });
  sum.problems.push(...strays);
  return sum;
}

async function one({ id, bytes }) {
  const target = TARGETS.find((one) => one.id === id);
  const { problem, ms, growth } = await runOne(target, bytes);
  await turn();
  const strayed = stray === null ? null : { kind: 'stray', what: describe(stray) };
  return { problem: problem ?? strayed, ms, growth };
}

parentPort.on('message', async (message) => {
  try {
    parentPort.postMessage(await (message.kind === 'batch' ? batch(message) : one(message)));
  } catch (error) {
    // The fuzzer itself is wrong.
    parentPort.postMessage({ fatal: error.stack });
  }
});
parentPort.postMessage({ ready: true, seeds: TARGETS.map((one) => one.seeds(corpus).length) });
