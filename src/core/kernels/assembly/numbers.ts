/** Building blocks shared by the decoders: half-precision scales, and codes times scale into float32 lanes. */

/** A float16 as float32, exactly. Subnormals go through an integer conversion: multiplying denormals is slow on some CPUs. */
@inline
export function half(h: u32): f32 {
  const em = h & 0x7fff;
  const normal = reinterpret<f32>((em << 13) + (em >= 0x7c00 ? 0x70000000 : 0x38000000));
  const small = <f32>em * <f32>5.9604644775390625e-8;
  return copysign(em < 0x400 ? small : normal, reinterpret<f32>(h << 16));
}

/** True for the bits of an infinite or NaN float16: only such a scale can make a block produce NaN. */
@inline
export function special(h: u32): u32 {
  return u32((h & 0x7c00) == 0x7c00);
}

/** Eight signed 16-bit codes times d, to dst. */
@inline
export function scale8(dst: usize, codes: v128, d: v128): void {
  v128.store(dst, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(codes)), d));
  v128.store(dst, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(codes)), d), 16);
}

/**
 * Four of the floats 2^23 + code, from sixteen-bit codes: 0x4B00 in the upper half of a lane is that exponent. Two
 * interleavings take fewer instructions than two widenings and a conversion.
 */
@inline
function low4of8(codes: v128): v128 {
  return v128.shuffle<i16>(codes, i16x8.splat(0x4b00), 0, 8, 1, 9, 2, 10, 3, 11);
}

@inline
function high4of8(codes: v128): v128 {
  return v128.shuffle<i16>(codes, i16x8.splat(0x4b00), 4, 12, 5, 13, 6, 14, 7, 15);
}

@inline
function low8of16(bytes: v128): v128 {
  return v128.shuffle<i8>(bytes, i8x16.splat(0), 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

@inline
function high8of16(bytes: v128): v128 {
  return v128.shuffle<i8>(bytes, i8x16.splat(0), 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** Sixteen times (byte - offset) times d, to dst. Bytes are unsigned; the difference is exact. */
@inline
export function scale16(dst: usize, bytes: v128, offset: f32, d: v128): void {
  const start = f32x4.splat(<f32>8388608 + offset);
  const low = low8of16(bytes);
  const high = high8of16(bytes);
  v128.store(dst, f32x4.mul(f32x4.sub(low4of8(low), start), d));
  v128.store(dst, f32x4.mul(f32x4.sub(high4of8(low), start), d), 16);
  v128.store(dst, f32x4.mul(f32x4.sub(low4of8(high), start), d), 32);
  v128.store(dst, f32x4.mul(f32x4.sub(high4of8(high), start), d), 48);
}

/** The same for signed bytes. */
@inline
export function signed16(dst: usize, bytes: v128, d: v128): void {
  scale16(dst, v128.xor(bytes, i8x16.splat(-128)), 128, d);
}

/** Sixteen times byte times d, plus m. Subtracting a minimum is adding its negation: the same rounding. */
@inline
export function affine16(dst: usize, bytes: v128, d: v128, m: v128): void {
  const start = f32x4.splat(8388608);
  const low = low8of16(bytes);
  const high = high8of16(bytes);
  v128.store(dst, f32x4.add(f32x4.mul(f32x4.sub(low4of8(low), start), d), m));
  v128.store(dst, f32x4.add(f32x4.mul(f32x4.sub(high4of8(low), start), d), m), 16);
  v128.store(dst, f32x4.add(f32x4.mul(f32x4.sub(low4of8(high), start), d), m), 32);
  v128.store(dst, f32x4.add(f32x4.mul(f32x4.sub(high4of8(high), start), d), m), 48);
}

/** Bits shift to shift + 7 of every byte under a mask that keeps what belongs to the byte. Sixteen-bit shifts are cheap. */
@inline
export function bitsAt(bytes: v128, shift: i32, mask: i8): v128 {
  return v128.and(i16x8.shr_u(bytes, shift), i8x16.splat(mask));
}

/** The low and the high four bits of sixteen bytes. */
@inline
export function low4(bytes: v128): v128 {
  return v128.and(bytes, i8x16.splat(15));
}

@inline
export function high4(bytes: v128): v128 {
  return bitsAt(bytes, 4, 15);
}

/** Turns every NaN among n values into 0x7FC00000. */
export function canonical_nan(dst: usize, n: i32): void {
  const quiet = i32x4.splat(0x7fc00000);
  const end = dst + (<usize>n << 2);
  // Writes up to three values past the end: the buffer is larger than any tile.
  for (; dst < end; dst += 16) {
    const x = v128.load(dst);
    v128.store(dst, v128.bitselect(quiet, x, f32x4.ne(x, x)));
  }
}
