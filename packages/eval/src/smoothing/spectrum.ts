import type { TimeSlice } from '@gnnrec/graph'
import type { NodeRows } from './node-rows.js'

/** Measures of how many dimensions the rows really use. */
export interface SpectrumMeasures {
  /** Singular values of X, descending; as many as dimensions, or as rows where there are fewer. */
  readonly singularValues: readonly number[]
  /**
   * Effective rank exp(-Σ p ln p) with p = σ / Σ σ, in 1..dimensions (Roy and Vetterli 2007); undefined
   * if X is 0.
   */
  readonly effectiveRank: number | undefined
  /** Effective rank of the rows less their mean row. */
  readonly effectiveRankCentred: number | undefined
  /** Stable rank ‖X‖²_F / σ₁², in 1..dimensions; undefined if X is 0. */
  readonly stableRank: number | undefined
}

/** Measures the singular values of rows. */
export async function spectrumMeasures(
  rows: NodeRows,
  columnMeans: Float64Array,
  slice: TimeSlice,
): Promise<SpectrumMeasures> {
  const singularValues = await singularValuesOf(rows, undefined, slice)
  const centred = await singularValuesOf(rows, columnMeans, slice)
  const squared = singularValues.reduce((sum, value) => sum + value ** 2, 0)
  return {
    singularValues: Array.from(singularValues),
    effectiveRank: effectiveRank(singularValues),
    effectiveRankCentred: effectiveRank(centred),
    stableRank: squared === 0 ? undefined : squared / singularValues[0] ** 2,
  }
}

function effectiveRank(singularValues: Float64Array): number | undefined {
  const sum = singularValues.reduce((total, value) => total + value, 0)
  if (sum === 0) return undefined
  let entropy = 0
  for (const value of singularValues) {
    if (value > 0) entropy -= (value / sum) * Math.log(value / sum)
  }
  return Math.exp(entropy)
}

/**
 * Computes the singular values by QR decompositions of one block of rows after the other, each stacked
 * below the triangle R of the blocks before. R has the singular values of X, and they are never squared,
 * which would lose the small ones.
 */
async function singularValuesOf(
  rows: NodeRows,
  offset: Float64Array | undefined,
  slice: TimeSlice,
): Promise<Float64Array> {
  const { Matrix, QrDecomposition, SingularValueDecomposition } = await import('ml-matrix')
  const { count, dimensions } = rows
  const blockRows = 4 * dimensions
  let triangle = Matrix.zeros(dimensions, dimensions)
  for (let start = 0; start < count; start += blockRows) {
    const size = Math.min(blockRows, count - start)
    const stacked = Matrix.zeros(dimensions + size, dimensions)
    for (let i = 0; i < dimensions; i++) {
      for (let j = i; j < dimensions; j++) stacked.set(i, j, triangle.get(i, j))
    }
    for (let i = 0; i < size; i++) {
      const row = rows.row(start + i)
      for (let d = 0; d < dimensions; d++) {
        stacked.set(dimensions + i, d, row[d] - (offset ? offset[d] : 0))
      }
    }
    triangle = new QrDecomposition(stacked).upperTriangularMatrix
    if (slice.isOver()) await slice.next()
  }
  const { diagonal } = new SingularValueDecomposition(triangle, {
    computeLeftSingularVectors: false,
    computeRightSingularVectors: false,
  })
  return Float64Array.from(diagonal.slice(0, Math.min(count, dimensions)))
}
