import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GgufWriter, tensor, writeSafetensors } from '../../src/core/formats/writers.suite.ts';

const ROOT = join(import.meta.dirname, '../..');
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A folder laid out like the golden set: one good file of each format, one that must be refused, one with a finding. */
let folder = '';
const put = (path: string, content: Uint8Array | object): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content instanceof Uint8Array ? content : JSON.stringify(content));
};
const edit = (path: string, change: (json: string) => string): void => {
  const before = readFileSync(join(folder, path), 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(join(folder, path), after);
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-conformance-'));
  const w = new GgufWriter();
  const t = tensor('w', 'F32', [2, 4]);
  const row = { name: 'w', dtype: 'F32', shape: [2, 4], byte_length: 32, payload_sha256: sha256(t.bytes) };
  const safe = writeSafetensors([t], { format: 'pt' });
  const start = safe.length - 32;
  put('safetensors/a.safetensors', safe);
  put('expected/safetensors/a.safetensors.json', {
    file: 'safetensors/a.safetensors',
    format: 'safetensors',
    bytes: safe.length,
    sha256: sha256(safe),
    facts: { header_length: start - 8, data_start: start },
    metadata: { format: 'pt' },
    tensors: [{ ...row, file_offset: start }],
  });
  const gguf = w.file([['general.architecture', w.value('STRING', 'llama')]], [t]);
  put('gguf/b.gguf', gguf);
  put('expected/gguf/b.gguf.json', {
    file: 'gguf/b.gguf',
    format: 'gguf',
    facts: { version: 3, endian: 'little' },
    metadata: [{ key: 'general.architecture', type: 'STRING', value: 'llama' }],
    tensors: [{ ...row, ggml_type: 0, ne: [4, 2], rel_offset: 0, file_offset: gguf.length - 32 }],
  });
  put('hostile/gguf/cut.gguf', gguf.subarray(0, -4));
  put('hostile/gguf/odd.gguf', w.file([], [t]));
  put('expected/onnx/c.onnx.json', { file: 'onnx/c.onnx', format: 'nothing-we-read', tensors: [] });
  put('hostile/expected.json', {
    files: [
      {
        file: 'gguf/cut.gguf',
        format: 'gguf',
        verdict: 'reject',
        codes: ['truncated', 'out-of-bounds'],
        bytes: gguf.length - 4,
      },
      { file: 'gguf/odd.gguf', format: 'gguf', verdict: 'warn', codes: ['missing-field'] },
    ],
  });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(...more: string[]): { status: number | null; lines: string[] } {
  const args = [join(ROOT, 'scripts/conformance.mjs'), 'formats', folder, ...more];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 120_000,
  });
  return { status, lines: `${stderr}${stdout}`.trim().split('\n') };
}

describe('the conformance runner', { timeout: 240_000 }, () => {
  it('counts what agrees, and what no reader covers apart', () => {
    const { status, lines } = run();
    expect(lines.at(-1)).toBe('4 agree, 0 differ');
    expect(lines).toContain('not covered: 1 (formats nothing-we-read)');
    expect(status).toBe(0);
  });

  it('fails when one expectation is altered', () => {
    edit('expected/gguf/b.gguf.json', (json) => json.replace('"shape":[2,4]', '"shape":[4,2]'));
    const { status, lines } = run();
    expect(lines.at(-1)).toBe('3 agree, 1 differ');
    expect(lines.join('\n')).toContain('DIFFER gguf/b.gguf: tensor "w": shape: expected [4,2], is [2,4]');
    expect(status).toBe(1);
  });

  it('fails when one byte of a model is altered, even where no file digest is stated', () => {
    const path = join(folder, 'gguf/b.gguf');
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path, bytes);
    const { status, lines } = run('--only', 'gguf');
    expect(lines.join('\n')).toContain('DIFFER gguf/b.gguf: tensor "w": payload_sha256');
    expect(lines.at(-1)).toBe('2 agree, 1 differ');
    expect(status).toBe(1);
  });

  it('fails when a hostile file is read, or a readable one refused', () => {
    edit('hostile/expected.json', (json) =>
      json.replace('"reject"', '"warn"').replace('["missing-field"]', '["hole"]'),
    );
    const { status, lines } = run();
    expect(lines.at(-1)).toBe('2 agree, 2 differ');
    expect(status).toBe(1);
  });

  it('fails when a file that is expected is not there', () => {
    rmSync(join(folder, 'safetensors/a.safetensors'));
    expect(run().lines.at(-1)).toBe('3 agree, 1 differ');
  });

  it('fails when there is no case at all', () => {
    rmSync(join(folder, 'expected'), { recursive: true });
    rmSync(join(folder, 'hostile/expected.json'));
    const { status, lines } = run();
    expect(lines.at(-1)).toBe('0 agree, 0 differ');
    expect(status).toBe(1);
  });

  it('says how it is used when asked for something else', () => {
    const args = [join(ROOT, 'scripts/conformance.mjs'), 'formats'];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toContain('usage:');
  });
});
