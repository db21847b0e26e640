/** Sums and lengths made right again after a change, so that mutants get past the first comparison. */
import { lookup3 } from '../../src/core/formats/hdf5/lookup3.ts';
import { maskedCrc32c } from '../../src/core/formats/tensorflow/crc32c.ts';
import type { Seed } from './seed.ts';

/** Changes `bytes`, a mutant of `seed`, in place. */
export type Repair = (bytes: Uint8Array, seed: Seed) => void;

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** safetensors: the header's length, when only the header changed its length. */
export const safetensorsLength: Repair = (bytes, seed) => {
  if (bytes.length < 8 || seed.bytes.length < 8) return;
  const length = Number(view(seed.bytes).getBigUint64(0, true)) + bytes.length - seed.bytes.length;
  if (length > 0 && length < bytes.length) view(bytes).setBigUint64(0, BigInt(length), true);
};

/** NumPy, version 1: the header's length. */
export const npyLength: Repair = (bytes, seed) => {
  if (bytes.length < 10 || seed.bytes.length < 10) return;
  const length = view(seed.bytes).getUint16(8, true) + bytes.length - seed.bytes.length;
  if (length > 0 && length < 65_536) view(bytes).setUint16(8, length, true);
};

/** tar: the sum of every block that has the magic of a header. */
export const tarSums: Repair = (bytes) => {
  const magic = [0x75, 0x73, 0x74, 0x61, 0x72];
  for (let at = 0; at + 512 <= bytes.length; at += 512) {
    if (!magic.every((byte, i) => bytes[at + 257 + i] === byte)) continue;
    bytes.fill(0x20, at + 148, at + 156);
    let sum = 0;
    for (let i = 0; i < 512; i += 1) sum += bytes[at + i]!;
    bytes.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, '0')}\0 `), at + 148);
  }
};

/** A stretch of a seed that is followed by its own sum. */
interface Summed {
  readonly start: number;
  readonly end: number;
}

/** Remembers where the sums of a seed are; they are found by trying, once. */
function sumsRepaired(find: (bytes: Uint8Array) => Summed[], sum: (bytes: Uint8Array) => number): Repair {
  const known = new WeakMap<Seed, Summed[]>();
  return (bytes, seed) => {
    // Sums stand where they stood only while nothing before them was inserted or taken away.
    if (bytes.length !== seed.bytes.length) return;
    let places = known.get(seed);
    if (places === undefined) known.set(seed, (places = find(seed.bytes)));
    for (const { start, end } of places) view(bytes).setUint32(end, sum(bytes.subarray(start, end)), true);
  };
}

const HDF5_SUMMED_MAX = 640;
const HDF5_SIGNATURES = 'OHDR OCHK FRHP FHDB FHIB FSHD FSSE BTHD BTIN BTLF EAHD EAIB EASB EADB FAHD FADB \x89HDF';

/** HDF5: sums of object headers, heaps, trees, indexes and the superblock (version 2 and later). */
export const hdf5Sums: Repair = sumsRepaired((bytes) => {
  const signatures = new Set(HDF5_SIGNATURES.split(' '));
  const found: Summed[] = [];
  for (let start = 0; start + 12 < bytes.length && found.length < 200; start += 1) {
    if (!signatures.has(String.fromCharCode(...bytes.subarray(start, start + 4)))) continue;
    const last = Math.min(start + HDF5_SUMMED_MAX, bytes.length - 4);
    for (let end = start + 8; end <= last; end += 1) {
      if (view(bytes).getUint32(end, true) === lookup3(bytes.subarray(start, end))) {
        found.push({ start, end });
        break;
      }
    }
  }
  return found;
}, lookup3);

/** TensorFlow's tables: the sum behind every block and its type byte. */
export const tableSums: Repair = sumsRepaired((bytes) => {
  const found: Summed[] = [];
  if (bytes.length > 1024) return found;
  for (let start = 0; start < bytes.length; start += 1) {
    for (let end = start + 5; end + 4 <= bytes.length; end += 1) {
      if (view(bytes).getUint32(end, true) === maskedCrc32c(bytes.subarray(start, end))) found.push({ start, end });
    }
  }
  return found;
}, maskedCrc32c);
