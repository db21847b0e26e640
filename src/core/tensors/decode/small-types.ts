/** Elements of at most eight bits: a table of all their values decodes them. */
import type { Codec } from './codec.ts';

/** A float of a sign bit, then exponent and mantissa. */
interface SmallFloat {
  readonly exponent: number;
  readonly mantissa: number;
  readonly bias: number;
  /**
   * What the highest codes mean. `ieee`: the highest exponent is infinity and NaN. `fn`: only all ones is NaN. `fnuz`:
   * only the code of minus zero is NaN. `finite`: every code is a number.
   */
  readonly kind: 'ieee' | 'fn' | 'fnuz' | 'finite';
}

/**
 * OCP 8-bit Floating Point Specification (E4M3, E5M2), OCP Microscaling Formats v1.0 (E2M3, E3M2, E2M1) and
 * https://onnx.ai/onnx/technical/float8.html (the FNUZ forms).
 */
const SMALL_FLOATS = {
  F8_E4M3: { exponent: 4, mantissa: 3, bias: 7, kind: 'fn' },
  F8_E5M2: { exponent: 5, mantissa: 2, bias: 15, kind: 'ieee' },
  F8_E4M3FNUZ: { exponent: 4, mantissa: 3, bias: 8, kind: 'fnuz' },
  F8_E5M2FNUZ: { exponent: 5, mantissa: 2, bias: 16, kind: 'fnuz' },
  F6_E2M3: { exponent: 2, mantissa: 3, bias: 1, kind: 'finite' },
  F6_E3M2: { exponent: 3, mantissa: 2, bias: 3, kind: 'finite' },
  F4: { exponent: 2, mantissa: 1, bias: 1, kind: 'finite' },
} as const satisfies Record<string, SmallFloat>;

function smallFloat(code: number, { exponent, mantissa, bias, kind }: SmallFloat): number {
  const signBit = 1 << (exponent + mantissa);
  const magnitude = code & (signBit - 1);
  const sign = code & signBit ? -1 : 1;
  if (kind === 'fnuz' && code === signBit) return NaN;
  if (kind === 'fn' && magnitude === signBit - 1) return NaN;
  const e = magnitude >> mantissa;
  const m = magnitude & ((1 << mantissa) - 1);
  if (kind === 'ieee' && e === (1 << exponent) - 1) return m === 0 ? sign * Infinity : NaN;
  const unit = 2 ** (Math.max(e, 1) - bias - mantissa);
  return sign * (e === 0 ? m : m + (1 << mantissa)) * unit;
}

/** The values of all codes of a small float. */
export function smallFloatValues(name: keyof typeof SMALL_FLOATS): Float32Array {
  const float = SMALL_FLOATS[name];
  return Float32Array.from({ length: 2 << (float.exponent + float.mantissa) }, (_, code) => smallFloat(code, float));
}

/** One value per byte. */
function bytewise(valueOf: (code: number) => number): Codec {
  const table = Float32Array.from({ length: 256 }, (_, code) => valueOf(code));
  return {
    blockValues: 1,
    blockBytes: 1,
    fields: [],
    kernel: 'lut8',
    table,
    decode(bytes, values) {
      for (let i = 0; i < values.length; i++) values[i] = table[bytes[i]!]!;
    },
  };
}

/** Two or four values per byte, the lowest bits first unless said otherwise. `codes` has a value for each code. */
export function packed(bits: 2 | 4, codes: Float32Array, first: 'low' | 'high' = 'low'): Codec {
  const per = 8 / bits;
  const mask = codes.length - 1;
  const shift = (i: number): number => (first === 'low' ? i % per : per - 1 - (i % per)) * bits;
  const table = new Float32Array(256 * per);
  for (let i = 0; i < table.length; i++) table[i] = codes[(Math.floor(i / per) >> shift(i)) & mask]!;
  return {
    blockValues: per,
    blockBytes: 1,
    packed: true,
    fields: [],
    kernel: bits === 4 ? 'lut4' : 'lut2',
    table,
    decode(bytes, values) {
      for (let i = 0, at = 0; i < values.length; at++) {
        for (let from = bytes[at]! * per, end = from + per; from < end && i < values.length; from++)
          values[i++] = table[from]!;
      }
    },
  };
}

/** Codes of 3, 5, 6 or 7 bits as one stream, lowest bits first: eight (or four) values in whole bytes. */
export function streamed(bits: number, codes: Float32Array): Codec {
  const per = bits % 2 === 0 ? 4 : 8;
  return {
    blockValues: per,
    blockBytes: (per * bits) / 8,
    packed: true,
    fields: [],
    ...(bits === 6 ? { kernel: 'lut6' as const, table: codes } : {}),
    decode(bytes, values) {
      for (let i = 0; i < values.length; i++) {
        const bit = bits * i;
        const at = bit >> 3;
        const two = bytes[at]! | ((bytes[at + 1] ?? 0) << 8);
        values[i] = codes[(two >> (bit & 7)) & (codes.length - 1)]!;
      }
    },
  };
}

/** Two's complement numbers of `bits` bits, in the order of their codes. */
function signed(bits: number): Float32Array {
  return Float32Array.from({ length: 1 << bits }, (_, code) => (code << (32 - bits)) >> (32 - bits));
}

/** 0 to 2^bits - 1. */
export function unsigned(bits: number): Float32Array {
  return Float32Array.from({ length: 1 << bits }, (_, code) => code);
}

/** Codecs by canonical dtype name, made when asked for. */
export const SMALL_TYPES = {
  BOOL: () => bytewise((code) => (code === 0 ? 0 : 1)),
  I8: () => bytewise((code) => (code << 24) >> 24),
  U8: () => bytewise((code) => code),
  F8_E4M3: () => bytewise((code) => smallFloat(code, SMALL_FLOATS.F8_E4M3)),
  F8_E5M2: () => bytewise((code) => smallFloat(code, SMALL_FLOATS.F8_E5M2)),
  F8_E4M3FNUZ: () => bytewise((code) => smallFloat(code, SMALL_FLOATS.F8_E4M3FNUZ)),
  F8_E5M2FNUZ: () => bytewise((code) => smallFloat(code, SMALL_FLOATS.F8_E5M2FNUZ)),
  /** A bare exponent: 2^(code - 127), 255 is NaN. */
  F8_E8M0: () => bytewise((code) => (code === 255 ? NaN : 2 ** (code - 127))),
  F6_E2M3: () => streamed(6, smallFloatValues('F6_E2M3')),
  F6_E3M2: () => streamed(6, smallFloatValues('F6_E3M2')),
  F4: () => packed(4, smallFloatValues('F4')),
  I4: () => packed(4, signed(4)),
  U4: () => packed(4, unsigned(4)),
  I2: () => packed(2, signed(2)),
  U2: () => packed(2, unsigned(2)),
} as const;
