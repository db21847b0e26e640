import { describe, expect, test } from 'vitest';
import { text, tensor, writeSafetensors, GgufWriter } from '../../../formats/writers.suite.ts';
import { compareModels } from '../compare.ts';
import type { LoadPath } from '../weights.ts';
import { fixture, folder, inTwo, plainSignals, safetensorsOf, signalsOf } from './model-folder.suite.ts';

const PATHS: readonly LoadPath[] = ['full', 'streaming', 'sliced'];
const llama = folder('llama');
const bert = folder('bert');
const { 'model.safetensors': _llamaWeights, ...llamaSides } = llama;
const { 'model.safetensors': _bertWeights, ...bertSides } = bert;

describe('a GGUF file against its safetensors origin', () => {
  test.each(PATHS)('F16, %s path: the five signals are equal bit by bit', async (path) => {
    const origin = plainSignals(await signalsOf(llama, path));
    expect(Object.values(origin!).every((signal) => signal !== null)).toBe(true);
    expect(plainSignals(await signalsOf({ 'llama.gguf': fixture('llama-f16.gguf') }, path))).toEqual(origin);
  });

  test('alone it tells its configuration and tokenizer; both are marked as derived', async () => {
    const [a, b] = [await signalsOf(llama), await signalsOf({ 'llama.gguf': fixture('llama-f16.gguf') })];
    expect(b.derived).toEqual(['metadata', 'tokenizer']);
    expect(a.derived).toBeUndefined();
    expect(b.missing).toEqual([]);
    expect(b.tokenizer).toEqual(a.tokenizer);
    const { rope_scaling: _a, ...origin } = a.fingerprint!;
    const { rope_scaling: _b, ...made } = b.fingerprint!;
    expect(made).toEqual(origin);
    expect(compareModels(a, b).mpk?.signals).toEqual({ eas: 1, nlf: 1, lep: 1, end: 1, wvc: 1, tfv: 1, voa: 1 });
  });

  test('beside a configuration and a tokenizer these count', async () => {
    const made = await signalsOf({ ...llamaSides, 'llama.gguf': fixture('llama-f16.gguf') });
    expect(made.derived).toBeUndefined();
    expect(plainSignals(made)).toEqual(plainSignals(await signalsOf(llama)));
  });

  test('Q8_0: norms are equal, the rest within what eight bits keep', async () => {
    const [a, b] = [await signalsOf(llama), await signalsOf({ 'llama.gguf': fixture('llama-q8_0.gguf') })];
    const { eas, nlf, lep, end, wvc } = compareModels(a, b).mpk!.signals;
    expect(nlf).toBe(1);
    for (const similarity of [eas, lep, wvc]) expect(similarity).toBeGreaterThan(0.999);
    // A row whose norm lies at the edge of a bin falls into the next one.
    expect(end).toBeGreaterThan(0.9);
  });

  test('in two parts it is the same model', async () => {
    const [first, second] = await inTwo(fixture('llama-f16.gguf'));
    const parts = { 'm-00001-of-00002.gguf': first, 'm-00002-of-00002.gguf': second };
    expect(plainSignals(await signalsOf(parts))).toEqual(plainSignals(await signalsOf(llama)));
  });
});

describe('a model that transformers exported', () => {
  test.each(PATHS)('ONNX, %s path: names come from the nodes, turned matrices lie as before', async (path) => {
    const made = await signalsOf({ ...bertSides, 'model.onnx': fixture('bert.onnx') }, path);
    expect(made.missing).toEqual([]);
    expect(plainSignals(made)).toEqual(plainSignals(await signalsOf(bert, path)));
  });

  test.each(PATHS)(
    'HDF5 of TensorFlow, %s path: kernels are turned, gamma and beta are weight and bias',
    async (path) => {
      const made = await signalsOf({ ...bertSides, 'tf_model.h5': fixture('bert.h5') }, path);
      expect(made.missing).toEqual([]);
      expect(plainSignals(made)).toEqual(plainSignals(await signalsOf(bert, path)));
    },
  );
});

test('a sharded copy is the same model where MPK’s order does not depend on the files', async () => {
  const tensors = await safetensorsOf(llama['model.safetensors']!);
  const halves = [tensors.slice(0, 9), tensors.slice(9)];
  const names = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  const map = Object.fromEntries(halves.flatMap((half, i) => half.map(({ name }) => [name, names[i]!])));
  const sharded = {
    ...llamaSides,
    ...Object.fromEntries(halves.map((half, i) => [names[i]!, writeSafetensors(half)])),
    'model.safetensors.index.json': text(JSON.stringify({ metadata: {}, weight_map: map })),
  };
  for (const path of PATHS) {
    expect(plainSignals(await signalsOf(sharded, path))).toEqual(plainSignals(await signalsOf(llama, path)));
  }
});

describe('a signal without a counterpart says why', () => {
  const reasons = async (files: Record<string, Uint8Array>) =>
    Object.fromEntries(
      (await signalsOf(files)).missing.map(({ part, reason }) => [
        part,
        `${reason.code} ${String(reason.detail['why'])}`,
      ]),
    );

  test('GGUF of an architecture that is not described', async () => {
    const writer = new GgufWriter();
    const file = writer.file(
      [['general.architecture', writer.value('STRING', 'rwkv7')]],
      [tensor('blk.0.time_mix_w0.weight', 'F32', [64, 64])],
    );
    const found = await reasons({ 'model.gguf': file });
    expect(found['metadata']).toContain("SIGNAL_NO_COUNTERPART llama.cpp's architecture “rwkv7”");
    expect(found['lep']).toContain('rwkv7');
    expect(Object.keys(found).sort()).toEqual(['eas', 'end', 'lep', 'metadata', 'nlf', 'wvc']);
  });

  test('Keras layers that are no transformer', async () => {
    const h5 = new URL('../../../../../fixtures/hdf5/good-dtypes.h5', import.meta.url);
    const { readFileSync } = await import('node:fs');
    const found = await reasons({ 'model.h5': new Uint8Array(readFileSync(h5)) });
    expect(found['metadata']).toContain('SOURCE_NOT_FOUND');
    expect(found['eas']).toContain('names of Keras layers');
  });

  test('without a tokenizer the anchors are unknown, the other signals are there', async () => {
    const { 'tokenizer.json': _t, 'tokenizer_config.json': _c, ...rest } = llama;
    const found = await reasons(rest);
    expect(Object.keys(found).sort()).toEqual(['eas', 'tokenizer']);
    expect(found['eas']).toContain('for the tokenizer to say');
  });
});
