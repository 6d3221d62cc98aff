import { dotProduct, type NodeRows } from './node-rows.js'

/** Measures that one or two passes over all rows give. */
export interface RowMeasures {
  /** Squared Frobenius norm ‖X‖²_F. */
  readonly squaredNorm: number
  /** Mean cosine of all pairs of different rows; undefined for fewer than two. */
  readonly meanCosine: number | undefined
  /** Mean over dimensions of the variance over rows with the number of rows as divisor. */
  readonly rowVariance: number
  /** Mean of each column. */
  readonly columnMeans: Float64Array
}

/** Measures all rows. */
export function rowMeasures(rows: NodeRows): RowMeasures {
  const { count, dimensions } = rows
  const columnMeans = new Float64Array(dimensions)
  const directions = new Float64Array(dimensions)
  let [squaredNorm, nonZero] = [0, 0]
  for (let node = 0; node < count; node++) {
    const row = rows.row(node)
    const square = dotProduct(row, row)
    squaredNorm += square
    for (let d = 0; d < dimensions; d++) columnMeans[d] += row[d] / count
    if (square === 0) continue
    nonZero++
    const norm = Math.sqrt(square)
    for (let d = 0; d < dimensions; d++) directions[d] += row[d] / norm
  }
  let deviations = 0
  for (let node = 0; node < count; node++) {
    const row = rows.row(node)
    for (let d = 0; d < dimensions; d++) deviations += (row[d] - columnMeans[d]) ** 2
  }
  return {
    squaredNorm,
    // ‖Σ x/‖x‖‖² holds each pair of different rows twice and each row with itself once.
    meanCosine:
      count < 2
        ? undefined
        : (dotProduct(directions, directions) - nonZero) / (count * (count - 1)),
    rowVariance: deviations / (count * dimensions),
    columnMeans,
  }
}
