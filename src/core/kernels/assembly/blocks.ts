/** ggml's blocks of 32 (64, 128) values with one scale: layouts of ggml-common.h. n counts values. */
import { affine16, bitsAt, canonical_nan, half, high4, low4, scale16, scale8, signed16, special } from './numbers';

/** Sixteen bits of `bits` as 0xFF or 0 per byte, lowest first. */
@inline
function spread(bits: u32): v128 {
  const pair = v128.swizzle(i32x4.splat(bits), i8x16(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1));
  const one = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  return i8x16.eq(v128.and(pair, one), one);
}

export function q4_0(src: usize, dst: usize, n: i32): void {
  let bad: u32 = 0;
  const first = dst;
  for (const end = dst + (<usize>n << 2); dst < end; src += 18, dst += 128) {
    const h = <u32>load<u16>(src);
    bad |= special(h);
    const d = f32x4.splat(half(h));
    const codes = v128.load(src, 2);
    scale16(dst, low4(codes), 8, d);
    scale16(dst + 64, high4(codes), 8, d);
  }
  if (bad) canonical_nan(first, n);
}

export function q4_1(src: usize, dst: usize, n: i32): void {
  let bad: u32 = 0;
  const first = dst;
  for (const end = dst + (<usize>n << 2); dst < end; src += 20, dst += 128) {
    const h = <u32>load<u16>(src);
    const k = <u32>load<u16>(src, 2);
    bad |= special(h) | special(k);
    const d = f32x4.splat(half(h));
    const m = f32x4.splat(half(k));
    const codes = v128.load(src, 4);
    affine16(dst, low4(codes), d, m);
    affine16(dst + 64, high4(codes), d, m);
  }
  if (bad) canonical_nan(first, n);
}

export function q5_0(src: usize, dst: usize, n: i32): void {
  let bad: u32 = 0;
  const first = dst;
  const sixteen = i8x16.splat(16);
  for (const end = dst + (<usize>n << 2); dst < end; src += 22, dst += 128) {
    const h = <u32>load<u16>(src);
    bad |= special(h);
    const d = f32x4.splat(half(h));
    const fifth = load<u32>(src, 2);
    const codes = v128.load(src, 6);
    scale16(dst, v128.or(low4(codes), v128.and(sixteen, spread(fifth))), 16, d);
    scale16(dst + 64, v128.or(high4(codes), v128.and(sixteen, spread(fifth >> 16))), 16, d);
  }
  if (bad) canonical_nan(first, n);
}

export function q5_1(src: usize, dst: usize, n: i32): void {
  let bad: u32 = 0;
  const first = dst;
  const sixteen = i8x16.splat(16);
  for (const end = dst + (<usize>n << 2); dst < end; src += 24, dst += 128) {
    const h = <u32>load<u16>(src);
    const k = <u32>load<u16>(src, 2);
    bad |= special(h) | special(k);
    const d = f32x4.splat(half(h));
    const m = f32x4.splat(half(k));
    const fifth = load<u32>(src, 4);
    const codes = v128.load(src, 8);
    affine16(dst, v128.or(low4(codes), v128.and(sixteen, spread(fifth))), d, m);
    affine16(dst + 64, v128.or(high4(codes), v128.and(sixteen, spread(fifth >> 16))), d, m);
  }
  if (bad) canonical_nan(first, n);
}

export function q8_0(src: usize, dst: usize, n: i32): void {
  let bad: u32 = 0;
  const first = dst;
  for (const end = dst + (<usize>n << 2); dst < end; src += 34, dst += 128) {
    const h = <u32>load<u16>(src);
    bad |= special(h);
    const d = f32x4.splat(half(h));
    signed16(dst, v128.load(src, 2), d);
    signed16(dst + 64, v128.load(src, 18), d);
  }
  if (bad) canonical_nan(first, n);
}

export function q8_k(src: usize, dst: usize, n: i32): void {
  const first = dst;
  const last = dst + (<usize>n << 2);
  for (; dst < last; src += 292, dst += 1024) {
    const d = f32x4.splat(load<f32>(src));
    for (let i: usize = 0; i < 256; i += 16) signed16(dst + (i << 2), v128.load(src + i, 4), d);
  }
  canonical_nan(first, n);
}

/** One bit per value: plus or minus the scale. */
export function q1_0(src: usize, dst: usize, n: i32): void {
  let bad: u32 = 0;
  const first = dst;
  const sign = i32x4.splat(0x80000000);
  const low = i32x4(1, 2, 4, 8);
  const high = i32x4(16, 32, 64, 128);
  for (const end = dst + (<usize>n << 2); dst < end; src += 18, dst += 512) {
    const h = <u32>load<u16>(src);
    bad |= special(h);
    const d = f32x4.splat(half(h));
    for (let i: usize = 0; i < 16; i++) {
      const bits = i32x4.splat(<i32>load<u8>(src + i, 2));
      const at = dst + (i << 5);
      v128.store(at, v128.xor(d, v128.and(sign, i32x4.eq(v128.and(bits, low), i32x4.splat(0)))));
      v128.store(at, v128.xor(d, v128.and(sign, i32x4.eq(v128.and(bits, high), i32x4.splat(0)))), 16);
    }
  }
  if (bad) canonical_nan(first, n);
}

/** Two bits per value, four neighbours in a byte: (code - 1) times the scale. */
export function q2_0(src: usize, dst: usize, n: i32): void {
  let bad: u32 = 0;
  const first = dst;
  const mask = i32x4(3, 12, 48, 192);
  const one = i32x4(1, 4, 16, 64);
  for (const end = dst + (<usize>n << 2); dst < end; src += 18, dst += 256) {
    const h = <u32>load<u16>(src);
    bad |= special(h);
    // The codes stay where they are in the byte; powers of two in the scale make up for it exactly.
    const d = f32x4.mul(f32x4.splat(half(h)), f32x4(1, 0.25, 0.0625, 0.015625));
    for (let i: usize = 0; i < 16; i++) {
      const codes = v128.and(i32x4.splat(<i32>load<u8>(src + i, 2)), mask);
      v128.store(dst + (i << 4), f32x4.mul(f32x4.convert_i32x4_s(i32x4.sub(codes, one)), d));
    }
  }
  if (bad) canonical_nan(first, n);
}

/** Ternary, five digits to a byte: a digit is the carry out of the byte when it is multiplied by three. */
export function tq1_0(src: usize, dst: usize, n: i32): void {
  let bad: u32 = 0;
  const first = dst;
  for (const end = dst + (<usize>n << 2); dst < end; src += 54, dst += 1024) {
    const h = <u32>load<u16>(src, 52);
    bad |= special(h);
    const d = f32x4.splat(half(h));
    for (let i: usize = 0; i < 32; i += 8) digits(v128.load8x8_u(src + i), dst + (i << 2), 128, d);
    digits(v128.load8x8_u(src + 32), dst + 640, 64, d);
    digits(v128.load8x8_u(src + 40), dst + 672, 64, d);
    // The last four bytes hold four digits each.
    let q = v128.load32_zero(src + 48);
    q = i16x8.extend_low_i8x16_u(q);
    for (let t: usize = 0; t < 4; t++) {
      const p = i16x8.add(i16x8.add(q, q), q);
      const digit = i16x8.sub(i16x8.shr_u(p, 8), i16x8.splat(1));
      v128.store(dst + 960 + (t << 4), f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(digit)), d));
      q = v128.and(p, i16x8.splat(255));
    }
  }
  if (bad) canonical_nan(first, n);
}

/** Five digits of eight bytes; neighbours in a byte are `step` bytes apart in the output. */
@inline
function digits(bytes: v128, dst: usize, step: usize, d: v128): void {
  let q = bytes;
  for (let t = 0; t < 5; t++) {
    const p = i16x8.add(i16x8.add(q, q), q);
    scale8(dst, i16x8.sub(i16x8.shr_u(p, 8), i16x8.splat(1)), d);
    q = v128.and(p, i16x8.splat(255));
    dst += step;
  }
}

export function tq2_0(src: usize, dst: usize, n: i32): void {
  let bad: u32 = 0;
  const first = dst;
  for (const end = dst + (<usize>n << 2); dst < end; src += 66, dst += 1024) {
    const h = <u32>load<u16>(src, 64);
    bad |= special(h);
    const d = f32x4.splat(half(h));
    for (let j: usize = 0; j < 64; j += 16) {
      const codes = v128.load(src + j);
      const at = dst + ((j & 32) << 4) + ((j & 16) << 2);
      scale16(at, bitsAt(codes, 0, 3), 1, d);
      scale16(at + 128, bitsAt(codes, 2, 3), 1, d);
      scale16(at + 256, bitsAt(codes, 4, 3), 1, d);
      scale16(at + 384, bitsAt(codes, 6, 3), 1, d);
    }
  }
  if (bad) canonical_nan(first, n);
}

/** Twice the values of the four-bit float E2M1, plus 12. */
@inline
function e2m1(codes: v128): v128 {
  return v128.swizzle(i8x16(12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0), codes);
}

export function mxfp4(src: usize, dst: usize, n: i32): void {
  for (const end = dst + (<usize>n << 2); dst < end; src += 17, dst += 128) {
    const e = <u32>load<u8>(src);
    // 2^(e - 128), half of what E8M0 says because the codes are doubled; 255 is a number here, not NaN.
    const d = f32x4.splat(reinterpret<f32>(e < 2 ? <u32>0x00200000 << e : (e - 1) << 23));
    const codes = v128.load(src, 1);
    scale16(dst, e2m1(low4(codes)), 12, d);
    scale16(dst + 64, e2m1(high4(codes)), 12, d);
  }
}

export function nvfp4(src: usize, dst: usize, n: i32): void {
  for (const end = dst + (<usize>n << 2); dst < end; src += 36, dst += 256) {
    for (let i: usize = 0; i < 4; i++) {
      const scale = <u32>load<u8>(src + i);
      const e = scale & 0x7f;
      const magnitude = e < 8 ? <f32>e * <f32>0.0009765625 : reinterpret<f32>((e << 20) + (119 << 23));
      // All ones is zero, but only without the top bit, which is otherwise not looked at.
      const d = f32x4.splat(scale == 0x7f ? 0 : magnitude);
      const codes = v128.load64_zero(src + (i << 3), 4);
      // Low nibbles are the first eight values, high nibbles the next eight.
      const both = v128.shuffle<i64>(low4(codes), high4(codes), 0, 2);
      scale16(dst + (i << 6), e2m1(both), 12, d);
    }
  }
}

/** The levels of the IQ4 types, -127 to 113, plus 127. */
@inline
function nonlinear(codes: v128): v128 {
  return v128.swizzle(i8x16(0, 23, 44, 62, 78, 92, 105, 117, -128, -116, -104, -91, -76, -60, -40, -16), codes);
}

export function iq4_nl(src: usize, dst: usize, n: i32): void {
  let bad: u32 = 0;
  const first = dst;
  for (const end = dst + (<usize>n << 2); dst < end; src += 18, dst += 128) {
    const h = <u32>load<u16>(src);
    bad |= special(h);
    const d = f32x4.splat(half(h));
    const codes = v128.load(src, 2);
    scale16(dst, nonlinear(low4(codes)), 127, d);
    scale16(dst + 64, nonlinear(high4(codes)), 127, d);
  }
  if (bad) canonical_nan(first, n);
}

export function iq4_xs(src: usize, dst: usize, n: i32): void {
  let bad: u32 = 0;
  const first = dst;
  for (const end = dst + (<usize>n << 2); dst < end; src += 136, dst += 1024) {
    const h = <u32>load<u16>(src);
    bad |= special(h);
    const d = half(h);
    const top = <u32>load<u16>(src, 2);
    for (let i: u32 = 0; i < 8; i++) {
      const low = (<u32>load<u8>(src + (i >> 1), 4) >> ((i & 1) << 2)) & 15;
      const scale = <i32>(low | (((top >> (i << 1)) & 3) << 4)) - 32;
      const dl = f32x4.splat(d * <f32>scale);
      const codes = v128.load(src + (i << 4), 8);
      scale16(dst + (i << 7), nonlinear(low4(codes)), 127, dl);
      scale16(dst + (i << 7) + 64, nonlinear(high4(codes)), 127, dl);
    }
  }
  if (bad) canonical_nan(first, n);
}
