/**
 * The canonical form of a tensor: the same numbers give the same bytes, whatever container and dtype they were stored
 * in. Floats, complex numbers and blocks become row-major little-endian float32 with every NaN as 0x7FC00000 and signed
 * zeros kept; float64 stays float64 (NaN 0x7FF8000000000000); integers and bool keep their own type, because a float32
 * cannot hold them. Its `assay-tensor-v1` digest is the canonical digest.
 *
 * A host is taken to be little-endian, as every one that runs a browser or Node is.
 */

export interface CanonicalForm {
  readonly dtype: string;
  /** As stored; complex types get a last axis of two, real before imaginary part. */
  readonly shape: readonly number[];
  /** Length in bytes of the canonical payload. */
  readonly byteLength: number;
}

/** Bytes per value of the types that keep their own form. Integers below a byte take one byte each. */
const KEPT: Readonly<Record<string, number>> = {
  F64: 8,
  I64: 8,
  U64: 8,
  I32: 4,
  U32: 4,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
  I4: 1,
  U4: 1,
  I2: 1,
  U2: 1,
};

export function canonicalForm(dtype: string, shape: readonly number[]): CanonicalForm {
  const complex = dtype === 'C64' || dtype === 'C128';
  const name = dtype === 'C128' ? 'F64' : Object.hasOwn(KEPT, dtype) ? dtype : 'F32';
  const whole = complex ? [...shape, 2] : shape;
  const values = whole.reduce((product, n) => product * n, 1);
  return { dtype: name, shape: whole, byteLength: values * (KEPT[name] ?? 4) };
}

/**
 * The canonical bytes of one decoded tile: a view that is valid as long as the tile is.
 *
 * @param dtype what the numbers are (`Decoder.dtype`)
 * @param values the tile decoded to float32
 * @param stored the little-endian bytes of the same numbers
 */
export function canonicalBytes(dtype: string, values: Float32Array, stored: Uint8Array): Uint8Array {
  switch (dtype) {
    case 'F64':
    case 'C128':
      return quietFloat64(stored);
    case 'I64':
    case 'U64':
    case 'I32':
    case 'U32':
    case 'I16':
    case 'U16':
    case 'I8':
    case 'U8':
      return stored;
    case 'BOOL':
    case 'U4':
    case 'U2':
    case 'I4':
    case 'I2':
      return new Uint8Array(Int8Array.from(values).buffer);
    default:
      return float32Bytes(values);
  }
}

/** The bytes of float32 values where they lie. */
export function float32Bytes(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** The same float64 with one form of NaN. Copies only when there is one. */
function quietFloat64(stored: Uint8Array): Uint8Array {
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  let quiet: DataView | null = null;
  for (let at = 0; at + 8 <= stored.length; at += 8) {
    // Every NaN has all exponent bits set: most numbers are told from one by their highest half.
    if ((view.getUint16(at + 6, true) & 0x7ff0) !== 0x7ff0 || !Number.isNaN(view.getFloat64(at, true))) continue;
    quiet ??= new DataView(stored.slice().buffer);
    quiet.setUint32(at, 0, true);
    quiet.setUint32(at + 4, 0x7ff80000, true);
  }
  return quiet === null ? stored : new Uint8Array(quiet.buffer);
}
