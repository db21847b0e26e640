/** Quantised layouts of several tensors: codes that were decoded to floats, or packed along columns, and their scales. */
import { high4, low4 } from './numbers';

/**
 * Applies scales to n values in place, run by run: `(x - zero) * scale`, then plus `extra` (mode 1) or times `extra`
 * (mode 2), each step rounded. `runs`: count ends as i32, then count scales, zeros and extras as f32, each list at a
 * multiple of `room` entries.
 */
export function rescale(x: usize, runs: usize, count: i32, room: i32, mode: i32): void {
  const list = <usize>room << 2;
  let at: i32 = 0;
  for (let k = 0; k < count; k++) {
    const entry = runs + (<usize>k << 2);
    const end = load<i32>(entry);
    const scale = load<f32>(entry + list);
    const zero = load<f32>(entry + 2 * list);
    const extra = load<f32>(entry + 3 * list);
    const s = f32x4.splat(scale);
    const z = f32x4.splat(zero);
    const e = f32x4.splat(extra);
    if (mode == 0) {
      for (; at + 4 <= end; at += 4) {
        const p = x + (<usize>at << 2);
        v128.store(p, f32x4.mul(f32x4.sub(v128.load(p), z), s));
      }
    } else if (mode == 1) {
      for (; at + 4 <= end; at += 4) {
        const p = x + (<usize>at << 2);
        v128.store(p, f32x4.add(f32x4.mul(f32x4.sub(v128.load(p), z), s), e));
      }
    } else {
      for (; at + 4 <= end; at += 4) {
        const p = x + (<usize>at << 2);
        v128.store(p, f32x4.mul(f32x4.mul(f32x4.sub(v128.load(p), z), s), e));
      }
    }
    for (; at < end; at++) {
      const p = x + (<usize>at << 2);
      const y: f32 = (load<f32>(p) - zero) * scale;
      store<f32>(p, mode == 0 ? y : mode == 1 ? y + extra : y * extra);
    }
  }
}

@inline
function put4(dst: usize, codes: v128, zero: v128, scale: v128): void {
  v128.store(dst, f32x4.mul(f32x4.sub(f32x4.convert_i32x4_s(codes), zero), scale));
}

@inline
function put8(dst: usize, codes: v128, zero: v128, scale: v128): void {
  put4(dst, i32x4.extend_low_i16x8_u(codes), zero, scale);
  put4(dst + 16, i32x4.extend_high_i16x8_u(codes), zero, scale);
}

/**
 * GPTQ, four bits: four columns, whose words stand in 16 bytes per word row; eight rows to a word.
 * Writes column c as `rows` values at dst + 4 * c * rows. `runs`: count ends (in rows, multiples of eight) as i32; four scales
 * for each from `scales` on, four zero points from `zeros` on.
 */
export function gptq4(src: usize, dst: usize, rows: i32, runs: usize, count: i32, scales: usize, zeros: usize): void {
  const column = <usize>rows << 2;
  let row: i32 = 0;
  for (let k = 0; k < count; k++) {
    const end = load<i32>(runs + (<usize>k << 2));
    const s = v128.load(scales + (<usize>k << 4));
    const z = v128.load(zeros + (<usize>k << 4));
    const s0 = v128.shuffle<i32>(s, s, 0, 0, 0, 0);
    const s1 = v128.shuffle<i32>(s, s, 1, 1, 1, 1);
    const s2 = v128.shuffle<i32>(s, s, 2, 2, 2, 2);
    const s3 = v128.shuffle<i32>(s, s, 3, 3, 3, 3);
    const z0 = v128.shuffle<i32>(z, z, 0, 0, 0, 0);
    const z1 = v128.shuffle<i32>(z, z, 1, 1, 1, 1);
    const z2 = v128.shuffle<i32>(z, z, 2, 2, 2, 2);
    const z3 = v128.shuffle<i32>(z, z, 3, 3, 3, 3);
    for (; row < end; row += 8, src += 16) {
      const words = v128.load(src);
      const low = low4(words);
      const high = high4(words);
      const a = v128.shuffle<i8>(low, high, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const b = v128.shuffle<i8>(low, high, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      const to = dst + (<usize>row << 2);
      put8(to, i16x8.extend_low_i8x16_u(a), z0, s0);
      put8(to + column, i16x8.extend_high_i8x16_u(a), z1, s1);
      put8(to + 2 * column, i16x8.extend_low_i8x16_u(b), z2, s2);
      put8(to + 3 * column, i16x8.extend_high_i8x16_u(b), z3, s3);
    }
  }
}

/** The same with eight bits: four rows to a word. */
export function gptq8(src: usize, dst: usize, rows: i32, runs: usize, count: i32, scales: usize, zeros: usize): void {
  const column = <usize>rows << 2;
  let row: i32 = 0;
  for (let k = 0; k < count; k++) {
    const end = load<i32>(runs + (<usize>k << 2));
    const s = v128.load(scales + (<usize>k << 4));
    const z = v128.load(zeros + (<usize>k << 4));
    for (; row < end; row += 4, src += 16) {
      const words = v128.load(src);
      const a = i16x8.extend_low_i8x16_u(words);
      const b = i16x8.extend_high_i8x16_u(words);
      const to = dst + (<usize>row << 2);
      put4(to, i32x4.extend_low_i16x8_u(a), v128.shuffle<i32>(z, z, 0, 0, 0, 0), v128.shuffle<i32>(s, s, 0, 0, 0, 0));
      put4(to + column, i32x4.extend_high_i16x8_u(a), v128.shuffle<i32>(z, z, 1, 1, 1, 1), v128.shuffle<i32>(s, s, 1, 1, 1, 1));
      put4(to + 2 * column, i32x4.extend_low_i16x8_u(b), v128.shuffle<i32>(z, z, 2, 2, 2, 2), v128.shuffle<i32>(s, s, 2, 2, 2, 2));
      put4(to + 3 * column, i32x4.extend_high_i16x8_u(b), v128.shuffle<i32>(z, z, 3, 3, 3, 3), v128.shuffle<i32>(s, s, 3, 3, 3, 3));
    }
  }
}

/** One column of an AWQ word: four rows of its nibble. */
@inline
function nibble(to: usize, words: v128, shift: i32, zero: f32, scale: f32): void {
  const codes = v128.and(i32x4.shr_u(words, shift), i32x4.splat(15));
  put4(to, codes, f32x4.splat(zero), f32x4.splat(scale));
}

/**
 * AWQ: eight columns, one word for each row, words of successive rows next to each other. Columns lie in the order 0 2 4 6 1 3 5 7 from the lowest nibble on. Runs end at multiples of four; eight scales and zero points each.
 */
export function awq(src: usize, dst: usize, rows: i32, runs: usize, count: i32, scales: usize, zeros: usize): void {
  const column = <usize>rows << 2;
  let row: i32 = 0;
  for (let k = 0; k < count; k++) {
    const end = load<i32>(runs + (<usize>k << 2));
    const s = scales + (<usize>k << 5);
    const z = zeros + (<usize>k << 5);
    for (; row < end; row += 4, src += 16) {
      const words = v128.load(src);
      const to = dst + (<usize>row << 2);
      nibble(to, words, 0, load<f32>(z), load<f32>(s));
      nibble(to + 2 * column, words, 4, load<f32>(z, 8), load<f32>(s, 8));
      nibble(to + 4 * column, words, 8, load<f32>(z, 16), load<f32>(s, 16));
      nibble(to + 6 * column, words, 12, load<f32>(z, 24), load<f32>(s, 24));
      nibble(to + column, words, 16, load<f32>(z, 4), load<f32>(s, 4));
      nibble(to + 3 * column, words, 20, load<f32>(z, 12), load<f32>(s, 12));
      nibble(to + 5 * column, words, 24, load<f32>(z, 20), load<f32>(s, 20));
      nibble(to + 7 * column, words, 28, load<f32>(z, 28), load<f32>(s, 28));
    }
  }
}

/** Four rows of four columns, turned: one store per column. */
@inline
function turned(to: usize, column: usize, a: v128, b: v128, c: v128, d: v128, zs: usize, ss: usize): void {
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const AB = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const CD = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  put4(to, v128.shuffle<i64>(ab, cd, 0, 2), v128.load32_splat(zs), v128.load32_splat(ss));
  put4(to + column, v128.shuffle<i64>(ab, cd, 1, 3), v128.load32_splat(zs, 4), v128.load32_splat(ss, 4));
  put4(to + 2 * column, v128.shuffle<i64>(AB, CD, 0, 2), v128.load32_splat(zs, 8), v128.load32_splat(ss, 8));
  put4(to + 3 * column, v128.shuffle<i64>(AB, CD, 1, 3), v128.load32_splat(zs, 12), v128.load32_splat(ss, 12));
}

/** Code `i` of four streams of `bits` bits; it may begin in one word and end in the next. */
@inline
function streamed(src: usize, bits: i32, i: i32): v128 {
  const bit = i * bits;
  const word = src + (<usize>(bit >> 5) << 4);
  const shift = bit & 31;
  let codes = i32x4.shr_u(v128.load(word), shift);
  if (shift + bits > 32) codes = v128.or(codes, i32x4.shl(v128.load(word, 16), 32 - shift));
  return v128.and(codes, i32x4.splat((1 << bits) - 1));
}

@inline
function streams(src: usize, dst: usize, rows: i32, runs: usize, count: i32, scales: usize, zeros: usize, bits: i32): void {
  const column = <usize>rows << 2;
  let row: i32 = 0;
  for (let k = 0; k < count; k++) {
    const end = load<i32>(runs + (<usize>k << 2));
    const s = scales + (<usize>k << 4);
    const z = zeros + (<usize>k << 4);
    for (; row < end; row += 32, src += <usize>bits << 4) {
      const to = dst + (<usize>row << 2);
      for (let i = 0; i < 32; i += 4) {
        const a = streamed(src, bits, i);
        const b = streamed(src, bits, i + 1);
        const c = streamed(src, bits, i + 2);
        const d = streamed(src, bits, i + 3);
        turned(to + (<usize>i << 2), column, a, b, c, d, z, s);
      }
    }
  }
}

/** GPTQ, two bits: thirty-two rows in two words. Runs end at multiples of 32. */
export function gptq2(src: usize, dst: usize, rows: i32, runs: usize, count: i32, scales: usize, zeros: usize): void {
  streams(src, dst, rows, runs, count, scales, zeros, 2);
}

/** GPTQ, three bits: thirty-two rows in three words. */
export function gptq3(src: usize, dst: usize, rows: i32, runs: usize, count: i32, scales: usize, zeros: usize): void {
  streams(src, dst, rows, runs, count, scales, zeros, 3);
}

/**
 * `(x - zero) * scale` in place for columns of `rows` values that lie one after the other, by the group of each row. Tables
 * have `count` numbers for each column. Rows come in fours.
 */
export function regroup(x: usize, rows: i32, columns: i32, groups: usize, count: i32, scales: usize, zeros: usize): void {
  const table = <usize>count << 2;
  for (let c = 0; c < columns; c++, scales += table, zeros += table) {
    const end = <usize>rows << 2;
    for (let i: usize = 0; i < end; i += 16, x += 16) {
      const g = <usize>load<i32>(groups + i) << 2;
      const h = <usize>load<i32>(groups + i, 4) << 2;
      const j = <usize>load<i32>(groups + i, 8) << 2;
      const k = <usize>load<i32>(groups + i, 12) << 2;
      let s = v128.load32_zero(scales + g);
      let z = v128.load32_zero(zeros + g);
      s = v128.load32_lane(scales + h, s, 1);
      z = v128.load32_lane(zeros + h, z, 1);
      s = v128.load32_lane(scales + j, s, 2);
      z = v128.load32_lane(zeros + j, z, 2);
      s = v128.load32_lane(scales + k, s, 3);
      z = v128.load32_lane(zeros + k, z, 3);
      v128.store(x, f32x4.mul(f32x4.sub(v128.load(x), z), s));
    }
  }
}
