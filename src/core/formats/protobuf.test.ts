import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import { onnx } from './onnx.ts';
import {
  int,
  message,
  MessageType,
  readMessage,
  scalars,
  span,
  text,
  type ProtoInt,
  type ScalarRun,
} from './protobuf.ts';
import { bytesField, intField, varint } from './protobuf.suite.ts';
import { SparseSource } from './sparse.suite.ts';

interface Node {
  ints: ProtoInt[];
  texts: string[];
  runs: ScalarRun[];
  spans: [number, number, number[]][];
  inner: Node | null;
  unknown: number[];
}

const make = (): Node => ({ ints: [], texts: [], runs: [], spans: [], inner: null, unknown: [] });
const NODE = new MessageType<Node>('Node', (t, field) => t.unknown.push(field));
NODE.define({
  1: int((t, v) => t.ints.push(v)),
  2: text(64, (t, v) => t.texts.push(v.text)),
  3: message(NODE, (t) => (t.inner ??= make())),
  4: scalars(5, (t, run) => t.runs.push(run)),
  5: span(4, (t, where, head) => t.spans.push([where.start, where.end, [...head]])),
});

async function read(bytes: readonly number[]): Promise<Node> {
  const node = make();
  await readMessage(new MemorySource('m', new Uint8Array(bytes)), { start: 0, end: bytes.length }, NODE, node);
  return node;
}

describe('the wire format', () => {
  it('any int64 comes back exactly, packed or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 20 }),
        fc.boolean(),
        async (values, packed) => {
          const bytes = packed ? bytesField(1, values.flatMap(varint)) : values.flatMap((value) => intField(1, value));
          expect((await read(bytes)).ints.map(BigInt)).toEqual(values);
        },
      ),
    );
  });

  it('a singular message that occurs twice is merged', async () => {
    const node = await read([...bytesField(3, intField(1, 5)), ...bytesField(3, intField(1, 6))]);
    expect(node.inner?.ints).toEqual([5, 6]);
  });

  it('neighbouring unpacked floats are one run', async () => {
    const one = [...varint(4 * 8 + 5), 0, 0, 0, 0];
    expect((await read([...one, ...one, ...intField(1, 1), ...one])).runs).toMatchObject([
      { start: 0, end: 10, packed: false },
      { start: 12, end: 17, packed: false },
    ]);
  });

  it('unknown fields and whole groups are passed over, groups also inside groups', async () => {
    const group = [
      ...varint(9 * 8 + 3),
      ...intField(1, 7),
      ...varint(8 * 8 + 3),
      ...varint(8 * 8 + 4),
      ...varint(9 * 8 + 4),
    ];
    const node = await read([...bytesField(77, 'x'), ...group, ...intField(1, 3)]);
    expect(node.ints).toEqual([3]);
    expect(node.unknown).toContain(77);
  });

  it('a field of another wire type than its own is unknown, as in the reference parsers', async () => {
    const node = await read([...bytesField(3, ''), ...intField(2, 1)]);
    expect(node.texts).toEqual([]);
    expect(node.unknown).toEqual([2]);
  });

  it('text that is not UTF-8 is kept, with replacement characters', async () => {
    expect((await read(bytesField(2, [0x77, 0xff]))).texts).toEqual(['w\ufffd']);
  });

  it.each([
    ['a length past the end of the file', [0x12, 5, 1], 'FORMAT_TRUNCATED'],
    [
      'a length past the end of its message',
      [...bytesField(3, [0x12, 5, 1]), ...intField(1, 1), ...intField(1, 1)],
      'FORMAT_BOUNDS',
    ],
    ['a length of 2^63', [0x12, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], 'FORMAT_OVERFLOW'],
    ['a varint without end', [0x08, 0xff], 'FORMAT_VARINT'],
    ['a varint of eleven bytes', [0x08, ...Array<number>(10).fill(0xff), 0x01], 'FORMAT_VARINT'],
    ['a varint that runs out of its message', [...bytesField(3, [0x08, 0x80]), 0x01], 'FORMAT_VARINT'],
    ['field 0', [0x00, 0x01], 'FORMAT_FIELD_NUMBER'],
    ['wire type 7', [0x0f], 'FORMAT_WIRE_TYPE'],
    ['a group without end', [0x0b, 0x08, 0x01], 'FORMAT_WIRE_TYPE'],
    ['the end of a group that was not begun', [0x0c], 'FORMAT_WIRE_TYPE'],
    ['a group that ends as another', [0x0b, 0x14], 'FORMAT_WIRE_TYPE'],
  ])('%s is refused', async (_what, bytes, code) => {
    await expect(read(bytes)).rejects.toMatchObject({ code });
  });

  it('100 levels are read, 101 are not', async () => {
    const nest = (levels: number): number[] => {
      let body: number[] = [];
      for (let i = 0; i < levels; i += 1) body = bytesField(3, body);
      return body;
    };
    await expect(read(nest(99))).resolves.toBeDefined();
    await expect(read(nest(100))).rejects.toMatchObject({ code: 'FORMAT_DEPTH' });
  });
});

describe('files larger than memory', () => {
  it('an ONNX model with 3 GB of raw data beside small tensors is described by reading less than 128 KiB', async () => {
    const huge = 3_000_000_000;
    const tensor = (name: string, dims: number, length: number): number[] => [
      ...intField(1, dims),
      ...intField(2, 1),
      ...bytesField(8, name),
      ...varint(9 * 8 + 2),
      ...varint(length),
    ];
    const small = [...tensor('small', 2, 8), 1, 2, 3, 4, 5, 6, 7, 8];
    const head = tensor('huge', huge / 4, huge);
    const node = bytesField(1, [...bytesField(1, 'x'), ...bytesField(2, 'y'), ...bytesField(4, 'Identity')]);
    const before = [...node, ...varint(5 * 8 + 2), ...varint(head.length + huge), ...head];
    const after = bytesField(5, small);
    const front = [
      ...intField(1, 10),
      ...bytesField(8, intField(2, 21)),
      ...varint(7 * 8 + 2),
      ...varint(before.length + huge + after.length),
    ];
    const start = front.length + before.length;
    const source = new SparseSource('huge.onnx', start + huge + after.length, [
      { at: 0, bytes: new Uint8Array([...front, ...before]) },
      { at: start + huge, bytes: new Uint8Array(after) },
    ]);
    const artifact = await onnx.open(source);
    expect(artifact.tensors).toMatchObject([
      { name: 'huge', byteLength: huge, storage: { kind: 'range', start } },
      { name: 'small', shape: [2], storage: { kind: 'range', start: start + huge + after.length - 8 } },
    ]);
    expect(source.bytesRead).toBeLessThan(131_072);
  });
});
