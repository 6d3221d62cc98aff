// exp, sigmoid and softplus of four lanes at once, to about 2 units in the last place.

// @ts-expect-error: decorator of AssemblyScript
@inline
function at(pointer: usize, index: i32): usize {
  return pointer + ((<usize>index) << 2)
}

// exp(x) = 2^n · exp(r) with n = round(x / ln 2), |r| ≤ ln(2)/2; Taylor to r^7 (next term 5e-9).
// Below -87.33 the result is flushed to 0, above 88.72 it is infinite; NaN stays NaN.
// @ts-expect-error: decorator of AssemblyScript
@inline
export function exp4(x: v128): v128 {
  const low = f32x4.splat(-87.33654)
  const high = f32x4.splat(88.722839)
  const clamped = f32x4.min(f32x4.max(x, low), high)
  const n = f32x4.nearest(f32x4.mul(clamped, f32x4.splat(1.44269504)))
  // ln 2 in two parts, so that n · ln2High is exact.
  let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375)))
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.12194440e-4)))
  let p = f32x4.splat(1.98412698e-4)
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.38888889e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.33333333e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.16666667e-2))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.66666667e-1))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.5))
  p = f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), f32x4.add(r, f32x4.splat(1)))
  // 2^n in two factors: n may be 128, which has no single-precision power.
  const half = i32x4.shr_s(i32x4.trunc_sat_f32x4_s(n), 1)
  const rest = i32x4.sub(i32x4.trunc_sat_f32x4_s(n), half)
  const bias = i32x4.splat(127)
  p = f32x4.mul(p, i32x4.shl(i32x4.add(half, bias), 23))
  p = f32x4.mul(p, i32x4.shl(i32x4.add(rest, bias), 23))
  p = v128.bitselect(p, f32x4.splat(0), f32x4.ge(x, low))
  p = v128.bitselect(p, f32x4.splat(Infinity), f32x4.le(x, high))
  return v128.bitselect(p, x, f32x4.eq(x, x))
}

// log(1 + z) for z in [0, 1]: 2·atanh(s) with s = z / (2 + z) ≤ 1/3; odd series to s^15.
// @ts-expect-error: decorator of AssemblyScript
@inline
function log1p4(z: v128): v128 {
  const s = f32x4.div(z, f32x4.add(z, f32x4.splat(2)))
  const s2 = f32x4.mul(s, s)
  let p = f32x4.splat(2.0 / 15.0)
  p = f32x4.add(f32x4.mul(p, s2), f32x4.splat(2.0 / 13.0))
  p = f32x4.add(f32x4.mul(p, s2), f32x4.splat(2.0 / 11.0))
  p = f32x4.add(f32x4.mul(p, s2), f32x4.splat(2.0 / 9.0))
  p = f32x4.add(f32x4.mul(p, s2), f32x4.splat(2.0 / 7.0))
  p = f32x4.add(f32x4.mul(p, s2), f32x4.splat(2.0 / 5.0))
  p = f32x4.add(f32x4.mul(p, s2), f32x4.splat(2.0 / 3.0))
  return f32x4.mul(s, f32x4.add(f32x4.mul(p, s2), f32x4.splat(2)))
}

// ln x of one double in [1, ∞]; NaN stays NaN. With x = 2^k · m and m in [√½, √2]: k ln 2 + 2·atanh(s),
// s = (m - 1) / (m + 1), odd series to s^21. (The function of the standard library would bring a table of 4 KB.)
export function naturalLog(x: f64): f64 {
  if (!(x < Infinity)) return x
  const bits = reinterpret<i64>(x)
  let k = <i32>(bits >> 52) - 1023
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000)
  if (m > 1.4142135623730951) {
    m *= 0.5
    k++
  }
  const s = (m - 1) / (m + 1)
  const s2 = s * s
  let sum: f64 = 0
  for (let odd = 21; odd > 0; odd -= 2) sum = sum * s2 + 2.0 / <f64>odd
  return <f64>k * 0.6931471805599453 + s * sum
}

// softplus(x) = max(x, 0) + log(1 + exp(-|x|)), stable in both tails.
// @ts-expect-error: decorator of AssemblyScript
@inline
function softplus4(x: v128): v128 {
  return f32x4.add(f32x4.max(x, f32x4.splat(0)), log1p4(exp4(f32x4.neg(f32x4.abs(x)))))
}

// sigmoid(x) = e / (1 + e) for x < 0 and 1 / (1 + e) otherwise, with e = exp(-|x|).
// @ts-expect-error: decorator of AssemblyScript
@inline
function sigmoid4(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x)))
  const one = f32x4.splat(1)
  const numerator = v128.bitselect(e, one, f32x4.lt(x, f32x4.splat(0)))
  return f32x4.div(numerator, f32x4.add(one, e))
}

// A tail of one to three elements goes through the same vector code with spare lanes, so that an
// element has the same bytes wherever a range is cut.
export function exponential(x: usize, out: usize, start: i32, end: i32): void {
  let i = start
  for (; i + 4 <= end; i += 4) v128.store(at(out, i), exp4(v128.load(at(x, i))))
  for (; i < end; i++) store<f32>(at(out, i), f32x4.extract_lane(exp4(v128.load32_splat(at(x, i))), 0))
}

export function softplus(x: usize, out: usize, start: i32, end: i32): void {
  let i = start
  for (; i + 4 <= end; i += 4) v128.store(at(out, i), softplus4(v128.load(at(x, i))))
  for (; i < end; i++) store<f32>(at(out, i), f32x4.extract_lane(softplus4(v128.load32_splat(at(x, i))), 0))
}

export function sigmoid(x: usize, out: usize, start: i32, end: i32): void {
  let i = start
  for (; i + 4 <= end; i += 4) v128.store(at(out, i), sigmoid4(v128.load(at(x, i))))
  for (; i < end; i++) store<f32>(at(out, i), f32x4.extract_lane(sigmoid4(v128.load32_splat(at(x, i))), 0))
}
