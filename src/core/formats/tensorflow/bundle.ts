/** Entries of a tensor bundle (tensorflow/core/protobuf/tensor_bundle.proto, tensorflow/core/util/tensor_bundle). */
import { MemorySource } from '../../bytes/memory.ts';
import { AppError } from '../../errors.ts';
import { int, message, MessageType, readMessage } from '../protobuf.ts';
import { SHAPE } from './proto.ts';

const SHARDS_MAX = 100_000;

export interface BundleHeader {
  shards: number;
  bigEndian: boolean;
}

export interface BundleEntry {
  dtype: number | bigint;
  readonly dims: (number | bigint)[];
  unknownRank: boolean;
  shard: number | bigint;
  offset: number | bigint;
  size: number | bigint;
  /** Parts of a variable that was saved in pieces. */
  slices: number;
}

const HEADER = new MessageType<BundleHeader>('BundleHeaderProto');
const ENTRY = new MessageType<BundleEntry>('BundleEntryProto');
const SLICE = new MessageType<BundleEntry>('TensorSliceProto');

HEADER.define({ 1: int((t, v) => (t.shards = Number(v))), 2: int((t, v) => (t.bigEndian = v === 1)) });
ENTRY.define({
  1: int((t, v) => (t.dtype = v)),
  2: message(SHAPE, (t) => t),
  3: int((t, v) => (t.shard = v)),
  4: int((t, v) => (t.offset = v)),
  5: int((t, v) => (t.size = v)),
  7: message(SLICE, (t) => {
    t.slices += 1;
    return t;
  }),
});

/** @throws AppError FORMAT_*, among them FORMAT_COUNT_TOO_LARGE for an impossible number of data files */
export async function readHeader(value: Uint8Array): Promise<BundleHeader> {
  const header: BundleHeader = { shards: 0, bigEndian: false };
  await readMessage(new MemorySource('header', value), { start: 0, end: value.length }, HEADER, header);
  if (!(header.shards >= 1 && header.shards <= SHARDS_MAX)) {
    throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'data files', count: header.shards, max: SHARDS_MAX });
  }
  return header;
}

export async function readEntry(value: Uint8Array): Promise<BundleEntry> {
  const entry: BundleEntry = { dtype: 0, dims: [], unknownRank: false, shard: 0, offset: 0, size: 0, slices: 0 };
  await readMessage(new MemorySource('entry', value), { start: 0, end: value.length }, ENTRY, entry);
  return entry;
}

/**
 * Keys of slices are written in an order-preserving code (tensorflow/core/lib/strings/ordered_code): a zero byte, the
 * name with its zeros escaped, then the place of the slice. Plain keys are names.
 */
export function nameOfKey(key: Uint8Array): { readonly name: string; readonly slice: boolean } {
  const slice = key[0] === 0;
  const bytes: number[] = [];
  for (let at = slice ? 1 : 0; at < key.length; at += 1) {
    const byte = key[at]!;
    if (slice && byte === 0 && key[at + 1] === 1) break;
    if (slice && ((byte === 0 && key[at + 1] === 0xff) || (byte === 0xff && key[at + 1] === 0))) at += 1;
    bytes.push(byte);
  }
  return { name: new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes)), slice };
}
