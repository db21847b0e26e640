/**
 * Compiles src/core/kernels/assembly (AssemblyScript) into src/core/kernels/module.gen.ts: the module as base64, so that
 * loading it needs no address and no request. Neither form is in git, because nobody can review a binary; its SHA-256 is
 * (kernels.sha256), and a build whose module differs fails. After a change of the source: `--accept`.
 *
 * The compiler is deterministic (JavaScript and WebAssembly from npm), so the digest holds on every system. Nothing is
 * compiled when neither the source nor the compiler has changed.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './run.mjs';

const folder = join(root, 'src/core/kernels');
const source = join(folder, 'assembly');
const target = join(folder, 'module.gen.ts');
const recorded = join(folder, 'kernels.sha256');

/** Pages of 64 KiB, as src/core/kernels/layout.ts lays them out. */
const PAGES = '9';
const OPTIONS = [
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--enable',
  'simd',
  '--memoryBase',
  '64',
  '--zeroFilledMemory',
];
const MEMORY = ['--initialMemory', PAGES, '--maximumMemory', PAGES];

const sha256 = (data) => createHash('sha256').update(data).digest('hex');

/** Changes when the source, the compiler or its options do. */
function inputs() {
  const hash = createHash('sha256').update([...OPTIONS, ...MEMORY].join(' '));
  hash.update(readFileSync(join(root, 'node_modules/assemblyscript/package.json')));
  for (const name of readdirSync(source).toSorted()) hash.update(name).update(readFileSync(join(source, name)));
  return hash.digest('hex');
}

/** @returns {Promise<Uint8Array>} the compiled module */
async function compile() {
  const { default: asc } = await import('assemblyscript/asc');
  let module = null;
  const { error, stderr } = await asc.main(
    [join(source, 'index.ts'), ...OPTIONS, ...MEMORY, '--outFile', 'kernels.wasm'],
    { writeFile: (_, contents) => (module = contents) },
  );
  if (error || module === null) throw new Error(`asc: ${error?.message}\n${stderr.toString()}`);
  return module;
}

/** An import or static data would mean that memory is laid out otherwise than layout.ts says. */
function inspect(code) {
  const module = new WebAssembly.Module(code);
  if (WebAssembly.Module.imports(module).length > 0) throw new Error('the module imports something');
  const { memory } = new WebAssembly.Instance(module).exports;
  if (new Uint8Array(memory.buffer).some((byte) => byte !== 0)) throw new Error('the module holds static data');
}

/** @returns {Promise<string>} what was done, in one line */
async function buildKernels({ accept = false } = {}) {
  const stamp = inputs();
  const expected = existsSync(recorded) ? readFileSync(recorded, 'utf8').trim() : 'nothing';
  const first = existsSync(target) ? readFileSync(target, 'utf8').slice(0, 400) : '';
  if (!accept && first.includes(stamp) && first.includes(expected)) return 'up to date';
  const code = await compile();
  inspect(code);
  const digest = sha256(code);
  if (accept) writeFileSync(recorded, `${digest}\n`);
  else if (digest !== expected) {
    const how = 'If the source changed on purpose: node scripts/build-kernels.mjs --accept';
    throw new Error(`the compiled module is ${digest}, recorded is ${expected}. ${how}`);
  }
  const base64 = Buffer.from(code).toString('base64');
  const text = `// Compiled by scripts/build-kernels.mjs, not in git.
// sha256 ${digest}
// from   ${stamp}
export const MODULE_BASE64 =
  '${base64}';
`;
  // Whole or not at all: tests may be reading it.
  writeFileSync(`${target}.new`, text);
  renameSync(`${target}.new`, target);
  return `${code.length} bytes, sha256 ${digest}`;
}

/** Called by vitest before the tests, so that a fresh checkout needs no separate build. */
export async function setup() {
  await buildKernels();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    console.log(`kernels: ${await buildKernels({ accept: process.argv.includes('--accept') })}`);
  } catch (error) {
    console.error(`kernels: ${error.message}`);
    process.exit(1);
  }
}
