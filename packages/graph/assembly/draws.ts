// Integers and training samples drawn by address, as `Rng.integerAt` draws them:
//   u = (word0 · 2^21 + (word1 >> 11)) · 2^-53,   integer = ⌊u · bound⌋ in float64
// with the words of Threefry for the counter (position, block). A draw depends on its address alone, so
// results do not depend on where a range is cut.

import { threefry, word0, word1 } from './threefry'

// Returns the integers below four bounds (0..2^31-1) that the last words give.
// @ts-expect-error: decorator of AssemblyScript
@inline
function below(bounds: v128): v128 {
  const low = i32x4.shr_u(word1, 11)
  return v128.shuffle<i32>(
    belowTwo(word0, low, bounds),
    belowTwo(upper(word0), upper(low), upper(bounds)),
    0,
    1,
    4,
    5,
  )
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function upper(x: v128): v128 {
  return v128.shuffle<i32>(x, x, 2, 3, 2, 3)
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function belowTwo(high: v128, low: v128, bounds: v128): v128 {
  const bits = f64x2.add(
    f64x2.mul(f64x2.convert_low_i32x4_u(high), f64x2.splat(2097152)),
    f64x2.convert_low_i32x4_s(low),
  )
  const uniform = f64x2.mul(bits, f64x2.splat(1.1102230246251565e-16))
  return i32x4.trunc_sat_f64x2_s_zero(f64x2.mul(uniform, f64x2.convert_low_i32x4_s(bounds)))
}

// Writes to out[i] the integer below bound + i · growth at position first + i.
export function drawIntegers(
  key0: i32,
  key1: i32,
  block: i32,
  first: i32,
  bound: i32,
  growth: i32,
  out: usize,
  start: i32,
  end: i32,
): void {
  for (let i = start; i < end; i += 4) {
    const places = fourPlaces(i, end)
    threefry(key0, key1, i32x4.add(i32x4.splat(first), places), block)
    const growths = i32x4.mul(i32x4.splat(growth), places)
    scatter(out, places, below(i32x4.add(i32x4.splat(bound), growths)))
  }
}

// Draws positives and negatives of samples. The positive of sample s is an item in its user's row of the
// matrix (pointers, items), chosen by the integer at position d = draws[s]. Its n-th negative of `perSample`
// is one of the other items in 0..itemCount-1, at position d · perSample + n. When `draws` is 0, d = first + s.
// When `positives` is 0, only negatives are drawn. Rows are ascending and not full, and not empty when
// positives are drawn.
export function drawItems(
  pointers: usize,
  items: usize,
  itemCount: i32,
  users: usize,
  draws: usize,
  first: i32,
  block: i32,
  positiveKey0: i32,
  positiveKey1: i32,
  positives: usize,
  negativeKey0: i32,
  negativeKey1: i32,
  perSample: i32,
  negatives: usize,
  start: i32,
  end: i32,
): void {
  const count = i32x4.splat(perSample)
  for (let sample = start; sample < end; sample += 4) {
    const places = fourPlaces(sample, end)
    const positions = draws ? gather(draws, places) : i32x4.add(i32x4.splat(first), places)
    const rows = gather(users, places)
    const starts = gather(pointers, rows)
    const degrees = i32x4.sub(gather(pointers + 4, rows), starts)
    if (positives) {
      threefry(positiveKey0, positiveKey1, positions, block)
      scatter(positives, places, i32x4.add(starts, below(degrees)))
    }
    const others = i32x4.sub(i32x4.splat(itemCount), degrees)
    for (let n = 0; n < perSample; n++) {
      const nth = i32x4.splat(n)
      threefry(negativeKey0, negativeKey1, i32x4.add(i32x4.mul(positions, count), nth), block)
      scatter(negatives, i32x4.add(i32x4.mul(places, count), nth), below(others))
    }
  }
  // Items are read in a loop of their own, so that these reads from all over memory overlap.
  if (positives) {
    for (let sample = start; sample < end; sample++) {
      const place = load<i32>(at(positives, sample))
      store<i32>(at(positives, sample), load<i32>(at(items, place)))
    }
  }
  for (let sample = start; sample < end; sample++) {
    const row = at(pointers, load<i32>(at(users, sample)))
    const begin = load<i32>(row)
    const degree = load<i32>(row, 4) - begin
    for (let n = sample * perSample; n < (sample + 1) * perSample; n++) {
      const drawn = load<i32>(at(negatives, n))
      store<i32>(at(negatives, n), complementItem(at(items, begin), degree, drawn))
    }
  }
}

// Returns four places from the start on; beyond the end of the range the last place is repeated.
// @ts-expect-error: decorator of AssemblyScript
@inline
function fourPlaces(start: i32, end: i32): v128 {
  return i32x4.min_s(i32x4.add(i32x4.splat(start), i32x4(0, 1, 2, 3)), i32x4.splat(end - 1))
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function at(base: usize, place: i32): usize {
  return base + ((<usize>place) << 2)
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function gather(base: usize, places: v128): v128 {
  return i32x4(
    load<i32>(at(base, i32x4.extract_lane(places, 0))),
    load<i32>(at(base, i32x4.extract_lane(places, 1))),
    load<i32>(at(base, i32x4.extract_lane(places, 2))),
    load<i32>(at(base, i32x4.extract_lane(places, 3))),
  )
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function scatter(base: usize, places: v128, values: v128): void {
  v128.store_lane<i32>(at(base, i32x4.extract_lane(places, 0)), values, 0)
  v128.store_lane<i32>(at(base, i32x4.extract_lane(places, 1)), values, 1)
  v128.store_lane<i32>(at(base, i32x4.extract_lane(places, 2)), values, 2)
  v128.store_lane<i32>(at(base, i32x4.extract_lane(places, 3)), values, 3)
}

// Items of a row that are counted one by one, since wrong guesses of branches make a search slower.
const COUNTED: i32 = 16

// Returns the item that has `drawn` items of the complement of a row before it.
function complementItem(row: usize, degree: i32, drawn: i32): i32 {
  let first = 0
  let rest = degree
  while (rest > COUNTED) {
    const half = rest >>> 1
    const middle = first + half - 1
    // A mask instead of a branch: all bits if the item has at most `drawn` of the complement before it.
    first += ((load<i32>(at(row, middle)) - middle - drawn - 1) >> 31) & half
    rest -= half
  }
  // Items before and after the rest count correctly, too, so all long rows count the same number.
  const counted = min(degree, COUNTED)
  let place = min(first, degree - counted)
  const end = place + counted
  // The number of items of the row with at most `drawn` of the complement before them.
  let met = place
  let negative = i32x4.splat(0)
  const limits = i32x4.splat(drawn)
  for (; place + 4 <= end; place += 4) {
    const before = i32x4.sub(
      v128.load(at(row, place)),
      i32x4.add(i32x4.splat(place), i32x4(0, 1, 2, 3)),
    )
    negative = i32x4.add(negative, i32x4.le_s(before, limits))
  }
  for (; place < end; place++) {
    met += i32(load<i32>(at(row, place)) - place <= drawn)
  }
  return drawn + met - laneSum(negative)
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function laneSum(x: v128): i32 {
  const two = i32x4.add(x, upper(x))
  return i32x4.extract_lane(two, 0) + i32x4.extract_lane(two, 1)
}
