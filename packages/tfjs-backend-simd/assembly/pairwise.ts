// Pairwise ranking on rows of two tables: sample b is a user p, a positive q⁺ and a negative q⁻, named by
// userRows[b], positives[b] and negatives[b].

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
// goes through all samples and keeps to its own rows, in ascending b: no two write one row, and the order
// of additions does not depend on the number of threads.
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
  for (let sample = 0; sample < samples; sample++) {
    const row = load<i32>(userRows + ((<usize>sample) << 2))
    if (row < start || row >= end) continue
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

// As above, in the items start..end-1; of a sample, the positive first.
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
  for (let sample = 0; sample < samples; sample++) {
    const positive = load<i32>(positives + ((<usize>sample) << 2))
    const negative = load<i32>(negatives + ((<usize>sample) << 2))
    const hasPositive = positive >= start && positive < end
    const hasNegative = negative >= start && negative < end
    if (!hasPositive && !hasNegative) continue
    const slope = load<f32>(slopes + ((<usize>sample) << 2))
    const weight: f32 = 2 * load<f32>(weights + ((<usize>sample) << 2))
    const user = rowOf(users, userRows, sample, bytes)
    if (hasPositive) {
      const offset = <usize>positive * bytes
      add(out + offset, -slope, user, weight, items + offset, bytes)
    }
    if (hasNegative) {
      const offset = <usize>negative * bytes
      add(out + offset, slope, user, weight, items + offset, bytes)
    }
  }
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
