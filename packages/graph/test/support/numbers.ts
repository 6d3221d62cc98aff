/** Numbers that depend on the seed only: xorshift32. */
function generator(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }
}

/** Multiples of 1/4 in -4..4: sums of their products are exact in float32, in any order. */
export function quarters(seed: number, length: number): Float32Array {
  const next = generator(seed)
  return Float32Array.from({ length }, () => Math.round(next() * 32 - 16) / 4)
}

/** Numbers in -2..2 that use all bits of the mantissa: the order of a sum shows in its bytes. */
export function reals(seed: number, length: number): Float32Array {
  const next = generator(seed)
  return Float32Array.from({ length }, () => next() * 4 - 2)
}

/** Integers in low..high. */
export function integers(seed: number, length: number, low: number, high: number): Int32Array {
  const next = generator(seed)
  return Int32Array.from({ length }, () => low + Math.floor(next() * (high - low + 1)))
}

/** A matrix in compressed sparse rows; some rows have no entries. */
export function sparse(
  seed: number,
  rows: number,
  columns: number,
  perRow: number,
  numbers: typeof quarters = quarters,
): { rowPointers: Int32Array; columnIndices: Int32Array; values: Float32Array } {
  const next = generator(seed)
  const rowPointers = new Int32Array(rows + 1)
  const columnIndices: number[] = []
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (next() * columns < perRow) columnIndices.push(column)
    }
    rowPointers[row + 1] = columnIndices.length
  }
  return {
    rowPointers,
    columnIndices: Int32Array.from(columnIndices),
    values: numbers(seed + 1, columnIndices.length),
  }
}

/** Counts the float32 numbers from `actual` to `expected` (rounded to float32). */
export function ulpDistance(actual: number, expected: number): number {
  const bits = (value: number) => {
    const pattern = new Int32Array(Float32Array.of(value).buffer)[0]
    return pattern < 0 ? -(pattern & 0x7fffffff) : pattern
  }
  return Math.abs(bits(actual) - bits(expected))
}
