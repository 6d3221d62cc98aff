// Reductions in a fixed order. The input is cut into blocks of BLOCK elements, with any number of threads;
// each block is summed in double precision by the same sequence of additions, and the caller adds the
// sums of blocks in ascending order.

export const BLOCK: i32 = 4096

// partials[b] (float64) = Σ x[i] over block b, for blocks start..end-1
export function blockSum(x: usize, length: i32, partials: usize, start: i32, end: i32): void {
  for (let block = start; block < end; block++) {
    let i = block * BLOCK
    const last = min(i + BLOCK, length)
    let low = f64x2.splat(0)
    let high = f64x2.splat(0)
    for (; i + 4 <= last; i += 4) {
      const v = v128.load(x + ((<usize>i) << 2))
      low = f64x2.add(low, f64x2.promote_low_f32x4(v))
      high = f64x2.add(
        high,
        f64x2.promote_low_f32x4(
          i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7),
        ),
      )
    }
    const sum = f64x2.add(low, high)
    let total = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
    for (; i < last; i++) total += <f64>load<f32>(x + ((<usize>i) << 2))
    store<f64>(partials + ((<usize>block) << 3), total)
  }
}

// partials[b] (float64) = Σ x[i]² over block b
export function blockSquaredSum(
  x: usize,
  length: i32,
  partials: usize,
  start: i32,
  end: i32,
): void {
  for (let block = start; block < end; block++) {
    let i = block * BLOCK
    const last = min(i + BLOCK, length)
    let low = f64x2.splat(0)
    let high = f64x2.splat(0)
    for (; i + 4 <= last; i += 4) {
      const v = v128.load(x + ((<usize>i) << 2))
      const a = f64x2.promote_low_f32x4(v)
      const b = f64x2.promote_low_f32x4(
        i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7),
      )
      low = f64x2.add(low, f64x2.mul(a, a))
      high = f64x2.add(high, f64x2.mul(b, b))
    }
    const sum = f64x2.add(low, high)
    let total = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
    for (; i < last; i++) {
      const value = <f64>load<f32>(x + ((<usize>i) << 2))
      total += value * value
    }
    store<f64>(partials + ((<usize>block) << 3), total)
  }
}

// blockSquaredSum of a table whose rows r with flags[r] = 0 (bytes) are all zero, without reading these rows.
// The result has the same bytes as blockSquaredSum, as 0² adds nothing. `columns` is a multiple of 4. The 63
// bytes after the flags may be read.
export function blockSquaredSumOfRows(
  x: usize,
  length: i32,
  columns: i32,
  flags: usize,
  partials: usize,
  start: i32,
  end: i32,
): void {
  for (let block = start; block < end; block++) {
    const first = block * BLOCK
    const last = min(first + BLOCK, length)
    const endRow = (last + columns - 1) / columns
    let low = f64x2.splat(0)
    let high = f64x2.splat(0)
    for (let group = first / columns; group < endRow; group += 64) {
      const filled = filledRows(flags + <usize>group, endRow - group)
      // Rows lie all over memory. Loads that no compiler leaves out ask for all of them before the first one
      // is needed.
      for (let left = filled; left != 0; left &= left - 1) {
        const row = group + <i32>ctz(left)
        for (let i = row * columns; i < (row + 1) * columns; i += 16) {
          atomic.load<i32>(x + ((<usize>i) << 2))
        }
      }
      for (let left = filled; left != 0; left &= left - 1) {
        const row = group + <i32>ctz(left)
        const to = min(last, (row + 1) * columns)
        for (let i = max(first, row * columns); i < to; i += 4) {
          const at = x + ((<usize>i) << 2)
          low = f64x2.add(low, squaresOfTwo(at))
          high = f64x2.add(high, squaresOfTwo(at + 8))
        }
      }
    }
    const sum = f64x2.add(low, high)
    store<f64>(
      partials + ((<usize>block) << 3),
      f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1),
    )
  }
}

// Returns a bit for each of 64 flags, 0 for flags from `count` on.
// @ts-expect-error: decorator of AssemblyScript
@inline
function filledRows(flags: usize, count: i32): u64 {
  const low = sixteen(flags) | (sixteen(flags + 16) << 16)
  const high = sixteen(flags + 32) | (sixteen(flags + 48) << 16)
  const bits = low | (high << 32)
  return count < 64 ? bits & ((<u64>1 << count) - 1) : bits
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function sixteen(flags: usize): u64 {
  return <u64>i8x16.bitmask(i8x16.ne(v128.load(flags), i8x16.splat(0)))
}

// Returns the squares of the two floats at an address, in double precision.
// @ts-expect-error: decorator of AssemblyScript
@inline
function squaresOfTwo(at: usize): v128 {
  const pair = f64x2.promote_low_f32x4(v128.load64_zero(at))
  return f64x2.mul(pair, pair)
}
