/**
 * Two gigabytes in each main container: described from headers, and verified whole, by the command line. Memory is the
 * high-water mark of the whole process (`/proc/<pid>/status`, VmHWM), so Linux only. `node bench/large.mjs [container …]`
 *
 * The files are sparse: zeros that no disk holds. Reading them is as fast as reading cached pages.
 */
import { spawn } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { bin, node, root } from '../scripts/run.mjs';
import { loadTs } from '../scripts/run-ts.mjs';

const out = join(root, 'bench/.out/large');
const cli = join(root, 'bench/.out/large-cli');
/** MiB that the whole process may take, whatever the size of the file. */
const MEMORY_MAX = 700;

const wanted = process.argv.slice(2);
node([bin('vite'), 'build', '--mode', 'cli', '--logLevel', 'error', '--outDir', cli, '--emptyOutDir']);
const { largeModels } = await loadTs('src/core/formats/large.suite.ts');
console.log(
  '| container | GB | headers: bytes read | s | peak MiB | whole: s | MB/s | peak MiB | tensors with a digest |',
);
console.log('|---|---:|---:|---:|---:|---:|---:|---:|---:|');
let failed = false;
for (const { container, files, tensors } of largeModels()) {
  if (wanted.length > 0 && !wanted.some((word) => container.includes(word))) continue;
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  for (const file of files) write(file);
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const path = files.length > 1 ? out : join(out, files[0].name);
  const headers = await run('inspect', path);
  const headerBytes = headers.report.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  const whole = await run('verify', path);
  const named = whole.report.artifacts.flatMap((artifact) => artifact.tensors ?? []);
  const digests = named.filter(({ digest }) => digest !== undefined).length;
  const rate = size / 1e6 / whole.seconds;
  failed ||= Math.max(headers.peak, whole.peak) > MEMORY_MAX || headerBytes > 1e6;
  const cells = [
    (size / 1e9).toFixed(2),
    headerBytes,
    headers.seconds.toFixed(1),
    headers.peak.toFixed(0),
    whole.seconds.toFixed(1),
    rate.toFixed(0),
    whole.peak.toFixed(0),
    `${digests} of ${tensors}`,
  ];
  console.log(`| ${container} | ${cells.join(' | ')} |`);
}
rmSync(out, { recursive: true, force: true });
process.exitCode = failed ? 1 : 0;

function write({ name, size, pieces }) {
  const file = openSync(join(out, name), 'w');
  ftruncateSync(file, size);
  for (const { at, bytes } of pieces) writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
}

/** Runs a command to its end, looking at its memory all the while. */
async function run(command, path) {
  const started = performance.now();
  const child = spawn(process.execPath, [join(cli, 'assay.js'), command, path, '--json', '--db', 'none', '--offline']);
  let peak = 0;
  const look = () => {
    try {
      peak =
        Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? peak * 1024) / 1024;
    } catch {
      // It has ended.
    }
  };
  const watch = setInterval(look, 20);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  await new Promise((resolve) => child.on('close', resolve));
  clearInterval(watch);
  return { report: JSON.parse(text), seconds: (performance.now() - started) / 1000, peak };
}
