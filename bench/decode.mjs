/**
 * How fast stored bytes become float32: our WASM kernels, their TypeScript twin, C, NumPy and gguf-py over the same bytes
 * in one run, taking turns, medians. `node bench/decode.mjs [dtype …]`
 *
 * GiB of stored bytes per second of processor time, so that other work on the machine counts as little as can be; "Σx²" is decoding and summing squares in float64. What is missing on a machine is skipped with a
 * line. Exits with 1 when a target is missed.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { loadTs } from '../scripts/run-ts.mjs';
import { root } from '../scripts/run.mjs';
import { stored } from './decode/data.mjs';
import { natives, pythons } from './decode/others.mjs';
import { benchSchemes } from './decode/schemes.mjs';

const SIZE = 16 * 2 ** 20;
const ROUNDS = 7;
/** How many times slower than C a dtype may be. */
const TARGETS = { BF16: 2, F16: 2, Q4_K: 2, Q8_0: 3 };
/** What the file hash does: no dtype may be slower. Bytes per second. */
const HASH = 430e6;

const folder = join(root, 'bench/decode');
const out = join(root, 'bench/.out');
mkdirSync(out, { recursive: true });
const core = await loadTs('bench/decode/entry.ts');
const kernels = await core.loadKernels();
const { TILE_VALUES } = core;

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const gib = (speed) => (speed === undefined ? '-' : (speed / 2 ** 30).toFixed(2));

/** Processor time of this process so far, in seconds. */
function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Bytes per second of `work` over all tiles. */
function timed(bytes, tile, work) {
  const start = cpuSeconds();
  for (let at = 0; at + tile <= bytes.length; at += tile) work(bytes.subarray(at, at + tile));
  return (Math.floor(bytes.length / tile) * tile) / (cpuSeconds() - start);
}

const others = [...natives(folder, out), ...pythons(folder)];
console.log(`${cpus()[0].model}, Node ${process.versions.node}, ${SIZE / 2 ** 20} MiB a dtype, medians of ${ROUNDS}`);
const columns = [
  'WASM',
  'WASM Σx²',
  'TypeScript',
  ...others.flatMap(({ title }) => [title, `${title} Σx²`]),
  'best C / WASM',
  'Σx²',
];
console.log(`| dtype | ${columns.join(' | ')} |\n|---|${columns.map(() => '---:').join('|')}|`);

const asked = process.argv.slice(2);
const missed = [];
for (const dtype of asked.length > 0 ? asked : core.DECODED_DTYPES) {
  const codec = core.codecOf(dtype);
  const bytes = stored(dtype, codec, SIZE, TILE_VALUES);
  const tile = (TILE_VALUES / codec.blockValues) * codec.blockBytes;
  const path = join(out, 'stored.bin');
  writeFileSync(path, bytes);
  const able = [];
  for (const other of others) if (await other.load(dtype, path, Math.min(bytes.length, other.most))) able.push(other);
  const values = new Float32Array(TILE_VALUES);
  const decode = (piece) => kernels.decode(codec.kernel, piece, TILE_VALUES, codec.table);
  const speeds = {};
  const note = (name, speed) => (speeds[name] ??= []).push(speed);
  for (let round = 0; round < ROUNDS; round++) {
    note('WASM', timed(bytes, tile, decode));
    note(
      'WASM Σx²',
      timed(bytes, tile, (piece) => kernels.squares(decode(piece))),
    );
    const part = bytes.subarray(0, Math.max(tile, bytes.length / 8));
    note(
      'TypeScript',
      timed(part, tile, (piece) => {
        codec.decode(piece, values);
        core.canonicalNaN(values);
      }),
    );
    for (const other of able) {
      note(other.title, await other.run('decode'));
      note(`${other.title} Σx²`, await other.run('squares'));
    }
  }
  const speed = Object.fromEntries(Object.entries(speeds).map(([name, list]) => [name, median(list)]));
  const c = able.filter(({ title }) => title.includes('-O3')).map(({ title }) => title);
  const ratio = c.length > 0 ? Math.max(...c.map((title) => speed[title])) / speed.WASM : undefined;
  const ratioSquares =
    c.length > 0 ? Math.max(...c.map((title) => speed[`${title} Σx²`])) / speed['WASM Σx²'] : undefined;
  const cells = columns.slice(0, -2).map((name) => gib(speed[name]));
  console.log(`| ${dtype} | ${[...cells, ratio?.toFixed(2) ?? '-', ratioSquares?.toFixed(2) ?? '-'].join(' | ')} |`);
  if (speed.WASM < HASH) missed.push(`${dtype}: ${gib(speed.WASM)} GiB/s is slower than the file hash`);
  const target = TARGETS[dtype];
  if (target !== undefined && ratio > target)
    missed.push(`${dtype}: C decodes ${ratio.toFixed(2)} times as fast (target ${target})`);
  if (target !== undefined && ratioSquares > target)
    missed.push(`${dtype} Σx²: C is ${ratioSquares.toFixed(2)} times as fast (target ${target})`);
}
if (asked.length === 0) {
  console.log('\n| quantised layout | GiB/s of stored bytes | 10⁹ values/s |\n|---|---:|---:|');
  for await (const [layout, speed, rate] of benchSchemes(core, kernels, ROUNDS, median, cpuSeconds)) {
    console.log(`| ${layout} | ${gib(speed)} | ${(rate / 1e9).toFixed(2)} |`);
    if (speed < HASH) missed.push(`${layout}: ${gib(speed)} GiB/s is slower than the file hash`);
  }
}
for (const other of others) other.quit();
rmSync(join(out, 'stored.bin'), { force: true });
console.log(missed.length === 0 ? '\nall targets met' : `\nmissed:\n${missed.join('\n')}`);
process.exit(missed.length === 0 ? 0 : 1);
