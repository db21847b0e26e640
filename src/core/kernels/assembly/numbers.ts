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

/** Sixteen signed 8-bit codes times d, to dst. */
@inline
export function scale16(dst: usize, codes: v128, d: v128): void {
  scale8(dst, i16x8.extend_low_i8x16_s(codes), d);
  scale8(dst + 32, i16x8.extend_high_i8x16_s(codes), d);
}

@inline
function affine8(dst: usize, codes: v128, d: v128, m: v128): void {
  v128.store(dst, f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(codes)), d), m));
  v128.store(dst, f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(codes)), d), m), 16);
}

/** Sixteen codes below 128, times d, plus m. Subtracting a minimum is adding its negation: the same rounding. */
@inline
export function affine16(dst: usize, codes: v128, d: v128, m: v128): void {
  affine8(dst, i16x8.extend_low_i8x16_s(codes), d, m);
  affine8(dst + 32, i16x8.extend_high_i8x16_s(codes), d, m);
}

/** The low and the high four bits of sixteen bytes. */
@inline
export function low4(bytes: v128): v128 {
  return v128.and(bytes, i8x16.splat(15));
}

@inline
export function high4(bytes: v128): v128 {
  return i8x16.shr_u(bytes, 4);
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
