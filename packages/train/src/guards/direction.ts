/** Rows shorter than this have no direction. */
const smallestNorm = 1e-30

/**
 * Measures how far rows share one direction, or its opposite: the mean squared cosine of two of them, 0..1. Random
 * rows of n dimensions have 1/n. The result is NaN for fewer than two rows with a direction.
 *
 * @param rows - rows of length `dim`, row-major
 */
export function sharedDirection(rows: Float32Array, dim: number): number {
  const units: Float64Array[] = []
  for (let start = 0; start < rows.length; start += dim) {
    const row = Float64Array.from(rows.subarray(start, start + dim))
    const norm = Math.hypot(...row)
    if (norm > smallestNorm) units.push(row.map((value) => value / norm))
  }
  let sum = 0
  let pairs = 0
  for (const [place, row] of units.entries()) {
    for (const other of units.slice(0, place)) {
      let cosine = 0
      for (let c = 0; c < dim; c++) cosine += row[c] * other[c]
      sum += cosine * cosine
      pairs++
    }
  }
  return sum / pairs
}
