/** Plain element types. Each writes n values to dst; loops take whole vectors and may write past n within the buffer. */
import { canonical_nan } from './numbers';

export function f32_(src: usize, dst: usize, n: i32): void {
  let bad = i32x4.splat(0);
  const end = dst + (<usize>n << 2);
  const first = dst;
  for (; dst < end; src += 32, dst += 32) {
    const a = v128.load(src);
    const b = v128.load(src, 16);
    v128.store(dst, a);
    v128.store(dst, b, 16);
    bad = v128.or(bad, v128.or(f32x4.ne(a, a), f32x4.ne(b, b)));
  }
  if (v128.any_true(bad)) canonical_nan(first, n);
}

export function f64_(src: usize, dst: usize, n: i32): void {
  let bad = i32x4.splat(0);
  const end = dst + (<usize>n << 2);
  const first = dst;
  for (; dst < end; src += 32, dst += 16) {
    const a = v128.load(src);
    const b = v128.load(src, 16);
    const low = f32x4.demote_f64x2_zero(a);
    const high = f32x4.demote_f64x2_zero(b);
    v128.store(dst, v128.shuffle<i64>(low, high, 0, 2));
    bad = v128.or(bad, v128.or(f64x2.ne(a, a), f64x2.ne(b, b)));
  }
  if (v128.any_true(bad)) canonical_nan(first, n);
}

export function bf16(src: usize, dst: usize, n: i32): void {
  const zero = i32x4.splat(0);
  const infinity = i16x8.splat(0x7f80);
  const magnitude = i16x8.splat(0x7fff);
  let bad = zero;
  const end = dst + (<usize>n << 2);
  const first = dst;
  for (; dst < end; src += 16, dst += 32) {
    const h = v128.load(src);
    v128.store(dst, v128.shuffle<i16>(zero, h, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(dst, v128.shuffle<i16>(zero, h, 4, 12, 5, 13, 6, 14, 7, 15), 16);
    bad = v128.or(bad, i16x8.gt_s(v128.and(h, magnitude), infinity));
  }
  if (v128.any_true(bad)) canonical_nan(first, n);
}

/** Four finite float16 in the high halves of 32-bit lanes, as float32. Multiplies, which takes subnormals as denormals. */
@inline
function byProduct(h: v128): v128 {
  return f32x4.mul(v128.and(i32x4.shr_s(h, 3), i32x4.splat(0x8fffe000)), f32x4.splat(5.192296858534828e33));
}

/** The same for any float16 and without touching a denormal: a subnormal is 2^-14 (1 + m/1024) - 2^-14. */
@inline
function byParts(h: v128): v128 {
  const sign = v128.and(h, i32x4.splat(0x80000000));
  const em = v128.and(i32x4.shr_u(h, 3), i32x4.splat(0x0fffe000));
  const small = f32x4.sub(i32x4.add(em, i32x4.splat(0x38800000)), i32x4.splat(0x38800000));
  const bias = v128.bitselect(i32x4.splat(0x70000000), i32x4.splat(0x38000000), i32x4.ge_s(em, i32x4.splat(0x0f800000)));
  const x = v128.or(v128.bitselect(small, i32x4.add(em, bias), i32x4.lt_s(em, i32x4.splat(0x00800000))), sign);
  return v128.bitselect(i32x4.splat(0x7fc00000), x, f32x4.ne(x, x));
}

/** Whether more than one in a hundred of the first 256 values are subnormal. */
@inline
function manySubnormals(src: usize, n: i32): bool {
  if (n < 256) return true;
  let count = 0;
  for (const end = src + 512; src < end; src += 16) {
    const h = v128.load(src);
    const noExponent = i16x8.eq(v128.and(h, i16x8.splat(0x7c00)), i16x8.splat(0));
    const zero = i16x8.eq(i16x8.shl(h, 1), i16x8.splat(0));
    count += popcnt(i16x8.bitmask(v128.andnot(noExponent, zero)));
  }
  return count > 2;
}

/**
 * float16. Multiplying denormals costs up to 150 cycles on some CPUs, so values that are often subnormal take the other
 * way; both are exact. Infinities and NaN, which real weights do not have, are redone.
 */
export function f16(src: usize, dst: usize, n: i32): void {
  const zero = i32x4.splat(0);
  const exponent = i16x8.splat(0x7c00);
  let bad = zero;
  const end = dst + (<usize>n << 2);
  if (!manySubnormals(src, n)) {
    let from = src;
    for (let to = dst; to < end; from += 16, to += 32) {
      const h = v128.load(from);
      v128.store(to, byProduct(v128.shuffle<i16>(zero, h, 0, 8, 1, 9, 2, 10, 3, 11)));
      v128.store(to, byProduct(v128.shuffle<i16>(zero, h, 4, 12, 5, 13, 6, 14, 7, 15)), 16);
      bad = v128.or(bad, i16x8.eq(v128.and(h, exponent), exponent));
    }
    if (!v128.any_true(bad)) return;
  }
  for (; dst < end; src += 16, dst += 32) {
    const h = v128.load(src);
    v128.store(dst, byParts(v128.shuffle<i16>(zero, h, 0, 8, 1, 9, 2, 10, 3, 11)));
    v128.store(dst, byParts(v128.shuffle<i16>(zero, h, 4, 12, 5, 13, 6, 14, 7, 15)), 16);
  }
}

export function i16_(src: usize, dst: usize, n: i32): void {
  const end = dst + (<usize>n << 2);
  for (; dst < end; src += 8, dst += 16) {
    v128.store(dst, f32x4.convert_i32x4_s(v128.load16x4_s(src)));
  }
}

export function u16_(src: usize, dst: usize, n: i32): void {
  const end = dst + (<usize>n << 2);
  for (; dst < end; src += 8, dst += 16) {
    v128.store(dst, f32x4.convert_i32x4_u(v128.load16x4_u(src)));
  }
}

export function i32_(src: usize, dst: usize, n: i32): void {
  const end = dst + (<usize>n << 2);
  for (; dst < end; src += 16, dst += 16) v128.store(dst, f32x4.convert_i32x4_s(v128.load(src)));
}

export function u32_(src: usize, dst: usize, n: i32): void {
  const end = dst + (<usize>n << 2);
  for (; dst < end; src += 16, dst += 16) v128.store(dst, f32x4.convert_i32x4_u(v128.load(src)));
}

/** One rounding from 64 bits to float32, which JavaScript numbers cannot do in one step. */
export function i64_(src: usize, dst: usize, n: i32): void {
  const end = dst + (<usize>n << 2);
  for (; dst < end; src += 8, dst += 4) store<f32>(dst, <f32>load<i64>(src));
}

export function u64_(src: usize, dst: usize, n: i32): void {
  const end = dst + (<usize>n << 2);
  for (; dst < end; src += 8, dst += 4) store<f32>(dst, <f32>load<u64>(src));
}

/** One value per byte through a table of 256 float32. */
export function lut8(src: usize, dst: usize, n: i32, table: usize): void {
  const end = dst + (<usize>n << 2);
  for (; dst < end; src += 4, dst += 16) {
    const four = load<u32>(src);
    store<f32>(dst, load<f32>(table + ((<usize>four & 0xff) << 2)));
    store<f32>(dst, load<f32>(table + ((<usize>(four >> 8) & 0xff) << 2)), 4);
    store<f32>(dst, load<f32>(table + ((<usize>(four >> 16) & 0xff) << 2)), 8);
    store<f32>(dst, load<f32>(table + (<usize>(four >> 24) << 2)), 12);
  }
}

/** Two values per byte: a table of 256 pairs. */
export function lut4(src: usize, dst: usize, n: i32, table: usize): void {
  const end = dst + (<usize>n << 2);
  for (; dst < end; src += 2, dst += 16) {
    const two = load<u16>(src);
    store<u64>(dst, load<u64>(table + ((<usize>two & 0xff) << 3)));
    store<u64>(dst, load<u64>(table + ((<usize>two >> 8) << 3)), 8);
  }
}

/** Four values per byte: a table of 256 quadruples. */
export function lut2(src: usize, dst: usize, n: i32, table: usize): void {
  const end = dst + (<usize>n << 2);
  for (; dst < end; src += 1, dst += 16) v128.store(dst, v128.load(table + (<usize>load<u8>(src) << 4)));
}

/** Four values per three bytes, a little-endian stream of six-bit codes: a table of 64. */
export function lut6(src: usize, dst: usize, n: i32, table: usize): void {
  const end = dst + (<usize>n << 2);
  for (; dst < end; src += 3, dst += 16) {
    const codes = load<u32>(src);
    store<f32>(dst, load<f32>(table + ((<usize>codes & 63) << 2)));
    store<f32>(dst, load<f32>(table + ((<usize>(codes >> 6) & 63) << 2)), 4);
    store<f32>(dst, load<f32>(table + ((<usize>(codes >> 12) & 63) << 2)), 8);
    store<f32>(dst, load<f32>(table + ((<usize>(codes >> 18) & 63) << 2)), 12);
  }
}
