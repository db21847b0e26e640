/**
 * Sums over float32 values in float64. The order is part of the contract (see ../kernels.ts): value i goes to lane
 * i mod 8, lanes are added as ((0+4) + (2+6)) + ((1+5) + (3+7)).
 */

@inline
function high2(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1));
}

/** The lanes of four accumulators, in the order above: a holds lanes 0 1, b 2 3, c 4 5, d 6 7. */
@inline
function fold(a: v128, b: v128, c: v128, d: v128): f64 {
  const s = f64x2.add(f64x2.add(a, c), f64x2.add(b, d));
  return f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
}

/** Mask of the first k of four lanes. */
@inline
function first(k: i32): v128 {
  return i32x4.gt_s(i32x4.splat(k), i32x4(0, 1, 2, 3));
}

/** Σ a·b of n values. Reads up to seven values past the end and ignores them. */
export function dot(x: usize, y: usize, n: i32): f64 {
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  let c = f64x2.splat(0);
  let d = f64x2.splat(0);
  for (; n >= 8; n -= 8, x += 32, y += 32) {
    const p = v128.load(x);
    const q = v128.load(x, 16);
    const r = v128.load(y);
    const s = v128.load(y, 16);
    a = f64x2.add(a, f64x2.mul(f64x2.promote_low_f32x4(p), f64x2.promote_low_f32x4(r)));
    b = f64x2.add(b, f64x2.mul(high2(p), high2(r)));
    c = f64x2.add(c, f64x2.mul(f64x2.promote_low_f32x4(q), f64x2.promote_low_f32x4(s)));
    d = f64x2.add(d, f64x2.mul(high2(q), high2(s)));
  }
  if (n > 0) {
    const p = v128.and(v128.load(x), first(n));
    const q = v128.and(v128.load(x, 16), first(n - 4));
    const r = v128.and(v128.load(y), first(n));
    const s = v128.and(v128.load(y, 16), first(n - 4));
    a = f64x2.add(a, f64x2.mul(f64x2.promote_low_f32x4(p), f64x2.promote_low_f32x4(r)));
    b = f64x2.add(b, f64x2.mul(high2(p), high2(r)));
    c = f64x2.add(c, f64x2.mul(f64x2.promote_low_f32x4(q), f64x2.promote_low_f32x4(s)));
    d = f64x2.add(d, f64x2.mul(high2(q), high2(s)));
  }
  return fold(a, b, c, d);
}

/** Σ x² of n values. */
export function squares(x: usize, n: i32): f64 {
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  let c = f64x2.splat(0);
  let d = f64x2.splat(0);
  for (; n >= 8; n -= 8, x += 32) {
    const p = v128.load(x);
    const q = v128.load(x, 16);
    const r = f64x2.promote_low_f32x4(p);
    const s = high2(p);
    const t = f64x2.promote_low_f32x4(q);
    const u = high2(q);
    a = f64x2.add(a, f64x2.mul(r, r));
    b = f64x2.add(b, f64x2.mul(s, s));
    c = f64x2.add(c, f64x2.mul(t, t));
    d = f64x2.add(d, f64x2.mul(u, u));
  }
  if (n > 0) {
    const p = v128.and(v128.load(x), first(n));
    const q = v128.and(v128.load(x, 16), first(n - 4));
    const r = f64x2.promote_low_f32x4(p);
    const s = high2(p);
    const t = f64x2.promote_low_f32x4(q);
    const u = high2(q);
    a = f64x2.add(a, f64x2.mul(r, r));
    b = f64x2.add(b, f64x2.mul(s, s));
    c = f64x2.add(c, f64x2.mul(t, t));
    d = f64x2.add(d, f64x2.mul(u, u));
  }
  return fold(a, b, c, d);
}

/**
 * Σ x² per row of n values that begin at column `phase` of a matrix with `columns` columns: one float64 to `out` for
 * every row that is touched. Returns their number.
 */
export function row_squares(x: usize, n: i32, columns: i32, phase: i32, out: usize): i32 {
  let rows = 0;
  while (n > 0) {
    const take = min(n, columns - phase);
    store<f64>(out + (<usize>rows << 3), squares(x, take));
    x += <usize>take << 2;
    n -= take;
    phase = 0;
    rows++;
  }
  return rows;
}

/** Places of `census` results. */
const SQUARES: usize = 128;
const LEAST: usize = 136;
const MOST: usize = 144;
const FINITE: usize = 152;
const NAN: usize = 156;
const ZEROS: usize = 160;

@inline
function lanes(x: v128): i32 {
  return i32x4.extract_lane(x, 0) + i32x4.extract_lane(x, 1) + i32x4.extract_lane(x, 2) + i32x4.extract_lane(x, 3);
}

@inline
function extremes(least: v128, most: v128, out: usize): void {
  const a = min(f32x4.extract_lane(least, 0), f32x4.extract_lane(least, 1));
  const b = min(f32x4.extract_lane(least, 2), f32x4.extract_lane(least, 3));
  const c = max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1));
  const d = max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3));
  store<f64>(out, min(a, b), LEAST);
  store<f64>(out, max(c, d), MOST);
}

/** Extremes and zeros of n values that are taken to be finite. Returns whether they are. */
function survey(x: usize, n: i32, out: usize): bool {
  let least = f32x4.splat(Infinity);
  let most = f32x4.splat(-Infinity);
  let nans = i32x4.splat(0);
  let zeros = i32x4.splat(0);
  store<i32>(out, n, FINITE);
  store<i32>(out, 0, NAN);
  for (; n > 3; n -= 4, x += 16) {
    const a = v128.load(x);
    least = f32x4.pmin(least, a);
    most = f32x4.pmax(most, a);
    zeros = i32x4.sub(zeros, f32x4.eq(a, f32x4.splat(0)));
    nans = v128.or(nans, f32x4.ne(a, a));
  }
  if (n > 0) {
    const here = first(n);
    const a = v128.load(x);
    least = f32x4.pmin(least, v128.bitselect(a, f32x4.splat(Infinity), here));
    most = f32x4.pmax(most, v128.bitselect(a, f32x4.splat(-Infinity), here));
    zeros = i32x4.sub(zeros, v128.and(here, f32x4.eq(a, f32x4.splat(0))));
    nans = v128.or(nans, v128.and(here, f32x4.ne(a, a)));
  }
  store<i32>(out, lanes(zeros), ZEROS);
  extremes(least, most, out);
  return !v128.any_true(nans) && load<f64>(out, LEAST) > -Infinity && load<f64>(out, MOST) < Infinity;
}

/** The rare case: counts what is not finite and writes the values with zeros in its place to dst. */
function clean(x: usize, n: i32, dst: usize, out: usize): void {
  let least = f32x4.splat(Infinity);
  let most = f32x4.splat(-Infinity);
  let finite = i32x4.splat(0);
  let nan = i32x4.splat(0);
  for (; n > 0; n -= 4, x += 16, dst += 16) {
    const here = first(n);
    const a = v128.load(x);
    const good = v128.and(here, f32x4.lt(f32x4.abs(a), f32x4.splat(Infinity)));
    finite = i32x4.sub(finite, good);
    nan = i32x4.sub(nan, v128.and(here, f32x4.ne(a, a)));
    least = f32x4.pmin(least, v128.bitselect(a, f32x4.splat(Infinity), good));
    most = f32x4.pmax(most, v128.bitselect(a, f32x4.splat(-Infinity), good));
    v128.store(dst, v128.and(a, good));
  }
  store<i32>(out, lanes(finite), FINITE);
  store<i32>(out, lanes(nan), NAN);
  extremes(least, most, out);
}

/** What rounding takes from x when it is added to something larger (Dekker's fast two-sum). */
@inline
function lost(before: v128, x: v128, after: v128): v128 {
  return f64x2.sub(x, f64x2.sub(after, before));
}

/**
 * Eight lanes of Σ x, eight of what rounding lost, and Σ x² of n finite values. Lanes start at 1.5 · 2^(k+12), where 2^k
 * is above every magnitude: with at most 2048 values in a lane its sum cannot leave that binade, so it stays the larger
 * operand and the start can be taken off again exactly.
 */
function sums(x: usize, n: i32, magnitude: f32, out: usize): void {
  const e = <u64>(reinterpret<u32>(magnitude) >> 23);
  const start = f64x2.splat(reinterpret<f64>(((e + 909) << 52) | (<u64>1 << 51)));
  let s0 = start;
  let s1 = start;
  let s2 = start;
  let s3 = start;
  let e0 = f64x2.splat(0);
  let e1 = e0;
  let e2 = e0;
  let e3 = e0;
  let q0 = e0;
  let q1 = e0;
  let q2 = e0;
  let q3 = e0;
  for (; n > 0; n -= 8, x += 32) {
    let a = v128.load(x);
    let b = v128.load(x, 16);
    if (n < 8) {
      a = v128.and(a, first(n));
      b = v128.and(b, first(n - 4));
    }
    const p = f64x2.promote_low_f32x4(a);
    const q = high2(a);
    const r = f64x2.promote_low_f32x4(b);
    const s = high2(b);
    const n0 = f64x2.add(s0, p);
    const n1 = f64x2.add(s1, q);
    const n2 = f64x2.add(s2, r);
    const n3 = f64x2.add(s3, s);
    e0 = f64x2.add(e0, lost(s0, p, n0));
    e1 = f64x2.add(e1, lost(s1, q, n1));
    e2 = f64x2.add(e2, lost(s2, r, n2));
    e3 = f64x2.add(e3, lost(s3, s, n3));
    s0 = n0;
    s1 = n1;
    s2 = n2;
    s3 = n3;
    q0 = f64x2.add(q0, f64x2.mul(p, p));
    q1 = f64x2.add(q1, f64x2.mul(q, q));
    q2 = f64x2.add(q2, f64x2.mul(r, r));
    q3 = f64x2.add(q3, f64x2.mul(s, s));
  }
  v128.store(out, f64x2.sub(s0, start));
  v128.store(out, f64x2.sub(s1, start), 16);
  v128.store(out, f64x2.sub(s2, start), 32);
  v128.store(out, f64x2.sub(s3, start), 48);
  v128.store(out, e0, 64);
  v128.store(out, e1, 80);
  v128.store(out, e2, 96);
  v128.store(out, e3, 112);
  store<f64>(out, fold(q0, q1, q2, q3), SQUARES);
}

/**
 * What a tensor table shows, over the finite ones of n values. To `out`: eight lanes of the sum, eight of what rounding
 * lost, Σ x², minimum, maximum (float64 each), then counts of finite, NaN and zero values (int32). `scratch` has room
 * for the values.
 */
export function census(x: usize, n: i32, out: usize, scratch: usize): void {
  if (!survey(x, n, out)) {
    clean(x, n, scratch, out);
    x = scratch;
  }
  const magnitude = max(abs(<f32>load<f64>(out, LEAST)), abs(<f32>load<f64>(out, MOST)));
  sums(x, n, load<i32>(out, FINITE) > 0 ? magnitude : 0, out);
}

/** Every step-th of n values from `start` on, to dst. Returns their number. */
export function sample(x: usize, n: i32, start: i32, step: i32, dst: usize): i32 {
  const from = dst;
  for (let i = start; i < n; i += step, dst += 4) store<f32>(dst, load<f32>(x + (<usize>i << 2)));
  return <i32>((dst - from) >> 2);
}

/** Adds n values to counts: `bins` bins of equal width from `low` on; values outside and NaN are not counted. */
export function histogram(x: usize, n: i32, low: f64, scale: f64, bins: i32, counts: usize): void {
  const limit = <f64>bins;
  for (const end = x + (<usize>n << 2); x < end; x += 4) {
    const t = (<f64>load<f32>(x) - low) * scale;
    if (!(t >= 0) || !(t <= limit)) continue;
    // The upper edge belongs to the last bin.
    const bin = min(<i32>t, bins - 1);
    const at = counts + (<usize>bin << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}
