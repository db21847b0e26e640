/** ggml's K-quants: super-blocks of 256 values with scales of scales. n counts values. */
import { affine16, bitsAt, canonical_nan, half, high4, low4, scale16, special } from './numbers';

export function q2_k(src: usize, dst: usize, n: i32): void {
  let bad: u32 = 0;
  const first = dst;
  for (const end = dst + (<usize>n << 2); dst < end; src += 84) {
    const h = <u32>load<u16>(src, 80);
    const k = <u32>load<u16>(src, 82);
    bad |= special(h) | special(k);
    const d = half(h);
    const min = half(k);
    for (let s: usize = 0; s < 16; s += 8) {
      const a = v128.load(src + (s << 2), 16);
      const b = v128.load(src + (s << 2), 32);
      for (let t: usize = 0; t < 4; t++, dst += 128) {
        const p = <u32>load<u8>(src + s + (t << 1));
        const q = <u32>load<u8>(src + s + (t << 1), 1);
        const shift = <i32>t << 1;
        affine16(
          dst,
          bitsAt(a, shift, 3),
          f32x4.splat(d * <f32>(p & 15)),
          f32x4.splat(-(min * <f32>(p >> 4))),
        );
        affine16(
          dst + 64,
          bitsAt(b, shift, 3),
          f32x4.splat(d * <f32>(q & 15)),
          f32x4.splat(-(min * <f32>(q >> 4))),
        );
      }
    }
  }
  if (bad) canonical_nan(first, n);
}

/** Sixteen six-bit scales minus 32, from twelve bytes: nibbles first, then four pairs of high bits to a byte. */
@inline
function scales3(src: usize): v128 {
  const low = v128.load64_zero(src);
  const high = v128.load32_zero(src + 8);
  const nibbles = v128.shuffle<i64>(low4(low), high4(low), 0, 2);
  const pairs = v128.shuffle<i32>(
    v128.shuffle<i32>(bitsAt(high, 0, 3), bitsAt(high, 2, 3), 0, 4, 0, 4),
    v128.shuffle<i32>(bitsAt(high, 4, 3), bitsAt(high, 6, 3), 0, 4, 0, 4),
    0,
    1,
    4,
    5,
  );
  return i8x16.sub(v128.or(nibbles, i16x8.shl(pairs, 4)), i8x16.splat(32));
}

export function q3_k(src: usize, dst: usize, n: i32, scratch: usize): void {
  let bad: u32 = 0;
  const first = dst;
  const four = i8x16.splat(4);
  for (const end = dst + (<usize>n << 2); dst < end; src += 110) {
    const h = <u32>load<u16>(src, 108);
    bad |= special(h);
    const d = half(h);
    v128.store(scratch, scales3(src + 96));
    const maskA = v128.load(src);
    const maskB = v128.load(src, 16);
    for (let s: usize = 0; s < 16; s += 8) {
      const a = v128.load(src + (s << 2), 32);
      const b = v128.load(src + (s << 2), 48);
      for (let t: usize = 0; t < 4; t++, dst += 128) {
        const shift = <i32>t << 1;
        const bit = i8x16.splat(<i8>(<i32>1 << ((<i32>s >> 1) + <i32>t)));
        // The third bit of a code comes from the mask; all are less four.
        const thirdA = v128.and(four, i8x16.eq(v128.and(maskA, bit), bit));
        const thirdB = v128.and(four, i8x16.eq(v128.and(maskB, bit), bit));
        const p = f32x4.splat(d * <f32>load<i8>(scratch + s + (t << 1)));
        const q = f32x4.splat(d * <f32>load<i8>(scratch + s + (t << 1), 1));
        scale16(dst, v128.or(bitsAt(a, shift, 3), thirdA), 4, p);
        scale16(dst + 64, v128.or(bitsAt(b, shift, 3), thirdB), 4, q);
      }
    }
  }
  if (bad) canonical_nan(first, n);
}

/** Six-bit scale and minimum j of Q4_K and Q5_K, from twelve bytes. */
@inline
function scale45(at: usize, j: usize): u32 {
  return j < 4 ? <u32>load<u8>(at + j) & 63 : (<u32>load<u8>(at + j, 4) & 15) | ((<u32>load<u8>(at + j - 4) >> 6) << 4);
}

@inline
function min45(at: usize, j: usize): u32 {
  return j < 4 ? <u32>load<u8>(at + j, 4) & 63 : (<u32>load<u8>(at + j, 4) >> 4) | ((<u32>load<u8>(at + j) >> 6) << 4);
}

export function q4_k(src: usize, dst: usize, n: i32): void {
  let bad: u32 = 0;
  const first = dst;
  for (const end = dst + (<usize>n << 2); dst < end; src += 144) {
    const h = <u32>load<u16>(src);
    const k = <u32>load<u16>(src, 2);
    bad |= special(h) | special(k);
    const d = half(h);
    const min = half(k);
    for (let j: usize = 0; j < 8; j += 2, dst += 256) {
      const a = v128.load(src + (j << 4), 16);
      const b = v128.load(src + (j << 4), 32);
      const d1 = f32x4.splat(d * <f32>scale45(src + 4, j));
      const m1 = f32x4.splat(-(min * <f32>min45(src + 4, j)));
      const d2 = f32x4.splat(d * <f32>scale45(src + 4, j + 1));
      const m2 = f32x4.splat(-(min * <f32>min45(src + 4, j + 1)));
      affine16(dst, low4(a), d1, m1);
      affine16(dst + 64, low4(b), d1, m1);
      affine16(dst + 128, high4(a), d2, m2);
      affine16(dst + 192, high4(b), d2, m2);
    }
  }
  if (bad) canonical_nan(first, n);
}

/** 16 where bit `bit` of a byte is set, else 0. */
@inline
function fifth(bytes: v128, bit: i32): v128 {
  return i16x8.shl(bitsAt(bytes, bit, 1), 4);
}

export function q5_k(src: usize, dst: usize, n: i32): void {
  let bad: u32 = 0;
  const first = dst;
  for (const end = dst + (<usize>n << 2); dst < end; src += 176) {
    const h = <u32>load<u16>(src);
    const k = <u32>load<u16>(src, 2);
    bad |= special(h) | special(k);
    const d = half(h);
    const min = half(k);
    const highA = v128.load(src, 16);
    const highB = v128.load(src, 32);
    for (let j: usize = 0; j < 8; j += 2, dst += 256) {
      const a = v128.load(src + (j << 4), 48);
      const b = v128.load(src + (j << 4), 64);
      const d1 = f32x4.splat(d * <f32>scale45(src + 4, j));
      const m1 = f32x4.splat(-(min * <f32>min45(src + 4, j)));
      const d2 = f32x4.splat(d * <f32>scale45(src + 4, j + 1));
      const m2 = f32x4.splat(-(min * <f32>min45(src + 4, j + 1)));
      affine16(dst, v128.or(low4(a), fifth(highA, <i32>j)), d1, m1);
      affine16(dst + 64, v128.or(low4(b), fifth(highB, <i32>j)), d1, m1);
      affine16(dst + 128, v128.or(high4(a), fifth(highA, <i32>j + 1)), d2, m2);
      affine16(dst + 192, v128.or(high4(b), fifth(highB, <i32>j + 1)), d2, m2);
    }
  }
  if (bad) canonical_nan(first, n);
}

export function q6_k(src: usize, dst: usize, n: i32): void {
  let bad: u32 = 0;
  const first = dst;
  for (const end = dst + (<usize>n << 2); dst < end; src += 210, dst += 1024) {
    const h = <u32>load<u16>(src, 208);
    bad |= special(h);
    const d = half(h);
    // Sixteen columns at a time: half of a 128 is two of them, each touching four scales.
    for (let s: usize = 0; s < 4; s++) {
      const low = src + ((s & 2) << 5) + ((s & 1) << 4);
      const a = v128.load(low);
      const b = v128.load(low, 32);
      const top = v128.load(src + ((s & 2) << 4) + ((s & 1) << 4), 128);
      const scale = src + 192 + ((s & 2) << 2) + (s & 1);
      const out = dst + ((s & 2) << 8) + ((s & 1) << 6);
      const q1 = v128.or(low4(a), i16x8.shl(bitsAt(top, 0, 3), 4));
      const q2 = v128.or(low4(b), i16x8.shl(bitsAt(top, 2, 3), 4));
      const q3 = v128.or(high4(a), i16x8.shl(bitsAt(top, 4, 3), 4));
      const q4 = v128.or(high4(b), i16x8.shl(bitsAt(top, 6, 3), 4));
      scale16(out, q1, 32, f32x4.splat(d * <f32>load<i8>(scale)));
      scale16(out + 128, q2, 32, f32x4.splat(d * <f32>load<i8>(scale, 2)));
      scale16(out + 256, q3, 32, f32x4.splat(d * <f32>load<i8>(scale, 4)));
      scale16(out + 384, q4, 32, f32x4.splat(d * <f32>load<i8>(scale, 6)));
    }
  }
  if (bad) canonical_nan(first, n);
}
