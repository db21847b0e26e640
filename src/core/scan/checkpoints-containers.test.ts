import { expect, it } from 'vitest';
import { SHAPES, train, type Weights } from '../checkpoints/train.suite.ts';
import { GgufWriter, text } from '../formats/writers.suite.ts';
import { check, look, sequence, stored } from './checkpoints.suite.ts';

const RUN = train({
  seed: 8,
  optimizer: 'adam',
  rate: 3e-3,
  schedule: 'constant',
  warmup: 0,
  steps: 120,
  every: 24,
  batch: 8,
  labelNoise: 0.1,
  decay: 0,
});

function gguf(weights: Weights): Uint8Array {
  const tensors = [...weights].map(([name, values]) => ({
    name,
    dtype: 'F32',
    shape: SHAPES[name]!,
    bytes: new Uint8Array(values.slice().buffer),
  }));
  return new GgufWriter().file([], tensors);
}

it('checkpoints in different containers and in shards have the distances of the same numbers in one', async () => {
  const plain = await look(sequence(RUN));
  const [first, second] = [new Map([...RUN[4]!].slice(0, 2)), new Map([...RUN[4]!].slice(2))];
  const { 'step96/model.safetensors': _, 'step48/model.safetensors': __, ...files } = sequence(RUN);
  const index = {
    weight_map: Object.fromEntries(
      [...RUN[4]!.keys()].map((name, i) => [name, `model-0000${i < 2 ? 1 : 2}-of-00002.safetensors`]),
    ),
  };
  const mixed = await look({
    ...files,
    'step48/model.gguf': gguf(RUN[2]!),
    'step96/model-00001-of-00002.safetensors': stored(first),
    'step96/model-00002-of-00002.safetensors': stored(second),
    'step96/model.safetensors.index.json': text(JSON.stringify(index)),
    // What a trainer leaves beside them is no weight.
    'step96/optimizer.pt': text('not looked at'),
    'step96/trainer_state.json': text('{}'),
  });
  expect(mixed.segments.map(({ l2, linf, changed }) => [l2, linf, changed])).toEqual(
    plain.segments.map(({ l2, linf, changed }) => [l2, linf, changed]),
  );
  expect(mixed.checkpoints.map(({ files: count, formats }) => [count, ...formats])).toEqual([
    [1, 'safetensors'],
    [1, 'safetensors'],
    [1, 'gguf'],
    [1, 'safetensors'],
    [2, 'safetensors'],
    [1, 'safetensors'],
  ]);
  expect(check(mixed, 'structure')).toMatchObject({ outcome: 'matches', flags: [] });
});

it('shards that lie side by side without folders are one checkpoint each', async () => {
  const parts = (weights: Weights, step: number) => {
    const all = [...weights];
    return {
      [`step${step}-00001-of-00002.safetensors`]: stored(new Map(all.slice(0, 1))),
      [`step${step}-00002-of-00002.safetensors`]: stored(new Map(all.slice(1))),
    };
  };
  const found = await look({ ...parts(RUN[0]!, 0), ...parts(RUN[1]!, 24), ...parts(RUN[2]!, 48) });
  expect(found.checkpoints.map(({ step, files, tensors }) => [step, files, tensors])).toEqual([
    [0, 2, 4],
    [24, 2, 4],
    [48, 2, 4],
  ]);
});
