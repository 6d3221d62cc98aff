// Pairwise ranking on rows of two tables. Sample b is a user p, a positive q⁺ and a negative q⁻, whose rows
// are userRows[b], positives[b] and negatives[b].

import { sumLanes } from './rows'

// @ts-expect-error: decorator of AssemblyScript
@inline
function rowOf(table: usize, rows: usize, sample: i32, bytes: usize): usize {
  return table + <usize>load<i32>(rows + ((<usize>sample) << 2)) * bytes
}

// margins[b] = p · (q⁻ - q⁺), squares[b] = ‖p‖² + ‖q⁺‖² + ‖q⁻‖²
export function pairwiseMargins(
  users: usize,
  items: usize,
  userRows: usize,
  positives: usize,
  negatives: usize,
  columns: i32,
  margins: usize,
  squares: usize,
  start: i32,
  end: i32,
): void {
  const bytes: usize = (<usize>columns) << 2
  for (let sample = start; sample < end; sample++) {
    const user = rowOf(users, userRows, sample, bytes)
    const positive = rowOf(items, positives, sample, bytes)
    const negative = rowOf(items, negatives, sample, bytes)
    let products = f32x4.splat(0)
    let norms = f32x4.splat(0)
    let column: usize = 0
    for (; column + 16 <= bytes; column += 16) {
      const p = v128.load(user + column)
      const i = v128.load(positive + column)
      const j = v128.load(negative + column)
      products = f32x4.add(products, f32x4.mul(p, f32x4.sub(j, i)))
      norms = f32x4.add(norms, f32x4.add(f32x4.mul(p, p), f32x4.add(f32x4.mul(i, i), f32x4.mul(j, j))))
    }
    let margin = sumLanes(products)
    let square = sumLanes(norms)
    for (; column < bytes; column += 4) {
      const p = load<f32>(user + column)
      const i = load<f32>(positive + column)
      const j = load<f32>(negative + column)
      margin += p * (j - i)
      square += p * p + (i * i + j * j)
    }
    store<f32>(margins + ((<usize>sample) << 2), margin)
    store<f32>(squares + ((<usize>sample) << 2), square)
  }
}

// Gradient of Σ_b slopes[b] · margins[b] + weights[b] · squares[b] in the users start..end-1. Every thread
// goes through all samples in ascending b and writes only its own rows: no two threads write one row, and
// the order of additions does not depend on the number of threads.
export function pairwiseUserGradient(
  users: usize,
  items: usize,
  userRows: usize,
  positives: usize,
  negatives: usize,
  slopes: usize,
  weights: usize,
  samples: i32,
  columns: i32,
  out: usize,
  start: i32,
  end: i32,
): void {
  const bytes: usize = (<usize>columns) << 2
  memory.fill(out + <usize>start * bytes, 0, <usize>(end - start) * bytes)
  for (let group = 0; group < samples; group += 64) {
    let left = ownSamples(userRows, group, samples, start, end)
    for (; left != 0; left &= left - 1) {
      const sample = group + <i32>ctz(left)
      const row = load<i32>(userRows + ((<usize>sample) << 2))
      const slope = load<f32>(slopes + ((<usize>sample) << 2))
      const weight: f32 = 2 * load<f32>(weights + ((<usize>sample) << 2))
      const target = out + <usize>row * bytes
      const positive = rowOf(items, positives, sample, bytes)
      const negative = rowOf(items, negatives, sample, bytes)
      const user = users + <usize>row * bytes
      const vectorSlope = f32x4.splat(slope)
      const vectorWeight = f32x4.splat(weight)
      let column: usize = 0
      for (; column + 16 <= bytes; column += 16) {
        const change = f32x4.sub(v128.load(negative + column), v128.load(positive + column))
        const sum = f32x4.add(v128.load(target + column), f32x4.mul(vectorSlope, change))
        v128.store(target + column, f32x4.add(sum, f32x4.mul(vectorWeight, v128.load(user + column))))
      }
      for (; column < bytes; column += 4) {
        const change: f32 = load<f32>(negative + column) - load<f32>(positive + column)
        const sum: f32 = load<f32>(target + column) + slope * change
        store<f32>(target + column, sum + weight * load<f32>(user + column))
      }
    }
  }
}

// Returns a bit for each of 64 samples from `group` on: 1 if its row is one of start..end-1. A branch for
// each sample would often be guessed wrong.
function ownSamples(rows: usize, group: i32, samples: i32, start: i32, end: i32): u64 {
  const count = min(64, samples - group)
  let bits: u64 = 0
  for (let i = 0; i < count; i += 4) {
    bits |= (<u64>i32x4.bitmask(areOwn(rows, group + i, start, end))) << i
  }
  return bits & ((<u64>-1) >> (64 - count))
}

// Returns all bits set in the lanes of four samples whose row is one of start..end-1. Columns begin at
// multiples of 16 bytes, so reads beyond the last sample stay in its block of memory.
// @ts-expect-error: decorator of AssemblyScript
@inline
function areOwn(rows: usize, sample: i32, start: i32, end: i32): v128 {
  const four = v128.load(rows + ((<usize>sample) << 2))
  return i32x4.lt_u(i32x4.sub(four, i32x4.splat(start)), i32x4.splat(end - start))
}

// The same gradient in the items start..end-1; the positive of a sample comes before its negative.
export function pairwiseItemGradient(
  users: usize,
  items: usize,
  userRows: usize,
  positives: usize,
  negatives: usize,
  slopes: usize,
  weights: usize,
  samples: i32,
  columns: i32,
  out: usize,
  start: i32,
  end: i32,
): void {
  const bytes: usize = (<usize>columns) << 2
  memory.fill(out + <usize>start * bytes, 0, <usize>(end - start) * bytes)
  for (let group = 0; group < samples; group += 32) {
    let left = ownItems(positives, negatives, group, samples, start, end)
    for (; left != 0; left &= left - 1) {
      const place = <i32>ctz(left)
      const sample = group + (place >> 1)
      const isNegative = place & 1
      const slope = load<f32>(slopes + ((<usize>sample) << 2))
      const weight: f32 = 2 * load<f32>(weights + ((<usize>sample) << 2))
      const user = rowOf(users, userRows, sample, bytes)
      const rows = select(negatives, positives, isNegative)
      const offset = <usize>load<i32>(rows + ((<usize>sample) << 2)) * bytes
      add(out + offset, select(slope, -slope, isNegative), user, weight, items + offset, bytes)
    }
  }
}

// Returns two bits for each of 32 samples from `group` on: 1 if its positive, and 1 if its negative, is one
// of start..end-1.
function ownItems(
  positives: usize,
  negatives: usize,
  group: i32,
  samples: i32,
  start: i32,
  end: i32,
): u64 {
  const count = min(32, samples - group)
  let bits: u64 = 0
  for (let i = 0; i < count; i += 4) {
    const positive = areOwn(positives, group + i, start, end)
    const negative = areOwn(negatives, group + i, start, end)
    const both = v128.bitselect(negative, positive, i32x4.splat(0xffff0000))
    bits |= (<u64>i16x8.bitmask(both)) << (2 * i)
  }
  return bits & ((<u64>-1) >> (64 - 2 * count))
}

// target += factor · a + weight · b
// @ts-expect-error: decorator of AssemblyScript
@inline
function add(target: usize, factor: f32, a: usize, weight: f32, b: usize, bytes: usize): void {
  const factors = f32x4.splat(factor)
  const vectorWeight = f32x4.splat(weight)
  let column: usize = 0
  for (; column + 16 <= bytes; column += 16) {
    const change = f32x4.add(
      f32x4.mul(factors, v128.load(a + column)),
      f32x4.mul(vectorWeight, v128.load(b + column)),
    )
    v128.store(target + column, f32x4.add(v128.load(target + column), change))
  }
  for (; column < bytes; column += 4) {
    const change: f32 = factor * load<f32>(a + column) + weight * load<f32>(b + column)
    store<f32>(target + column, load<f32>(target + column) + change)
  }
}
