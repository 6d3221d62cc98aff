// Dropout with random numbers by address: Threefry with the key (key0, key1) and the counter (i, block)
// gives two words, which make a number u of 53 bits:
//   out[i] = u[i] >= threshold ? x[i] · kept : 0,   u = word0 · 2^21 + (word1 >> 11)
// The threshold is thresholdHigh · 2^21 + thresholdLow. A draw depends on its address alone, so results
// do not depend on where a range is cut.

import { threefry, word0, word1 } from './threefry'

export function dropNumbers(
  x: usize,
  key0: i32,
  key1: i32,
  block: i32,
  thresholdHigh: i32,
  thresholdLow: i32,
  kept: f32,
  out: usize,
  start: i32,
  end: i32,
): void {
  const factors = f32x4.splat(kept)
  const lanes = i32x4(0, 1, 2, 3)
  let i = start
  for (; i + 4 <= end; i += 4) {
    const at: usize = (<usize>i) << 2
    const isKept = keep4(key0, key1, i32x4.add(i32x4.splat(i), lanes), block, thresholdHigh, thresholdLow)
    v128.store(out + at, v128.and(isKept, f32x4.mul(v128.load(x + at), factors)))
  }
  for (; i < end; i++) {
    const at: usize = (<usize>i) << 2
    const isKept = keep4(key0, key1, i32x4.splat(i), block, thresholdHigh, thresholdLow)
    store<f32>(out + at, i32x4.extract_lane(isKept, 0) ? load<f32>(x + at) * kept : 0)
  }
}

// Returns all bits set in the lanes whose draw is at least the threshold.
// @ts-expect-error: decorator of AssemblyScript
@inline
function keep4(
  key0: i32,
  key1: i32,
  counters: v128,
  block: i32,
  thresholdHigh: i32,
  thresholdLow: i32,
): v128 {
  threefry(key0, key1, counters, block)
  const high = i32x4.splat(thresholdHigh)
  const low = i32x4.splat(thresholdLow)
  return v128.or(
    i32x4.gt_u(word0, high),
    v128.and(i32x4.eq(word0, high), i32x4.ge_u(i32x4.shr_u(word1, 11), low)),
  )
}
