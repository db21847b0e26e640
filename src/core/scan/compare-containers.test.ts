import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { TensorRelation } from '../report/comparison.ts';
import { compared, modelOf } from './compare.suite.ts';
import type { ModelInput } from './compare-request.ts';

const root = new URL('../../../fixtures/signals/', import.meta.url);
const read = (path: string): Uint8Array => new Uint8Array(readFileSync(new URL(path, root)));
const folder = (name: string): ModelInput =>
  modelOf(
    name,
    Object.fromEntries(readdirSync(new URL(`${name}/`, root)).map((file) => [file, read(`${name}/${file}`)])),
  );
const file = (name: string): ModelInput => modelOf(name, { [name]: read(name) });

async function relations(a: ModelInput, b: ModelInput): Promise<Partial<Record<TensorRelation | 'turned', number>>> {
  const counts: Partial<Record<TensorRelation | 'turned', number>> = {};
  for (const { relation, transposed } of (await compared(a, b)).tensors) {
    counts[relation] = (counts[relation] ?? 0) + 1;
    if (transposed === true) counts.turned = (counts.turned ?? 0) + 1;
  }
  return counts;
}

describe('one model in two containers', () => {
  it('a GGUF file of half precision holds the numbers of its origin, rows in another order included', async () => {
    expect(await relations(folder('llama'), file('llama-f16.gguf'))).toEqual({
      'identical-bytes': 12,
      'same-numbers': 9,
    });
  });

  it('a GGUF file of eight bits differs by its rounding, and keeps the gains', async () => {
    const found = await compared(folder('llama'), file('llama-q8_0.gguf'));
    expect(found.tensors.filter(({ relation }) => relation === 'same-numbers').map(({ role }) => role)).toEqual([
      'norm.final',
      'norm.input',
      'norm.mlp',
      'norm.input',
      'norm.mlp',
    ]);
    const others = found.tensors.filter(({ relation }) => relation === 'differs');
    expect(others).toHaveLength(16);
    for (const { cosine, distance } of others) {
      expect(cosine).toBeGreaterThan(0.9999);
      expect(distance).toBeLessThan(0.006);
    }
  });

  it('an ONNX graph holds the same numbers, its matrices turned and without a name', async () => {
    const found = await relations(folder('bert'), file('bert.onnx'));
    expect(found).toMatchObject({ 'identical-bytes': 25, 'same-numbers': 12, turned: 12 });
    expect(found).not.toHaveProperty('differs');
    // Constants of the graph itself.
    expect(found).not.toHaveProperty('only-a');
  });

  it('a Keras file holds the same numbers, its kernels turned', async () => {
    expect(await relations(folder('bert'), file('bert.h5'))).toEqual({
      'identical-bytes': 25,
      'same-numbers': 12,
      turned: 12,
    });
  });

  it('two that both keep matrices turned are compared as they lie', async () => {
    expect(await relations(file('bert.onnx'), file('bert.h5'))).toMatchObject({ 'identical-bytes': 37 });
  });
});
