// Square matrices of a few rows in float64, by rows.

/** a · b */
export function multiply(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const out = new Float64Array(size * size)
  for (let row = 0; row < size; row++) {
    for (let k = 0; k < size; k++) {
      const factor = a[row * size + k]
      if (factor === 0) continue
      for (let c = 0; c < size; c++) out[row * size + c] += factor * b[k * size + c]
    }
  }
  return out
}

export function transpose(matrix: Float64Array, size: number): Float64Array {
  return matrix.map((_, place) => matrix[(place % size) * size + Math.floor(place / size)])
}

export function identity(size: number): Float64Array {
  return new Float64Array(size * size).map((_, place) => (place % (size + 1) === 0 ? 1 : 0))
}

/** The inverse, by Gauss-Jordan elimination with row pivots. */
export function inverse(matrix: Float64Array, size: number): Float64Array {
  const left = matrix.slice()
  const right = identity(size)
  for (let column = 0; column < size; column++) {
    let pivot = column
    for (let row = column + 1; row < size; row++) {
      const isLarger = Math.abs(left[row * size + column]) > Math.abs(left[pivot * size + column])
      if (isLarger) pivot = row
    }
    const divisor = left[pivot * size + column]
    for (const side of [left, right]) {
      for (let c = 0; c < size; c++) {
        const value = side[pivot * size + c]
        side[pivot * size + c] = side[column * size + c]
        side[column * size + c] = value / divisor
      }
    }
    for (let row = 0; row < size; row++) {
      const factor = left[row * size + column]
      if (row === column || factor === 0) continue
      for (const side of [left, right]) {
        for (let c = 0; c < size; c++) {
          side[row * size + c] -= factor * side[column * size + c]
        }
      }
    }
  }
  return right
}

/** Terms of the series: the first left out is below 2⁻¹⁷ / 17!, 2e-20. */
const terms = 16

/** exp(matrix) by its series at a 2⁻ˢ of the matrix, squared s times. */
export function exponential(matrix: Float64Array, size: number): Float64Array {
  let norm = 0
  for (let row = 0; row < size; row++) {
    const entries = matrix.subarray(row * size, (row + 1) * size)
    norm = Math.max(
      norm,
      entries.reduce((sum, value) => sum + Math.abs(value), 0),
    )
  }
  if (!Number.isFinite(norm)) return new Float64Array(size * size).fill(Number.NaN)
  const squarings = norm === 0 ? 0 : Math.max(0, Math.ceil(Math.log2(norm)) + 1)
  const scaled = matrix.map((value) => value / 2 ** squarings)
  // 1 + A (1 + A/2 (1 + A/3 (...)))
  let result = identity(size)
  for (let term = terms; term >= 1; term--) {
    result = multiply(scaled, result, size).map((value) => value / term)
    for (let i = 0; i < size; i++) result[i * (size + 1)] += 1
  }
  for (let s = 0; s < squarings; s++) result = multiply(result, result, size)
  return result
}
