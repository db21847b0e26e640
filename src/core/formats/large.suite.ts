/** Files of two gigabytes in the main containers, almost all of it zeros: for looking at headers, and for real runs. */
import { bytesField, intField } from './protobuf.suite.ts';
import { lookup3 } from './hdf5/lookup3.ts';
import { global, pickled, proto, stream, text } from '../content/pickle/write.suite.ts';
import { maskedCrc32c } from './tensorflow/crc32c.ts';
import { makeSparseZip } from './large-zip.suite.ts';

export interface Piece {
  readonly at: number;
  readonly bytes: Uint8Array;
}

export interface LargeFile {
  readonly name: string;
  readonly size: number;
  readonly pieces: readonly Piece[];
}

/** One container: its files, the one that is described first. */
export interface LargeModel {
  readonly container: string;
  readonly files: readonly [LargeFile, ...LargeFile[]];
  readonly tensors: number;
  readonly dtype: string;
}

const MiB = 1024 * 1024;
/** Four tensors of half a gibibyte: over 2^31 in all. */
const EACH = 544 * MiB;
const COUNT = 4;
const ELEMENTS = EACH / 4;
const indexes = Array.from({ length: COUNT }, (_, i) => i);

const ascii = (value: string): Uint8Array => new TextEncoder().encode(value);

export function join(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

export function little(value: number | bigint, width: number): number[] {
  return Array.from({ length: width }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) % 256n));
}

const headed = (name: string, header: Uint8Array, body: number): LargeFile => ({
  name,
  size: header.length + body,
  pieces: [{ at: 0, bytes: header }],
});

function safetensors(): LargeFile {
  const entries = indexes.map(
    (i) => `"w${i}":{"dtype":"F32","shape":[${ELEMENTS / 1024},1024],"data_offsets":[${i * EACH},${(i + 1) * EACH}]}`,
  );
  const json = ascii(`{${entries.join(',')}}`);
  return headed('model.safetensors', join(little(json.length, 8), json), COUNT * EACH);
}

function gguf(): LargeFile {
  const string = (value: string): number[] => [...little(value.length, 8), ...ascii(value)];
  const infos = indexes.flatMap((i) => [
    ...string(`w${i}`),
    ...little(2, 4),
    ...little(1024, 8),
    ...little(ELEMENTS / 1024, 8),
    ...little(0, 4),
    ...little(i * EACH, 8),
  ]);
  const meta = [...string('general.architecture'), ...little(8, 4), ...string('llama')];
  const header = join(ascii('GGUF'), little(3, 4), little(COUNT, 8), little(1, 8), meta, infos);
  return headed('model.gguf', join(header, new Uint8Array((32 - (header.length % 32)) % 32)), COUNT * EACH);
}

type Part = ReturnType<typeof proto>;

const storage = (key: number): readonly Part[] => [
  '(',
  text('storage'),
  global('torch', 'FloatStorage'),
  text(String(key)),
  text('cpu'),
  'J',
  little(ELEMENTS, 4),
];

/** A dictionary of tensors, each with a storage of its own. `last`: what ends the tuple of the persistent id. */
function stateDict(last: string): Uint8Array {
  const tensor = (key: number): Part => [
    text(`w${key}`),
    global('torch._utils', '_rebuild_tensor_v2'),
    '(',
    ...storage(key),
    last,
    'K\x00J',
    little(ELEMENTS, 4),
    [0x85],
    'K\x01',
    [0x85, 0x89],
    global('collections', 'OrderedDict'),
    ')RtRs',
  ];
  return pickled('}', ...indexes.map(tensor));
}

function pytorchZip(): LargeFile {
  const entries = [
    { name: 'm/data.pkl', content: stateDict('tQ') },
    { name: 'm/version', content: ascii('3\n') },
    ...indexes.map((key) => ({ name: `m/data/${key}`, content: new Uint8Array(0), zeros: EACH })),
  ];
  return { name: 'model.pt', ...makeSparseZip(entries) };
}

function pytorchLegacy(): LargeFile {
  const magic = stream(proto(2), [0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19], '.');
  const system = pickled('}', text('little_endian'), [0x88], 's');
  const keys = pickled('(', ...indexes.map((key) => text(String(key))), 'l');
  const header = join(magic, pickled('M', little(1001, 2)), system, stateDict('NtQ'), keys);
  const pieces: Piece[] = [{ at: 0, bytes: header }];
  let at = header.length;
  for (const _key of indexes) {
    pieces.push({ at, bytes: Uint8Array.from(little(ELEMENTS, 8)) });
    at += 8 + EACH;
  }
  return { name: 'model.pth', size: at, pieces };
}

const varint = (value: number): number[] => intField(0, value).slice(1);

/** One message must stay below 2 GiB: the largest ONNX file without external data. */
function onnx(): LargeFile {
  const body = 500 * MiB;
  const pieces: Piece[] = [];
  const before = indexes.map((i) => [
    ...intField(1, body / 4 / 1024),
    ...intField(1, 1024),
    ...intField(2, 1),
    ...bytesField(8, `w${i}`),
    9 * 8 + 2,
    ...varint(body),
  ]);
  const tensorHead = before.map((fields) => [5 * 8 + 2, ...varint(fields.length + body), ...fields]);
  const graphLength = tensorHead.reduce((sum, head) => sum + head.length + body, 0);
  let at = 0;
  const add = (head: readonly number[], skip: number): void => {
    pieces.push({ at, bytes: Uint8Array.from(head) });
    at += head.length + skip;
  };
  add([...intField(1, 8), ...bytesField(8, intField(2, 17)), 7 * 8 + 2, ...varint(graphLength)], 0);
  for (const head of tensorHead) add(head, body);
  return { name: 'model.onnx', size: at, pieces };
}

function onnxExternal(): readonly [LargeFile, LargeFile] {
  const pair = (key: string, value: string): number[] =>
    bytesField(13, [...bytesField(1, key), ...bytesField(2, value)]);
  const tensors = indexes.flatMap((i) =>
    bytesField(5, [
      ...intField(1, ELEMENTS / 1024),
      ...intField(1, 1024),
      ...intField(2, 1),
      ...bytesField(8, `w${i}`),
      ...pair('location', 'model.onnx.data'),
      ...pair('offset', String(i * EACH)),
      ...pair('length', String(EACH)),
      ...intField(14, 1),
    ]),
  );
  const model = join(intField(1, 8), bytesField(8, intField(2, 17)), bytesField(7, tensors));
  return [
    { name: 'model.onnx', size: model.length, pieces: [{ at: 0, bytes: model }] },
    { name: 'model.onnx.data', size: COUNT * EACH, pieces: [] },
  ];
}

/** Superblock 3, a root group with links in its header, contiguous datasets (HDF5 file format specification 4.0). */
function hdf5(): LargeFile {
  const message = (type: number, data: readonly number[]): number[] => [type, ...little(data.length, 2), 0, ...data];
  const header = (messages: readonly number[]): Uint8Array => {
    const open = join(ascii('OHDR'), [2, 1], little(messages.length, 2), messages);
    return join(open, little(lookup3(open), 4));
  };
  const float32 = [0x11, 0x20, 31, 0, ...little(4, 4), 0, 0, 32, 0, 23, 8, 0, 23, ...little(127, 4)];
  const dataset = (address: number): Uint8Array =>
    header([
      ...message(1, [2, 2, 0, 1, ...little(ELEMENTS / 1024, 8), ...little(1024, 8)]),
      ...message(3, float32),
      ...message(8, [3, 1, ...little(address, 8), ...little(EACH, 8)]),
    ]);
  const group = (addresses: readonly number[]): Uint8Array =>
    header(addresses.flatMap((at, i) => message(6, [1, 0, 2, ...ascii(`w${i}`), ...little(at, 8)])));
  const groupAt = 48;
  const datasetLength = dataset(0).length;
  const firstAt = groupAt + group(indexes).length;
  const dataAt = firstAt + COUNT * datasetLength;
  const size = dataAt + COUNT * EACH;
  const open = join(
    [0x89],
    ascii('HDF\r\n'),
    [0x1a, 0x0a, 3, 8, 8, 0],
    little(0, 8),
    [255, 255, 255, 255, 255, 255, 255, 255],
    little(size, 8),
    little(groupAt, 8),
  );
  const all = join(
    open,
    little(lookup3(open), 4),
    group(indexes.map((i) => firstAt + i * datasetLength)),
    ...indexes.map((i) => dataset(dataAt + i * EACH)),
  );
  return { name: 'model.h5', size, pieces: [{ at: 0, bytes: all }] };
}

/** The header of an array with as many rows of 1024 float32 as fill `size` bytes. */
function npyHeader(size: number): Uint8Array {
  const dict = `{'descr': '<f4', 'fortran_order': False, 'shape': (${size / 4096}, 1024), }`;
  return join([0x93], ascii('NUMPY'), [1, 0], little(118, 2), ascii(`${dict.padEnd(117)}\n`));
}

function npz(): LargeFile {
  const header = npyHeader(EACH);
  return {
    name: 'model.npz',
    ...makeSparseZip(indexes.map((i) => ({ name: `w${i}.npy`, content: header, zeros: EACH }))),
  };
}

/** A checkpoint's index, one block and its index block, and the data file beside it. */
function checkpoint(): readonly [LargeFile, LargeFile] {
  const entry = (key: string, value: readonly number[]): number[] => [
    0,
    ...varint(key.length),
    ...varint(value.length),
    ...ascii(key),
    ...value,
  ];
  const dims = bytesField(2, [...bytesField(2, intField(1, ELEMENTS / 1024)), ...bytesField(2, intField(1, 1024))]);
  const entries = [
    ...entry('', [...intField(1, 1), ...bytesField(3, intField(1, 1))]),
    ...indexes.flatMap((i) =>
      entry(`w${i}`, [...intField(1, 1), ...dims, ...intField(4, i * EACH), ...intField(5, EACH)]),
    ),
  ];
  const block = (content: readonly number[]): Uint8Array => {
    const plain = join(content, little(0, 4), little(1, 4), [0]);
    return join(plain, little(maskedCrc32c(plain), 4));
  };
  const data = block(entries);
  const meta = block([]);
  const place = (at: number, length: number): number[] => [...varint(at), ...varint(length - 5)];
  const index = block(entry('x', place(0, data.length)));
  const handles = [...place(data.length, meta.length), ...place(data.length + meta.length, index.length)];
  const footer = join(handles, new Uint8Array(40 - handles.length), [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb]);
  const all = join(data, meta, index, footer);
  return [
    { name: 'model.ckpt.index', size: all.length, pieces: [{ at: 0, bytes: all }] },
    { name: 'model.ckpt.data-00000-of-00001', size: COUNT * EACH, pieces: [] },
  ];
}

export function largeModels(): readonly LargeModel[] {
  const one = (container: string, ...files: LargeModel['files']): LargeModel => ({
    container,
    files,
    tensors: COUNT,
    dtype: 'F32',
  });
  return [
    one('safetensors', safetensors()),
    one('GGUF', gguf()),
    one('PyTorch zip', pytorchZip()),
    one('PyTorch legacy', pytorchLegacy()),
    one('ONNX, one file', onnx()),
    one('ONNX, external data', ...onnxExternal()),
    one('HDF5', hdf5()),
    { ...one('NumPy array', headed('model.npy', npyHeader(COUNT * EACH), COUNT * EACH)), tensors: 1 },
    one('NumPy archive, stored', npz()),
    one('TensorFlow checkpoint', ...checkpoint()),
  ];
}
