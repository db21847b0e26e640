/**
 * `npm run fuzz -- [--seconds 60] [--seed WORD] [--only gguf,onnx] [--replay FILE] [--list]`: changed inputs for every
 * parser, until the time is up. Fails when one input brings an uncoded error, a hang, a rejection nobody waits for or
 * more memory than a worker has. Such inputs are made small and kept in fixtures/crashers.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleTs } from './run-ts.mjs';
import { root } from './run.mjs';
import { Runner } from './fuzz/runner.mjs';
import { newRow, printTable } from './fuzz/table.mjs';

const { values: args } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1e9) },
    only: { type: 'string', default: '' },
    replay: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});
const BATCH = 2_000;
/** Failures of one parser that are made small and kept; more are counted. */
const KEPT_MAX = 8;
const CRASHERS = join(root, 'fixtures/crashers');

const bundle = await bundleTs('scripts/fuzz/main.ts');
const { TARGETS, Corpus, feedOf, inputAt, minimise } = await import(bundle);
const wanted = args.only === '' ? null : args.only.split(',');
const chosen = TARGETS.filter(({ id }) => wanted === null || wanted.includes(id));
for (const id of wanted ?? []) if (!TARGETS.some((one) => one.id === id)) throw new Error(`no parser is called ${id}`);

if (args.list) console.log(TARGETS.map(({ id }) => id).join('\n'));
else if (args.replay !== undefined) process.exitCode = await replay(args.replay);
else process.exitCode = await run();

async function run() {
  const seconds = Number(args.seconds);
  console.log(`seed ${args.seed}, ${seconds} s for ${chosen.length} parsers`);
  const corpus = await Corpus.load(root);
  const runner = new Runner(bundle, root);
  const rows = [];
  for (const [done, target] of chosen.entries()) {
    // What earlier parsers left of their time goes to the later ones.
    const share = (seconds - rows.reduce((sum, row) => sum + row.seconds, 0)) / (chosen.length - done);
    const row = await fuzz(target, corpus, runner, Math.max(0.5, share));
    rows.push(row);
    console.log(`${target.id}: ${row.inputs} inputs, ${row.kept.length} kept`);
  }
  await runner.stop();
  printTable(rows, args.seed);
  return rows.some(({ failures }) => failures > 0) ? 1 : 0;
}

async function fuzz(target, corpus, runner, seconds) {
  const feed = feedOf(target, target.seeds(corpus));
  const row = newRow(target.id, feed.seeds.length);
  const known = new Set();
  const started = performance.now();
  const deadline = Date.now() + seconds * 1000;
  for (let from = 0; Date.now() < deadline;) {
    const message = { kind: 'batch', id: target.id, session: args.seed, from, until: from + BATCH, deadline };
    const answer = await runner.ask(message);
    const problems = [];
    if ('killed' in answer) {
      const done = Math.max(1, answer.begun);
      row.inputs += done;
      problems.push({ index: from + done - 1, kind: answer.killed, what: answer.killed });
      from += done;
    } else {
      row.inputs += answer.done;
      row.described += answer.described;
      row.refused += answer.refused;
      row.slowest = Math.max(row.slowest, answer.slowest);
      row.growth = Math.max(row.growth, answer.growth);
      problems.push(...answer.problems);
      from += answer.done;
    }
    for (const problem of problems) {
      row.failures += 1;
      const sign = `${problem.kind} ${signOf(problem.what)}`;
      if (known.has(sign) || known.size >= KEPT_MAX) continue;
      known.add(sign);
      await keep(target, inputAt(feed, args.seed, problem.index), problem, runner, row);
    }
  }
  row.seconds = (performance.now() - started) / 1000;
  return row;
}

/** Runs the input alone; when it fails again, makes it small and writes it down. */
async function keep(target, bytes, problem, runner, row) {
  const failure = async (candidate) => {
    const answer = await runner.ask({ kind: 'one', id: target.id, bytes: candidate });
    return 'killed' in answer ? { kind: answer.killed, what: answer.killed } : answer.problem;
  };
  const first = await failure(bytes);
  if (first === null) {
    console.log(`  ${target.id}: ${problem.kind} (${problem.what}) at input ${problem.index} did not come again`);
    if (problem.kind === 'slow' || problem.kind === 'stuck') row.failures -= 1;
    return;
  }
  const sign = signOf(first.what);
  const same = async (candidate) => {
    const again = await failure(candidate);
    return again !== null && again.kind === first.kind && signOf(again.what) === sign;
  };
  const slow = first.kind === 'slow' || first.kind === 'stuck' || first.kind === 'memory';
  const small = await minimise(bytes, same, slow ? 30 : 600);
  const hash = createHash('sha256').update(small).digest('hex').slice(0, 12);
  const path = join(CRASHERS, `${target.id}-${hash}.bin`);
  mkdirSync(CRASHERS, { recursive: true });
  writeFileSync(path, small);
  row.kept.push(path);
  console.log(`  ${relative(root, path)}: ${first.kind}: ${first.what} (${small.length} bytes)`);
}

/** A failure without what differs from input to input: numbers, and what is quoted of it. */
function signOf(what) {
  const place = /\([^()]*\)$/.exec(what)?.[0] ?? '';
  return `${what.replace(/[\d"'\u2026].*$/s, '').slice(0, 30)} ${place}`;
}

async function replay(path) {
  const id = wanted?.[0] ?? basename(path).replace(/-[0-9a-f]+\.bin$/, '');
  if (!TARGETS.some((one) => one.id === id)) throw new Error(`say which parser: --only ${id} is none`);
  const runner = new Runner(bundle, root);
  const answer = await runner.ask({ kind: 'one', id, bytes: new Uint8Array(readFileSync(path)) });
  await runner.stop();
  console.log(`${id}: ${JSON.stringify(answer)}`);
  return 'killed' in answer || answer.problem !== null ? 1 : 0;
}
