/** Names that an export has lost: from the node's path, or guessed from order and shapes and said to be guessed. */
import { describe, expect, it } from 'vitest';
import { describeRoles } from './describe.ts';
import type { NamedTensor } from './role.ts';

let order = 0;
function taken(name: string, shape: readonly number[], node: string, operator = 'MatMul', transB = false): NamedTensor {
  const use = { operator, node, input: 1, order: order++, transB };
  return { name, shape, dtype: 'F32', origin: { use } };
}

describe('ONNX exports with lost names', () => {
  it("the node's path gives role and layer; MatMul holds [in, out]", () => {
    const map = describeRoles([
      taken('onnx::MatMul_1201', [64, 64], '/model/layers.3/self_attn/q_proj/MatMul'),
      taken('onnx::MatMul_1202', [64, 176], '/model/layers.3/mlp/gate_proj/MatMul'),
      taken('onnx::Gemm_9', [64, 64], '/bert/encoder/layer.0/attention/output/dense/Gemm', 'Gemm', true),
    ]);
    expect(map.roles.map(({ role, layer, by, transposed }) => [role, layer, by, transposed])).toEqual([
      ['q', 3, 'graph', true],
      ['gate', 3, 'graph', true],
      ['o', 0, 'graph', false],
    ]);
    expect(map.counts).toMatchObject({ known: 3, unknown: 0, guessed: 0 });
  });

  it('a name that says its role is believed before the node', () => {
    const tensor = taken('model.layers.0.mlp.up_proj.weight', [8, 8], '/other/layers.1/self_attn/q_proj/MatMul');
    expect(describeRoles([tensor]).roles[0]).toMatchObject({ role: 'up', layer: 0, by: 'name' });
  });

  it('without any name, runs of layers are guessed from order and shapes, and called guessed', () => {
    const layer = (): NamedTensor[] =>
      [
        [64, 64],
        [64, 32],
        [64, 32],
        [64, 64],
        [64, 176],
        [64, 176],
        [176, 64],
      ].map((shape) => taken(`val_${order}`, shape, `MatMul_${order}`));
    const tensors = [taken('val_a', [10, 64], 'n'), ...layer(), ...layer(), ...layer(), taken('val_z', [64, 500], 'n')];
    const shuffled = tensors.toReversed();
    const map = describeRoles(shuffled);
    const roles = map.roles.toReversed();
    expect(roles.slice(1, 8).map(({ role }) => role)).toEqual(['q', 'k', 'v', 'o', 'gate', 'up', 'down']);
    expect(roles.slice(1, 22).every(({ by }) => by === 'shape')).toBe(true);
    expect(roles[8]).toMatchObject({ role: 'q', layer: 1 });
    expect([roles[0]!.role, roles[22]!.role]).toEqual(['unknown', 'unknown']);
    expect(map.counts).toMatchObject({ known: 21, unknown: 2, guessed: 21 });
    expect(map.components).toMatchObject([{ kind: 'other', layers: [0, 1, 2], tensors: 21 }]);
  });

  it('one layer alone is no pattern', () => {
    const shapes = [
      [64, 64],
      [64, 64],
      [64, 64],
      [64, 64],
      [64, 256],
      [256, 64],
    ];
    const tensors = shapes.map((shape, i) => taken(`w${i}`, shape, `m${i}`));
    expect(describeRoles(tensors).counts).toMatchObject({ known: 0, guessed: 0 });
    const twice = [...shapes, ...shapes].map((shape, i) => taken(`w${i}`, shape, `m${i}`));
    expect(describeRoles(twice).counts).toMatchObject({ known: 12, guessed: 12 });
  });

  it('guessed layers join the stack whose norms have kept their names', () => {
    const norms = [0, 1].map((i) => ({
      name: `bert.encoder.layer.${i}.attention.output.LayerNorm.weight`,
      shape: [64],
      dtype: 'F32',
    }));
    const shapes = [
      [64, 192],
      [64, 64],
      [64, 256],
      [256, 64],
    ];
    const matrices = [...shapes, ...shapes].map((shape, i) => taken(`val_${i}`, shape, ''));
    const map = describeRoles([...norms, ...matrices]);
    expect(map.components).toMatchObject([{ prefix: 'bert.encoder.', layers: [0, 1], tensors: 10 }]);
    expect(map.roles.slice(2).map(({ role, layer }) => `${layer}.${role}`)).toEqual(
      ['qkv', 'o', 'up', 'down'].flatMap((r) => [`0.${r}`]).concat(['1.qkv', '1.o', '1.up', '1.down']),
    );
  });

  it("what ONNX's tools add to a name is seen through", () => {
    const names = ['h.0.attn.c_proj.weight_DequantizeLinear_Output', 'model.layers.1.mlp.up_proj.MatMul.weight^T'];
    const map = describeRoles(names.map((name) => ({ name, shape: [4, 4], dtype: 'F32' })));
    expect(map.roles.map(({ role, layer }) => [role, layer])).toEqual([
      ['o', 0],
      ['up', 1],
    ]);
  });
});
