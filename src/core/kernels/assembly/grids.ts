/**
 * ggml's IQ types: a code picks eight (or four) small integers from a grid, signs and scales come apart. The grids and
 * sign vectors are tables the host puts into memory: `signs` has 256 rows of eight +1 or -1.
 */
import { canonical_nan, half, scale8, special } from './numbers';

/** Eight grid bytes times eight signs times d. */
@inline
function signed8(dst: usize, grid: v128, signs: usize, row: usize, d: v128): void {
  scale8(dst, i16x8.mul(grid, v128.load8x8_s(signs + (row << 3))), d);
}

/** Two grid rows of four bytes as eight 16-bit lanes. */
@inline
function pair4(a: usize, b: usize): v128 {
  return i16x8.extend_low_i8x16_u(i32x4.replace_lane(v128.load32_zero(a), 1, load<i32>(b)));
}

/** Seven stored sign bits; the eighth makes their number even. */
@inline
function even(bits: u32): usize {
  return <usize>(bits | ((popcnt(bits) & 1) << 7));
}

export function iq2_xxs(src: usize, dst: usize, n: i32, grid: usize, signs: usize): void {
  let bad: u32 = 0;
  const first = dst;
  for (const end = dst + (<usize>n << 2); dst < end; src += 66) {
    const h = <u32>load<u16>(src);
    bad |= special(h);
    const d = half(h);
    for (let i: usize = 0; i < 64; i += 8) {
      const tail = load<u32>(src + i, 6);
      const db = f32x4.splat(d * (<f32>0.5 + <f32>(tail >> 28)) * <f32>0.25);
      for (let l: usize = 0; l < 4; l++, dst += 32) {
        const row = v128.load8x8_u(grid + (<usize>load<u8>(src + i + l, 2) << 3));
        signed8(dst, row, signs, even((tail >> <u32>l * 7) & 127), db);
      }
    }
  }
  if (bad) canonical_nan(first, n);
}

export function iq2_xs(src: usize, dst: usize, n: i32, grid: usize, signs: usize): void {
  let bad: u32 = 0;
  const first = dst;
  for (const end = dst + (<usize>n << 2); dst < end; src += 74) {
    const h = <u32>load<u16>(src);
    bad |= special(h);
    const d = half(h);
    for (let i: usize = 0; i < 16; i++) {
      const scale = (<u32>load<u8>(src + (i >> 1), 66) >> <u32>((i & 1) << 2)) & 15;
      const db = f32x4.splat(d * (<f32>0.5 + <f32>scale) * <f32>0.25);
      for (let l: usize = 0; l < 2; l++, dst += 32) {
        const code = <u32>load<u16>(src + (i << 2) + (l << 1), 2);
        signed8(dst, v128.load8x8_u(grid + (<usize>(code & 511) << 3)), signs, even(code >> 9), db);
      }
    }
  }
  if (bad) canonical_nan(first, n);
}

export function iq2_s(src: usize, dst: usize, n: i32, grid: usize, signs: usize): void {
  let bad: u32 = 0;
  const first = dst;
  for (const end = dst + (<usize>n << 2); dst < end; src += 82) {
    const h = <u32>load<u16>(src);
    bad |= special(h);
    const d = half(h);
    for (let i: usize = 0; i < 8; i++) {
      const high = <u32>load<u8>(src + i, 66);
      const scale = <u32>load<u8>(src + i, 74);
      const d1 = f32x4.splat(d * (<f32>0.5 + <f32>(scale & 15)) * <f32>0.25);
      const d2 = f32x4.splat(d * (<f32>0.5 + <f32>(scale >> 4)) * <f32>0.25);
      for (let l: usize = 0; l < 4; l++, dst += 32) {
        const at = src + (i << 2) + l;
        const code = <u32>load<u8>(at, 2) | (((high >> <u32>(l << 1)) & 3) << 8);
        signed8(dst, v128.load8x8_u(grid + (<usize>code << 3)), signs, <usize>load<u8>(at, 34), l < 2 ? d1 : d2);
      }
    }
  }
  if (bad) canonical_nan(first, n);
}

export function iq3_xxs(src: usize, dst: usize, n: i32, grid: usize, signs: usize): void {
  let bad: u32 = 0;
  const first = dst;
  for (const end = dst + (<usize>n << 2); dst < end; src += 98) {
    const h = <u32>load<u16>(src);
    bad |= special(h);
    const d = half(h);
    for (let i: usize = 0; i < 8; i++) {
      const tail = load<u32>(src + (i << 2), 66);
      const db = f32x4.splat(d * (<f32>0.5 + <f32>(tail >> 28)) * <f32>0.5);
      for (let l: usize = 0; l < 4; l++, dst += 32) {
        const at = src + (i << 3) + (l << 1);
        const row = pair4(grid + (<usize>load<u8>(at, 2) << 2), grid + (<usize>load<u8>(at, 3) << 2));
        signed8(dst, row, signs, even((tail >> <u32>l * 7) & 127), db);
      }
    }
  }
  if (bad) canonical_nan(first, n);
}

export function iq3_s(src: usize, dst: usize, n: i32, grid: usize, signs: usize): void {
  let bad: u32 = 0;
  const first = dst;
  for (const end = dst + (<usize>n << 2); dst < end; src += 110) {
    const h = <u32>load<u16>(src);
    bad |= special(h);
    const d = half(h);
    for (let i: usize = 0; i < 8; i++) {
      const scale = (<u32>load<u8>(src + (i >> 1), 106) >> <u32>((i & 1) << 2)) & 15;
      const db = f32x4.splat(d * <f32>((scale << 1) | 1));
      const high = <u32>load<u8>(src + i, 66);
      for (let l: usize = 0; l < 4; l++, dst += 32) {
        const at = src + (i << 3) + (l << 1);
        const two = high >> <u32>(l << 1);
        const a = <u32>load<u8>(at, 2) | ((two & 1) << 8);
        const b = <u32>load<u8>(at, 3) | ((two & 2) << 7);
        const row = pair4(grid + (<usize>a << 2), grid + (<usize>b << 2));
        signed8(dst, row, signs, <usize>load<u8>(src + (i << 2) + l, 74), db);
      }
    }
  }
  if (bad) canonical_nan(first, n);
}

/** Eight values: (-1, 0 or 1, plus delta) times d. Eight times the sum is an integer and d / 8 is exact. */
@inline
function ternary8(dst: usize, row: usize, delta: i32, d8: v128): void {
  scale8(dst, i16x8.add(i16x8.shl(v128.load8x8_s(row), 3), i16x8.splat(<i16>delta)), d8);
}

export function iq1_s(src: usize, dst: usize, n: i32, grid: usize): void {
  let bad: u32 = 0;
  const first = dst;
  for (const end = dst + (<usize>n << 2); dst < end; src += 50) {
    const h = <u32>load<u16>(src);
    bad |= special(h);
    const d = half(h) * <f32>0.125;
    for (let i: usize = 0; i < 8; i++) {
      const high = <u32>load<u16>(src + (i << 1), 34);
      const dl = f32x4.splat(d * <f32>(((high >> 11) & 14) | 1));
      // Without a branch: the bit is as good as random.
      const delta = 1 - <i32>((high >> 14) & 2);
      for (let l: usize = 0; l < 4; l++, dst += 32) {
        const code = <u32>load<u8>(src + (i << 2) + l, 2) | (((high >> <u32>l * 3) & 7) << 8);
        ternary8(dst, grid + (<usize>code << 3), delta, dl);
      }
    }
  }
  if (bad) canonical_nan(first, n);
}

export function iq1_m(src: usize, dst: usize, n: i32, grid: usize): void {
  let bad: u32 = 0;
  const first = dst;
  for (const end = dst + (<usize>n << 2); dst < end; src += 56) {
    const s0 = <u32>load<u16>(src, 48);
    const s1 = <u32>load<u16>(src, 50);
    const s2 = <u32>load<u16>(src, 52);
    const s3 = <u32>load<u16>(src, 54);
    const h = (s0 >> 12) | ((s1 >> 8) & 0xf0) | ((s2 >> 4) & 0xf00) | (s3 & 0xf000);
    bad |= special(h);
    const d = half(h) * <f32>0.125;
    for (let i: usize = 0; i < 16; i++, dst += 64) {
      const scale = (<u32>load<u16>(src + ((i >> 2) << 1), 48) >> <u32>(i & 3) * 3) & 7;
      const dl = f32x4.splat(d * <f32>((scale << 1) | 1));
      const high = <u32>load<u8>(src + i, 32);
      const a = <u32>load<u8>(src + (i << 1)) | ((high & 7) << 8);
      const b = <u32>load<u8>(src + (i << 1), 1) | ((high & 0x70) << 4);
      ternary8(dst, grid + (<usize>a << 3), 1 - <i32>((high >> 2) & 2), dl);
      ternary8(dst + 32, grid + (<usize>b << 3), 1 - <i32>((high >> 6) & 2), dl);
    }
  }
  if (bad) canonical_nan(first, n);
}
