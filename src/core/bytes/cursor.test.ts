import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { addSafe, Cursor, multiplySafe, toSafeNumber } from './cursor.ts';

function thrown(work: () => unknown): string {
  try {
    work();
    return 'no error';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

describe('Cursor', () => {
  it('reads what a DataView reads, in both byte orders, from a view into a larger buffer', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 8, maxLength: 8 }),
        fc.nat(7),
        fc.boolean(),
        (bytes, shift, littleEndian) => {
          const padded = new Uint8Array(24);
          padded.set(bytes, shift);
          const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
          const at = (): Cursor => new Cursor(padded.subarray(shift, shift + 8), { littleEndian });
          expect(at().u8()).toBe(view.getUint8(0));
          expect(at().i8()).toBe(view.getInt8(0));
          expect(at().u16()).toBe(view.getUint16(0, littleEndian));
          expect(at().i16()).toBe(view.getInt16(0, littleEndian));
          expect(at().u32()).toBe(view.getUint32(0, littleEndian));
          expect(at().i32()).toBe(view.getInt32(0, littleEndian));
          expect(at().u64()).toBe(view.getBigUint64(0, littleEndian));
          expect(at().i64()).toBe(view.getBigInt64(0, littleEndian));
          expect(at().f32()).toBe(view.getFloat32(0, littleEndian));
          expect(at().f64()).toBe(view.getFloat64(0, littleEndian));
        },
      ),
    );
  });

  it('never reads past the end and says where it stood in the file', () => {
    const cursor = new Cursor(new Uint8Array(10), { base: 1000 });
    cursor.skip(7);
    expect(cursor.offset).toBe(1007);
    expect(cursor.remaining).toBe(3);
    expect(thrown(() => cursor.u32())).toBe('FORMAT_TRUNCATED');
    expect(thrown(() => cursor.take(4))).toBe('FORMAT_TRUNCATED');
    expect(thrown(() => cursor.take(-1))).toBe('FORMAT_TRUNCATED');
    expect(thrown(() => cursor.take(Number.NaN))).toBe('FORMAT_TRUNCATED');
    expect(thrown(() => cursor.seek(11))).toBe('FORMAT_TRUNCATED');
    expect(cursor.position).toBe(7);
    expect(cursor.take(3)).toHaveLength(3);
    cursor.seek(10);
    expect(thrown(() => cursor.u8())).toBe('FORMAT_TRUNCATED');
  });

  it('throws the code it was given', () => {
    expect(thrown(() => new Cursor(new Uint8Array(1), { truncated: 'CLAIM_SYNTAX' }).u16())).toBe('CLAIM_SYNTAX');
  });

  it('turns a 64-bit integer into a number only when that is exact', () => {
    const of = (value: bigint): Cursor => {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, value, true);
      return new Cursor(bytes);
    };
    expect(of(2n ** 53n - 1n).u64Safe()).toBe(Number.MAX_SAFE_INTEGER);
    expect(thrown(() => of(2n ** 53n).u64Safe())).toBe('FORMAT_OVERFLOW');
    expect(thrown(() => of(2n ** 64n - 1n).u64Safe())).toBe('FORMAT_OVERFLOW');
    expect(toSafeNumber(-(2n ** 53n) + 1n)).toBe(Number.MIN_SAFE_INTEGER);
    expect(thrown(() => toSafeNumber(-(2n ** 53n)))).toBe('FORMAT_OVERFLOW');
  });

  it('adds and multiplies offsets exactly or not at all', () => {
    expect(addSafe(2 ** 52, 1)).toBe(2 ** 52 + 1);
    expect(thrown(() => addSafe(2 ** 53 - 1, 1))).toBe('FORMAT_OVERFLOW');
    expect(multiplySafe(2 ** 26, 2 ** 26)).toBe(2 ** 52);
    expect(thrown(() => multiplySafe(2 ** 27, 2 ** 27, 'FORMAT_SHAPE'))).toBe('FORMAT_SHAPE');
  });
});
