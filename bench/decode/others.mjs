/** The yardsticks beside our own code: C through whatever compiler there is, NumPy and gguf-py. Each may be missing. */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

class Other {
  /** @param {number} most bytes it gets at most: gguf-py needs a second for 20 MB */
  constructor(title, command, args, most = Infinity) {
    this.title = title;
    this.most = most;
    this.waiting = null;
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdin.on('error', () => {});
    this.child.on('exit', (code, signal) => {
      this.gone = true;
      if (this.waiting) console.log(`${title} ended in the middle (${signal ?? code})`);
      this.waiting?.('');
    });
    createInterface({ input: this.child.stdout }).on('line', (line) => this.waiting?.(line));
  }

  async ask(line) {
    if (this.gone) return '';
    const answer = new Promise((resolve) => (this.waiting = resolve));
    this.child.stdin.write(`${line}\n`);
    const text = await answer;
    this.waiting = null;
    return text;
  }

  /** @returns {Promise<boolean>} whether it knows the dtype */
  async load(dtype, path, bytes) {
    this.bytes = bytes;
    return (await this.ask(`load ${dtype} ${path} ${bytes}`)) === 'ok';
  }

  /** @returns {Promise<number>} bytes per second of one pass */
  async run(what) {
    return this.bytes / Number(await this.ask(`run ${what}`));
  }

  quit() {
    if (!this.gone) this.child.stdin.end('quit\n');
  }
}

const runs = (command, args) => spawnSync(command, args, { encoding: 'utf8' }).status === 0;

export function natives(folder, out) {
  const compiler = ['clang', 'gcc', 'cc'].find((name) => runs(name, ['--version']));
  if (compiler === undefined) {
    console.log('skipped: native C (no clang, gcc or cc on this machine)');
    return [];
  }
  const source = join(folder, 'native.c');
  const found = [];
  for (const [title, flags] of [
    [`${compiler} -O3`, ['-O3']],
    [`${compiler} -O3 -march=native`, ['-O3', '-march=native']],
  ]) {
    const binary = join(out, `native${found.length}`);
    if (runs(compiler, [...flags, '-o', binary, source, '-lm'])) found.push(new Other(title, binary, []));
    else console.log(`skipped: ${title} (does not compile here)`);
  }
  return found;
}

export function pythons(folder) {
  const python = process.env.ASSAY_BENCH_PYTHON ?? 'python3';
  if (!runs(python, ['-c', 'import numpy'])) {
    console.log('skipped: NumPy (not importable; name a Python that has it in ASSAY_BENCH_PYTHON)');
    return [];
  }
  if (!runs(python, ['-c', 'import gguf'])) console.log('skipped: gguf-py (not importable): no numbers for ggml types');
  return [new Other('NumPy, gguf-py', python, [join(folder, 'reference.py')], 2 ** 20)];
}
