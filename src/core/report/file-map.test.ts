import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { mapFile, mapOfData, partAt, type MapPart } from './file-map.ts';
import type { ReportArtifact } from './report.ts';

const header = (end: number): MapPart => ({ kind: 'header', name: 'Header', start: 0, end });
const tensor = (name: string, start: number, end: number): MapPart => ({ kind: 'tensor', name, start, end });

test('a planted gap of 1,024 bytes is counted as belonging to nothing; filling up to the alignment is not', () => {
  const map = mapFile({
    size: 2000,
    tensors: [tensor('a', 64, 128), tensor('b', 1152, 1500)],
    records: [header(50)],
    complete: true,
    alignment: 32,
  });
  expect(map.parts.map(({ kind, start, end }) => [kind, start, end])).toEqual([
    ['header', 0, 50],
    ['padding', 50, 64],
    ['tensor', 64, 128],
    ['unclaimed', 128, 1152],
    ['tensor', 1152, 1500],
    ['unclaimed', 1500, 2000],
  ]);
  expect(map.totals.unclaimed).toEqual({ parts: 2, bytes: 1524 });
  expect(map.totals.padding).toEqual({ parts: 1, bytes: 14 });
});

test('a format without alignment has no filling: a single byte between tensors belongs to nothing', () => {
  const map = mapFile({
    size: 21,
    tensors: [tensor('a', 8, 12), tensor('b', 13, 21)],
    records: [header(8)],
    complete: true,
    alignment: 1,
  });
  expect(map.totals.unclaimed).toEqual({ parts: 1, bytes: 1 });
});

test('inside a container that is not followed to its end, the rest is structure and not a gap', () => {
  const map = mapFile({ size: 100, tensors: [tensor('a', 10, 20)], records: [], complete: false, alignment: 1 });
  expect(map.parts.map(({ kind }) => kind)).toEqual(['unmapped', 'tensor', 'unmapped']);
});

test('tensors are drawn over the archive entry that holds them', () => {
  const entry: MapPart = { kind: 'record', name: 'data/0', start: 0, end: 30 };
  const map = mapFile({
    size: 30,
    tensors: [tensor('a', 5, 10), tensor('b', 20, 30)],
    records: [entry],
    complete: true,
    alignment: 1,
  });
  expect(map.parts.map(({ name, start, end }) => [name, start, end])).toEqual([
    ['data/0', 0, 5],
    ['a', 5, 10],
    ['data/0', 10, 20],
    ['b', 20, 30],
  ]);
});

test('whatever is claimed, the parts cover every byte once and in order', () => {
  const part = (kind: MapPart['kind']): fc.Arbitrary<MapPart> =>
    fc
      .tuple(fc.integer({ min: 0, max: 250 }), fc.integer({ min: 0, max: 100 }))
      .map(([start, length]) => ({ kind, name: kind, start, end: start + length }));
  fc.assert(
    fc.property(
      fc.array(part('tensor'), { maxLength: 12 }),
      fc.array(part('record'), { maxLength: 12 }),
      fc.boolean(),
      fc.constantFrom(1, 8, 32),
      (tensors, records, complete, alignment) => {
        const size = 256;
        const map = mapFile({ size, tensors, records, complete, alignment });
        let at = 0;
        for (const { start, end } of map.parts) {
          expect(start).toBe(at);
          expect(end).toBeGreaterThan(start);
          at = end;
        }
        expect(at).toBe(size);
        const inside = (list: readonly MapPart[], byte: number): boolean =>
          list.some(({ start, end }) => byte >= start && byte < end);
        for (let byte = 0; byte < size; byte++) {
          const found = map.parts[partAt(map, byte)!]!;
          const expected = inside(tensors, byte) ? ['tensor'] : inside(records, byte) ? ['record'] : null;
          expect(expected ?? ['padding', 'unclaimed', 'unmapped']).toContain(found.kind);
        }
        expect(partAt(map, size)).toBeNull();
      },
    ),
  );
});

test('a file of plain data is mapped by the tensors that another file describes', () => {
  const told = (name: string, start: number, path: string) =>
    ({ name, dtype: 'F32', shape: [25], start, bytes: 100, file: path }) as const;
  const bare = { size: 8500, status: 'complete', role: 'weights', facts: {}, metadata: [], digests: {} } as const;
  const model: ReportArtifact = {
    ...bare,
    path: 'm/model.onnx',
    format: 'onnx',
    tensors: [told('a', 0, 'm/data'), told('b', 4096, 'm/data'), told('elsewhere', 0, 'm/other')],
  };
  const data: ReportArtifact = { ...bare, path: 'm/data', tensors: [] };
  const map = mapOfData([model, data], data)!;
  expect(map.parts.map(({ kind, start, end, name }) => [kind, start, end, name])).toEqual([
    ['tensor', 0, 100, 'a'],
    ['padding', 100, 4096, undefined],
    ['tensor', 4096, 4196, 'b'],
    ['unclaimed', 4196, 8500, undefined],
  ]);
  const bundle = { ...model, format: 'tensorflow-checkpoint' };
  expect(mapOfData([bundle, data], data)!.totals.unclaimed.bytes).toBe(0);
  expect(mapOfData([model, data], model)).toBeNull();
  expect(mapOfData([model], { ...data, path: 'm/unknown' })).toBeNull();
});
