import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { COMPARISON, LARGE_COMPARISON } from '../../../../e2e/sample-comparison.ts';
import type { ComparedTensor, TensorRelation } from '../../../core/report/comparison.ts';
import { cellsOf, componentMaps, expertMap } from './cells.ts';

const side = { name: 'w', path: 'm.safetensors', dtype: 'F32', shape: [4, 2] };
const tensor = (more: Partial<ComparedTensor> = {}): ComparedTensor => ({
  a: side,
  b: side,
  role: 'mlp.up',
  component: 'model.',
  layer: 0,
  expert: null,
  parameter: 'weight',
  relation: 'identical-bytes',
  ...more,
});

const RELATIONS: readonly TensorRelation[] = [
  'identical-bytes',
  'same-numbers',
  'differs',
  'other-shape',
  'only-a',
  'only-b',
  'not-compared',
];

describe('the cells of the heat map', () => {
  it('hold every tensor exactly once, whatever its role, layer, component and relation', () => {
    const some = fc.record({
      role: fc.constantFrom(null, 'mlp.up', 'attention.q', 'norm.final', 'unheard.of', ''),
      component: fc.constantFrom(null, '', 'text.', 'vision.'),
      layer: fc.option(fc.nat(200)),
      expert: fc.constantFrom(null, 's' as const, 'all' as const, 0, 7),
      relation: fc.constantFrom(...RELATIONS),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 60 }), (list) => {
        const tensors = list.map((one) => tensor(one));
        const inCells = componentMaps(tensors).flatMap((map) => cellsOf(map).flatMap((cell) => cell.tensors));
        expect(new Set(inCells)).toEqual(new Set(tensors));
        expect(inCells).toHaveLength(tensors.length);
      }),
    );
  });

  it('are named after the worst that is in them: a difference, then what could not be compared', () => {
    const stateOf = (...relations: TensorRelation[]) =>
      cellsOf(componentMaps(relations.map((relation) => tensor({ relation })))[0]!)[0]!.state;
    expect(stateOf('identical-bytes', 'identical-bytes')).toBe('identical');
    expect(stateOf('identical-bytes', 'same-numbers')).toBe('same-numbers');
    expect(stateOf('identical-bytes', 'not-compared')).toBe('not-compared');
    expect(stateOf('not-compared', 'only-b')).toBe('missing');
    expect(stateOf('only-a', 'other-shape')).toBe('other-shape');
    expect(stateOf('not-compared', 'only-a', 'other-shape', 'differs')).toBe('differs');
  });

  it('show the lowest cosine, the largest distance and the sum of changed numbers', () => {
    const [cell] = cellsOf(
      componentMaps([
        tensor({ relation: 'differs', cosine: 0.9, distance: 0.4, changed: 3, values: 8 }),
        tensor({ relation: 'differs', cosine: -0.2, distance: 1.5, changed: 8, values: 8 }),
        tensor(),
      ])[0]!,
    );
    expect(cell).toMatchObject({ cosine: -0.2, distance: 1.5, changed: 11, numbers: 24 });
  });

  it('count what a tensor was compared in, not what all of it has, where only a part has a counterpart', () => {
    const [cell] = cellsOf(componentMaps([tensor({ relation: 'differs', changed: 1, values: 6 })])[0]!);
    expect(cell?.numbers).toBe(6);
  });

  it('stand in rows by family, norms last, and in columns by layer', () => {
    const [map] = componentMaps(COMPARISON.tensors);
    expect(map?.rows.map(({ role }) => role)).toEqual([
      'attention.q',
      'attention.k',
      'attention.v',
      'attention.o',
      'mlp.gate',
      'mlp.up',
      'mlp.down',
      'norm.input',
      'norm.mlp',
    ]);
    expect(map?.layers).toEqual(Array.from({ length: 16 }, (_, i) => i));
    expect(map?.outside.map(({ role }) => role)).toEqual(['embedding', 'norm.final', 'lm_head']);
  });

  it('leave a gap where a layer has no such part', () => {
    const [map] = componentMaps([tensor({ layer: 0 }), tensor({ layer: 3, role: 'attention.q' })]);
    expect(map?.rows.map(({ cells }) => cells.map((cell) => cell !== null))).toEqual([
      [false, true],
      [true, false],
    ]);
  });

  it('come as one map for each stack, the largest first', () => {
    expect(componentMaps(LARGE_COMPARISON.tensors).map(({ component }) => component)).toEqual(['text', 'vision']);
  });

  it('gather experts, and open into a row for each: numbered ones in order, the shared one last', () => {
    const experts = (['s', 10, 2] as const).flatMap((expert) =>
      [0, 1].map((layer) => tensor({ role: 'moe.up', expert, layer })),
    );
    const [map] = componentMaps(experts);
    expect(map?.rows[0]).toMatchObject({ role: 'moe.up', experts: 3 });
    const opened = expertMap(map!.rows[0]!, map!.layers);
    expect(opened.rows.map(({ role }) => role)).toEqual(['expert 2', 'expert 10', 'shared expert']);
    expect(opened.rows.flatMap(({ cells }) => cells.map((cell) => cell?.tensors.length))).toEqual([1, 1, 1, 1, 1, 1]);
  });
});
