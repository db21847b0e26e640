/**
 * How much memory the largest legal safetensors header takes to read: 99.5 MB of JSON, 249,000 tensors. Each step is a
 * process of its own, so that its high-water mark (VmHWM) is that step's. `node bench/header.mjs`
 */
import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleTs } from '../scripts/run-ts.mjs';
import { root } from '../scripts/run.mjs';

const TENSORS = 249_000;
const HEADER = 99_500_000;
const MiB = 2 ** 20;
const path = join(root, 'bench/.out/header.safetensors');

if (process.argv[2] === 'step') await step(process.argv[3], process.argv[4]);
else {
  mkdirSync(join(root, 'bench/.out'), { recursive: true });
  write();
  const bundle = await bundleTs('bench/header/open.ts');
  for (const name of ['nothing', 'read', 'open']) {
    const done = spawnSync(process.execPath, [fileURLToPath(import.meta.url), 'step', name, bundle], {
      encoding: 'utf8',
    });
    console.log(done.stdout.trim() || done.stderr);
  }
  if (!process.argv.includes('--keep')) rmSync(path);
}

/** Names are as long as the header has to be filled. */
function write() {
  const file = openSync(path, 'w');
  const rest = `":{"dtype":"F32","shape":[1,1],"data_offsets":[`;
  const each = Math.floor(HEADER / TENSORS);
  let at = 8;
  let text = '{';
  for (let i = 0; i < TENSORS; i += 1) {
    const tail = `${rest}${i * 4},${i * 4 + 4}]}${i === TENSORS - 1 ? '}' : ','}`;
    const name = `model.layers.${i}.`;
    text += `"${name}${'x'.repeat(Math.max(0, each - tail.length - name.length - 1))}${tail}`;
    if (text.length > MiB || i === TENSORS - 1) {
      at += writeSync(file, text, at);
      text = '';
    }
  }
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(at - 8));
  writeSync(file, length, 0, 8, 0);
  ftruncateSync(file, at + TENSORS * 4);
  closeSync(file);
}

async function step(name, bundle) {
  const { openSafetensors, openFile } = await import(bundle);
  const source = await openFile({ name: 'header.safetensors', path });
  const before = highWater();
  const started = performance.now();
  let kept = null;
  if (name === 'read') kept = await source.read(0, HEADER);
  if (name === 'open') kept = await openSafetensors(source);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const tensors = kept?.tensors?.length ?? 0;
  console.log(
    `${name}: ${(highWater() - before).toFixed(0)} MiB above ${before.toFixed(0)}, ${seconds} s, ${tensors} tensors`,
  );
  process.exit();
}

/** MiB: the most this process ever had in memory. */
function highWater() {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024;
}
