import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { tensor, writeSafetensors, type WrittenTensor } from '../core/formats/writers.suite.ts';
import { parseOptions } from './args.ts';
import { inspectTarget, type Inspection } from './inspect.ts';
import { inspectionJson, printInspection } from './print-inspection.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const folder = mkdtempSync(join(tmpdir(), 'assay-inspect-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function inspected(...argv: string[]): Promise<{ found: Inspection; text: string; json: string }> {
  const options = parseOptions(['inspect', ...argv]);
  const found = (await inspectTarget(options, new AbortController().signal))!;
  return { found, text: printInspection(found, options), json: JSON.stringify(inspectionJson(found)) };
}

const floats = (name: string, shape: readonly number[], values: readonly number[]): WrittenTensor => ({
  name,
  dtype: 'F32',
  shape,
  bytes: new Uint8Array(Float32Array.from(values).buffer),
});

function file(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe('assay inspect', () => {
  it('says where each tensor lies', async () => {
    const path = file('plain.safetensors', writeSafetensors([floats('w', [2], [1, 2]), tensor('v', 'BF16', [3])]));
    const { text } = await inspected(path);
    expect(text).toMatch(/ w {2}F32 {3}\[2\] {2}8 B {2}bytes \d+ to \d+/);
    expect((await inspected(join(FIXTURES, 'pytorch/good-views.pt'))).text).toMatch(
      / t .*a view from byte \d+, strides \[1, 8\]/,
    );
  });

  it('reads numbers only when asked, and then tells NaN, infinities, zeros and equal tensors', async () => {
    const path = file(
      'odd.safetensors',
      writeSafetensors([
        floats('bad', [4], [NaN, Infinity, -Infinity, 2]),
        floats('none', [3], [0, -0, 0]),
        floats('a', [2], [1, 2]),
        floats('b', [2], [1, 2]),
      ]),
    );
    const before = await inspected(path);
    expect(before.found.plan.depth).toBe('headers');
    expect(before.found.model.scans[0]!.findings).toEqual([]);
    const { text, found, json } = await inspected(path, '--stats', '--canonical');
    expect(found.model.scans[0]!.findings.map(({ code, detail }) => [code, detail['tensor']])).toEqual([
      ['non-finite-values', 'bad'],
      ['all-zero-tensor', 'none'],
      ['equal-tensors', 'b'],
    ]);
    expect(text).toContain('4 values, 2 to 2, sum 2, sum of squares 4, 0 zeros, 1 NaN, 2 infinite');
    expect(text).toContain('bad holds 1 value that is no number and 2 infinite values');
    expect(text).toContain('b holds the same numbers as a');
    expect(json).not.toContain('null,null');
    expect(text).toMatch(/assay-model-v1:[0-9a-f]{64}/);
  });

  it('shows a quantised weight beside the tensors it is made of', async () => {
    const { found, text } = await inspected(join(FIXTURES, 'onnx/good-matmulnbits-asym.onnx'), '--stats');
    expect(found.model.made).toMatchObject([{ scheme: 'onnx-matmulnbits', bits: 4, numbers: { stats: { nan: 0 } } }]);
    expect(text).toMatch(/1 quantised tensor: what stored tensors stand for\n.*onnx-matmulnbits, 4 bits in groups of/);
  });

  it('an index stands for the whole sharded model, and a missing shard contradicts it', async () => {
    mkdirSync(join(folder, 'shards'));
    file('shards/m-00001-of-00002.safetensors', writeSafetensors([floats('a', [1], [1])]));
    file('shards/m-00002-of-00002.safetensors', writeSafetensors([floats('b', [1], [2])]));
    const map = { a: 'm-00001-of-00002.safetensors', b: 'm-00002-of-00002.safetensors' };
    const index = file('shards/m.safetensors.index.json', JSON.stringify({ metadata: {}, weight_map: map }));
    const whole = await inspected(index);
    expect(whole.found.model.scans.filter(({ format }) => format !== undefined).length).toBeGreaterThanOrEqual(2);
    expect(whole.found.sets.map(({ outcome }) => outcome)).toEqual(['matches']);
    rmSync(join(folder, 'shards/m-00002-of-00002.safetensors'));
    expect((await inspected(index)).found.sets.map(({ outcome }) => outcome)).toContain('contradicts');
  });

  it('prints the first of many tensors, and all with --all', async () => {
    const many = Array.from({ length: 100 }, (_, i) => floats(`t${i}`, [1], [i]));
    const path = file('many.safetensors', writeSafetensors(many));
    const { text } = await inspected(path);
    expect(text).toContain('… and 40 more tensors (--all)');
    expect(text).not.toContain('t99 ');
    const all = await inspected(path, '--all');
    expect(all.text).toContain('t99 ');
    expect(all.text).not.toContain('--all)');
  });

  it('puts no control character of a file on the terminal', async () => {
    const path = file(
      'evil.safetensors',
      writeSafetensors([floats('\u001b[2Jname\u202e', [1], [1])], { 'k\u0007': '\u009b1m' }),
    );
    const { text } = await inspected(path, '--stats', '--canonical', '--all');
    // oxlint-disable-next-line no-control-regex
    expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(text).toContain('\\u{1b}[2Jname\\u{202e}');
  });
});
