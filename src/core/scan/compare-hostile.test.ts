import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { rawSafetensors, tensor, writeSafetensors } from '../formats/writers.suite.ts';
import { compared, modelOf } from './compare.suite.ts';

const good = (): Record<string, Uint8Array> => ({
  'model.safetensors': writeSafetensors([tensor('model.layers.0.mlp.up_proj.weight', 'F32', [8, 8])]),
});

it('any bytes under the names of a model give a result, never a rejection', async () => {
  const name = fc.constantFrom(
    'model.safetensors',
    'model.safetensors.index.json',
    'config.json',
    'model.gguf',
    'pytorch_model.bin',
    'model.onnx',
    'model.h5',
    'tokenizer.json',
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.json().map((text) => new TextEncoder().encode(text)),
    fc.json().map((text) => rawSafetensors(text, new Uint8Array(64))),
  );
  await fc.assert(
    fc.asyncProperty(fc.dictionary(name, bytes, { maxKeys: 3 }), async (files) => {
      const found = await compared(modelOf('good', good()), modelOf('odd', files));
      expect(found.sides).toHaveLength(2);
    }),
    { numRuns: 40 },
  );
});

it('any one bit of the numbers that is changed is found', async () => {
  const whole = good()['model.safetensors']!;
  await fc.assert(
    fc.asyncProperty(fc.nat(8 * 8 * 4 - 1), fc.nat(7), async (back, bit) => {
      const changed = whole.slice();
      const at = whole.length - 1 - back;
      changed[at] = changed[at]! ^ (1 << bit);
      const found = await compared(modelOf('good', good()), modelOf('odd', { 'model.safetensors': changed }));
      expect(found.tensors.every(({ relation }) => relation === 'identical-bytes')).toBe(false);
    }),
    { numRuns: 40 },
  );
});

it('tensors that share bytes are not read more often than makes sense', async () => {
  const entries = Array.from({ length: 60 }, (_, i) => [
    `w${i}`,
    { dtype: 'U8', shape: [4096], data_offsets: [0, 4096] },
  ]);
  const file = rawSafetensors(JSON.stringify(Object.fromEntries(entries)), new Uint8Array(4096));
  const found = await compared(
    modelOf('a', { 'model.safetensors': file }),
    modelOf('b', { 'model.safetensors': file }),
  );
  // Where a reader allows them at all.
  const refused = found.tensors.filter(({ reason }) => reason?.code === 'FORMAT_OVERLAP').length;
  expect(found.sides[0].unread !== undefined || refused > 0).toBe(true);
});
