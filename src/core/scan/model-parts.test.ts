import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tensor, writeSafetensors } from '../formats/writers.suite.ts';
import type { ArtifactScan } from './model.ts';
import { withDataFiles } from './data-files.ts';
import { emptyScan } from './empty.ts';
import { reportOn, saidOf } from './whole-way.suite.ts';

const fixture = (path: string): Uint8Array => readFileSync(join(import.meta.dirname, '../../../fixtures', path));
const ONNX = fixture('onnx/good-external.onnx');
const CHECKPOINT = fixture('tensorflow/good-checkpoint.index');
const model = { 'm/model.onnx': ONNX, 'm/weights/blob.bin': new Uint8Array(9720), 'm/tail.bin': new Uint8Array(40) };

describe('ONNX data in other files', () => {
  it('whole: the files fit together, and a data file is told as data although its bytes are all zero', async () => {
    const report = await reportOn(model);
    expect(saidOf(report)).toEqual([
      'matches: The header of m/model.onnx was read: 3 tensors.',
      'matches: All 2 files that m/model.onnx speaks of are here, and they fit together.',
    ]);
    const blob = report.artifacts.find(({ path }) => path === 'm/weights/blob.bin')!;
    expect(blob.facts).toEqual({ data_of: 'm/model.onnx', tensors_here: 2, tensor_bytes_here: 9592 });
    expect([blob.notAModel, blob.formatError]).toEqual([undefined, undefined]);
  });

  it.each([
    ['missing', { 'm/tail.bin': undefined }, 'm/tail.bin is not here, and the model needs it (m/model.onnx says so).'],
    [
      'cut',
      { 'm/weights/blob.bin': new Uint8Array(9000) },
      'm/model.onnx says that b is in m/weights/blob.bin, which ends before that place.',
    ],
  ])('%s: contradicts', async (_what, change, expected) => {
    const files = Object.entries({ ...model, ...change }).filter(([, bytes]) => bytes !== undefined);
    const report = await reportOn(Object.fromEntries(files) as Record<string, Uint8Array>, 'headers');
    expect(saidOf(report)[0]).toBe(`contradicts: ${expected}`);
    expect(saidOf(report).some((line) => line.includes('fit together'))).toBe(false);
  });

  it('a program in place of the data stays a program', async () => {
    const elf = new Uint8Array(9720);
    elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
    const report = await reportOn({ ...model, 'm/weights/blob.bin': elf });
    expect(report.findings.map(({ code, path }) => [code, path])).toEqual([['executable', 'm/weights/blob.bin']]);
    expect(saidOf(report)[0]).toContain('m/weights/blob.bin is a Linux program');
  });

  it('regions of the data file name the tensors, and what no tensor has belongs to nobody', () => {
    const external = (name: string, start: number, byteLength: number) =>
      ({
        name,
        dtype: 'U8',
        shape: [byteLength],
        byteLength,
        storage: { kind: 'external', path: 'd', start },
      }) as const;
    const described: ArtifactScan = {
      ...emptyScan('model.onnx', 10),
      format: 'onnx',
      tensors: [external('b', 8192, 8), external('a', 0, 100)],
    };
    const [, data] = withDataFiles([described, emptyScan('d', 8200)]);
    expect(data!.regions).toEqual([
      { kind: 'tensor', start: 0, end: 100, name: 'a' },
      { kind: 'unreferenced', start: 100, end: 8192 },
      { kind: 'tensor', start: 8192, end: 8200, name: 'b' },
    ]);
  });
});

describe('shards of which two hold one tensor', () => {
  it('are found, and nothing says that they fit together', async () => {
    const names = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;
    const shard = writeSafetensors([tensor('w', 'F32', [4])]);
    const report = await reportOn({
      [names[0]]: shard,
      [names[1]]: shard,
      'model.safetensors.index.json': JSON.stringify({ weight_map: { w: names[0] } }),
    });
    expect(report.findings.map(({ code }) => code)).toContain('duplicate-tensor');
    expect(report.checks.filter(({ kind }) => kind === 'set')).toEqual([]);
  });
});

describe('bytes of an ONNX data file that no tensor has', () => {
  const described = (format: 'onnx' | 'tensorflow-checkpoint', ...starts: number[]): ArtifactScan => ({
    ...emptyScan('model', 10),
    format,
    tensors: starts.map((start) => ({
      name: `t${start}`,
      dtype: 'U8',
      shape: [100],
      byteLength: 100,
      storage: { kind: 'external', path: 'd', start },
    })),
  });
  const found = (size: number, model: ArtifactScan) => withDataFiles([model, emptyScan('d', size)])[1]!.findings;

  it('are filling up to 64 KiB between tensors and a page at the end', () => {
    expect(found(65_536 + 100 + 4096, described('onnx', 0, 65_536))).toEqual([]);
  });

  it('are findings beyond that, one for all gaps and one for the end', () => {
    const place = { severity: 'caution', path: 'd' };
    expect(found(400_100, described('onnx', 100_000, 200_000, 300_000))).toEqual([
      { code: 'hole', ...place, offset: 0, length: 100_000, detail: { bytes: 299_800, gaps: 3 } },
      { code: 'trailing-bytes', ...place, offset: 300_100, length: 100_000, detail: { bytes: 100_000 } },
    ]);
  });

  it('say nothing in TensorFlow, whose data files hold text as well', () => {
    expect(found(400_100, described('tensorflow-checkpoint', 300_000))).toEqual([]);
  });
});

describe('TensorFlow checkpoints', () => {
  const files = { 'model.ckpt-7.index': CHECKPOINT, 'model.ckpt-7.data-00000-of-00001': new Uint8Array(88) };

  it('whole: index and data fit together', async () => {
    expect(saidOf(await reportOn(files, 'headers'))).toContain(
      'matches: The one file that model.ckpt-7.index speaks of is here, and the two fit together.',
    );
  });

  it('without data: what is missing is named', async () => {
    const report = await reportOn({ 'model.ckpt-7.index': CHECKPOINT, 'README.md': 'x' });
    expect(saidOf(report)[0]).toBe(
      'contradicts: model.ckpt-7.data-00000-of-00001 is not here, and the model needs it (model.ckpt-7.index says so).',
    );
  });
});

describe('files beside the weights', () => {
  const weights = writeSafetensors([
    tensor('model.embed_tokens.weight', 'F32', [8, 4]),
    tensor('model.layers.0.mlp.gate_proj.weight', 'F32', [8, 4]),
  ]);
  const config = { vocab_size: 8, hidden_size: 4, num_hidden_layers: 1 };

  it.each(['headers', 'full'] as const)('are looked into at depth %s, with their path', async (depth) => {
    const report = await reportOn(
      {
        'sub/model.safetensors': weights,
        'sub/config.json': JSON.stringify({ auto_map: { AutoModel: 'modeling_x.X' } }),
        'sub/modeling_x.py': 'import os\nos.system("true")\n',
        'sub/chat_template.jinja': '{{ x.__class__ }}',
        'sub/README.md': '---\nx: !!python/object:os.system\n---\n',
      },
      depth,
    );
    expect(report.findings.map(({ code, path }) => `${path} ${code}`).sort()).toEqual([
      'sub/README.md yaml-tag',
      'sub/chat_template.jinja template-escape',
      'sub/config.json remote-code',
      'sub/modeling_x.py python-code',
    ]);
  });

  it('that cannot be read are said to be that, and a web page in their place is named', async () => {
    const report = await reportOn({
      'model.safetensors': weights,
      'config.json': '{"a": ',
      'tokenizer.json': '<!doctype html><title>Sign in</title>',
    });
    const said = saidOf(report);
    expect(said).toContain(
      'could-not-check: The contents of config.json could not be read: it breaks the rules of its format.',
    );
    expect(said.some((line) => line.startsWith('contradicts: tokenizer.json is a web page'))).toBe(true);
  });

  it('sizes of a configuration that agree with the tensors are a check', async () => {
    const report = await reportOn({ 'model.safetensors': weights, 'config.json': JSON.stringify(config) }, 'headers');
    expect(saidOf(report)).toContain(
      'matches: The tensors have the vocabulary, width and number of layers that config.json states.',
    );
    expect(report.findings).toEqual([]);
  });

  it('sizes that differ are findings about the configuration, and no check says otherwise', async () => {
    const lies = JSON.stringify({ ...config, hidden_size: 4096 });
    const report = await reportOn({ 'model.safetensors': weights, 'config.json': lies }, 'headers');
    expect(report.findings).toEqual([
      {
        code: 'inconsistent-metadata',
        severity: 'caution',
        path: 'config.json',
        detail: { key: 'hidden_size', value: '4096', actual: 4, tensor: 'model.embed_tokens.weight' },
      },
    ]);
    expect(report.checks.some(({ kind }) => kind === 'config-shapes')).toBe(false);
  });

  it('the rank of an adapter is compared with its matrices', async () => {
    const adapter = writeSafetensors([tensor('base_model.model.layers.3.q_proj.lora_A.weight', 'F32', [2, 4])]);
    const files = (r: number) => ({
      'adapter_config.json': JSON.stringify({ r }),
      'adapter_model.safetensors': adapter,
    });
    expect(saidOf(await reportOn(files(2), 'headers'))).toContain(
      'matches: The tensors have the rank that adapter_config.json states.',
    );
    const beside = { ...files(2), 'config.json': JSON.stringify({ num_hidden_layers: 32 }) };
    expect((await reportOn(beside, 'headers')).findings).toEqual([]);
    expect((await reportOn(files(8), 'headers')).findings.map(({ code, path }) => [code, path])).toEqual([
      ['inconsistent-metadata', 'adapter_config.json'],
    ]);
  });

  it('sizes are not compared while a shard is missing', async () => {
    const report = await reportOn({
      'model-00001-of-00002.safetensors': weights,
      'config.json': JSON.stringify({ ...config, num_hidden_layers: 2 }),
    });
    expect(report.findings).toEqual([]);
  });
});
