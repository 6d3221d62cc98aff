import * as z from 'zod/mini'
import { InvalidOptionsError, NotConvergedError } from '../errors.js'
import { TimeSlice } from '../interactions/time-slice.js'
import { parseOptions } from '../options.js'
import { Rng } from '../random/rng.js'
import { sizeLimits } from '../size-limits.js'
import { filterDegree } from './filter-degree.js'
import { GramOperator, type PanelProducts, transposedProducts } from './gram-operator.js'
import { type PanelMatrix, panelColumns, panelIndices } from './panels.js'
import { Subspace } from './subspace.js'

export type { PanelProducts } from './gram-operator.js'
export { multiplyPanel, type PanelMatrix } from './panels.js'

/** Options of `truncatedSvd`. */
export interface TruncatedSvdOptions {
  /** The number of singular values to compute, an integer in 1..min(rows, columns, 1024). */
  rank: number
  /**
   * True to return as many singular values as the matrix has other than zero, when these are fewer than `rank`,
   * instead of throwing an error.
   *
   * @defaultValue false
   */
  allowFewer?: boolean
  /**
   * Columns of the subspace beyond `rank`, an integer in 1..256. With more of them it converges in fewer
   * rounds, but each round costs more.
   *
   * @defaultValue the larger of 10 and a quarter of `rank`
   */
  oversampling?: number
  /**
   * The largest accepted residual ‖aᵀu - σv‖, as a share of the largest singular value, in [1e-12, 1).
   *
   * @defaultValue 1e-6
   */
  tolerance?: number
  /**
   * Rounds after which it gives up, an integer >= 1.
   *
   * @defaultValue 100
   */
  iterations?: number
  /**
   * The seed of the first subspace.
   *
   * @defaultValue 0
   */
  seed?: number | string
  /** A signal that ends the work early, with its reason as the error. */
  signal?: AbortSignal | undefined
}

export const truncatedSvdSchema = z.strictObject({
  rank: z.int().check(z.gte(1), z.lte(sizeLimits.rank)),
  allowFewer: z._default(z.boolean(), false),
  oversampling: z.optional(z.int().check(z.gte(1), z.lte(sizeLimits.oversampling))),
  tolerance: z._default(z.number().check(z.gte(1e-12), z.lt(1)), 1e-6),
  iterations: z._default(z.int().check(z.gte(1)), 100),
  seed: z._default(z.union([z.number(), z.string()]), 0),
  signal: z.optional(z.instanceof(AbortSignal)),
})

/** Singular values below this share of the largest come from rounding in the products, in float64. */
const negligible = 1e-7
/** The lowest cut of a filter, as a share of the largest eigenvalue, so that filters stay finite. */
const lowestCut = 1e-6

/** Leading singular values of a matrix, with vectors that need not lie in memory. */
export interface PanelSvd {
  /** Left singular vectors as columns; columns beyond the length of `s` have no meaning. */
  readonly u: PanelMatrix
  /** Singular values, descending. */
  readonly s: Float64Array
  /** Right singular vectors as columns; columns beyond the length of `s` have no meaning. */
  readonly v: PanelMatrix
  /** The residuals, as in `TruncatedSvd`. */
  readonly residuals: Float64Array
}

/**
 * Computes what `truncatedSvd` does, to the same bytes, for a matrix that is known by its products. The
 * dense matrices are made by `create`, so that they can lie in files: a few panels at a time are read,
 * and one panel of each side stays in memory.
 *
 * @param create - makes a matrix of zeros [rows × columns], columns rounded up to whole panels
 * @throws the errors of `truncatedSvd`
 * @example
 * ```ts
 * import { panels } from '@gnnrec/graph/kernels'
 *
 * // A matrix of zeros in one array for each panel of 8 columns.
 * function zeros(rows: number, columns: number): panels.PanelMatrix {
 *   const count = Math.ceil(columns / 8)
 *   const parts = Array.from({ length: count }, () => new Float64Array(8 * rows))
 *   return {
 *     rows,
 *     count,
 *     read: (panel, start, end) => parts[panel]!.slice(8 * start, 8 * end),
 *     write: (panel, start, values) => parts[panel]!.set(values, 8 * start),
 *   }
 * }
 *
 * // The diagonal matrix of 3, 2 and 1, known by its products.
 * const multiply = async (x: Float64Array, out: Float64Array) => {
 *   for (let at = 0; at < out.length; at++) out[at] = (3 - (at >> 3)) * (x[at] ?? 0)
 * }
 * const matrix = { rows: 3, columns: 3, multiply, multiplyTransposed: multiply }
 * const { s } = await panels.panelSvd(matrix, zeros, { rank: 2 })
 * console.log(s) // about [ 3, 2 ]
 * ```
 */
export async function panelSvd(
  a: PanelProducts,
  create: (rows: number, columns: number) => PanelMatrix,
  options: TruncatedSvdOptions,
): Promise<PanelSvd> {
  const settings = parseOptions('truncatedSvd', truncatedSvdSchema, options)
  const { allowFewer, tolerance, iterations, signal } = settings
  const [shorter, longer] = [Math.min(a.rows, a.columns), Math.max(a.rows, a.columns)]
  const rank = allowFewer ? Math.min(settings.rank, shorter) : settings.rank
  if (rank > shorter) {
    throw new InvalidOptionsError(
      `Invalid options for truncatedSvd:\n  - rank: got ${rank}; expected at most ${shorter}, the shorter side of the ${a.rows} × ${a.columns} matrix`,
    )
  }
  const slice = new TimeSlice(signal)
  const { oversampling = Math.max(10, Math.ceil(rank / 4)) } = settings
  // A panel that is filled up costs no more than one that is not.
  const columns = Math.min(Math.ceil((rank + oversampling) / panelColumns) * panelColumns, shorter)
  const subspace = new Subspace(columns, await import('ml-matrix'), slice)
  const isWide = a.rows < a.columns
  const gram = new GramOperator(isWide ? transposedProducts(a) : a)

  const vectors = create(shorter, columns)
  fillNormal(vectors, columns, Rng.fromSeed(settings.seed).fork('truncatedSvd'))
  const images = create(shorter, columns)
  for (let round = 1; ; round++) {
    await subspace.orthonormalize(vectors)
    await gram.apply(vectors, images)
    const eigenvalues = await subspace.diagonalize(vectors, images)
    const norms = residualNorms(vectors, images, eigenvalues)
    const values = eigenvalues.map((eigenvalue) => Math.sqrt(Math.max(eigenvalue, 0)))
    const floor = negligible * values[0]
    // The choice of u makes a v = σ u exact. The error of the other equation, aᵀu = σ v, is (aᵀa - σ²) v / σ.
    const residuals = norms.map((norm, c) => norm / Math.max(values[c], floor, Number.MIN_VALUE))
    const slowest = residuals
      .subarray(0, rank)
      .reduce((k, value, c) => (value > residuals[k] ? c : k), 0)
    const worst = residuals[slowest]
    const accepted = tolerance * values[0]
    if (worst <= accepted) {
      const found = Math.min(rank, values.filter((value) => value > floor).length)
      if (!allowFewer) checkRank(a, rank, found)
      const long = create(longer, columns)
      await fillLeftVectors(gram, vectors, values, long)
      const [u, v] = isWide ? [vectors, long] : [long, vectors]
      return { u, s: values.slice(0, found), v, residuals: residuals.slice(0, found) }
    }
    if (round === iterations) {
      throw new NotConvergedError(
        `The SVD of rank ${rank} of a ${a.rows} × ${a.columns} matrix has a residual of ${worst.toExponential(2)} after ${round} rounds; expected at most ${accepted.toExponential(2)} (tolerance ${tolerance}). Raise iterations (${iterations}) or oversampling, or accept a larger tolerance.`,
      )
    }
    const cut = Math.max(eigenvalues[columns - 1], lowestCut * eigenvalues[0])
    const missing = worst / accepted
    const state = { eigenvalues, residuals: norms, cut, slowest, missing }
    await gram.filter(vectors, images, cut, filterDegree(state))
  }
}

function checkRank(a: Pick<PanelProducts, 'rows' | 'columns'>, rank: number, found: number): void {
  if (found >= rank) return
  throw new InvalidOptionsError(
    `Invalid options for truncatedSvd:\n  - rank: got ${rank}; the ${a.rows} × ${a.columns} matrix has only ${found} singular values other than zero`,
  )
}

function fillNormal(matrix: PanelMatrix, columns: number, rng: Rng): void {
  for (const p of panelIndices(matrix)) {
    const panel = matrix.read(p, 0, matrix.rows)
    const filled = Math.min(columns - p * panelColumns, panelColumns)
    for (let row = 0; row < matrix.rows; row++) {
      for (let c = 0; c < filled; c++) panel[row * panelColumns + c] = rng.normal()
    }
    matrix.write(p, 0, panel)
  }
}

/** Returns ‖G x - λ x‖ of each column x of a basis, with G x in `images`. */
function residualNorms(
  vectors: PanelMatrix,
  images: PanelMatrix,
  eigenvalues: Float64Array,
): Float64Array {
  const { rows } = vectors
  const norms = new Float64Array(eigenvalues.length)
  for (const p of panelIndices(vectors)) {
    const [x, image] = [vectors.read(p, 0, rows), images.read(p, 0, rows)]
    for (
      let column = p * panelColumns;
      column < Math.min((p + 1) * panelColumns, norms.length);
      column++
    ) {
      let sum = 0
      for (let at = column & 7; at < rows * panelColumns; at += panelColumns) {
        sum += (image[at] - eigenvalues[column] * x[at]) ** 2
      }
      norms[column] = Math.sqrt(sum)
    }
  }
  return norms
}

/** Computes u = a v / σ and makes the largest entry of each v positive by changing both signs. */
async function fillLeftVectors(
  gram: GramOperator,
  vectors: PanelMatrix,
  values: Float64Array,
  left: PanelMatrix,
): Promise<void> {
  for (const p of panelIndices(vectors)) {
    const panel = vectors.read(p, 0, vectors.rows)
    scaleColumns(panel, (c) => (largestEntry(panel, c) < 0 ? -1 : 1))
    vectors.write(p, 0, panel)
    const image = left.read(p, 0, left.rows)
    await gram.applyMatrix(panel, image)
    scaleColumns(image, (c) =>
      values[p * panelColumns + c] > 0 ? 1 / values[p * panelColumns + c] : 0,
    )
    left.write(p, 0, image)
  }
}

function largestEntry(panel: Float64Array, column: number): number {
  let largest = 0
  for (let at = column; at < panel.length; at += panelColumns) {
    if (Math.abs(panel[at]) > Math.abs(largest)) largest = panel[at]
  }
  return largest
}

function scaleColumns(panel: Float64Array, scaleOf: (column: number) => number): void {
  const scales = Float64Array.from({ length: panelColumns }, (_, c) => scaleOf(c))
  for (let at = 0; at < panel.length; at++) panel[at] *= scales[at & 7]
}

/**
 * Returns rows start..end-1 of the leading columns, rounded to float32, row-major.
 *
 * @example
 * ```ts
 * import { panels } from '@gnnrec/graph/kernels'
 *
 * const numbers = Float64Array.from({ length: 24 }, (_, at) => at)
 * const matrix: panels.PanelMatrix = {
 *   rows: 3,
 *   count: 1,
 *   read: (_panel, start, end) => numbers.subarray(8 * start, 8 * end),
 *   write: () => undefined,
 * }
 * console.log(panels.panelRows(matrix, 2, 1, 3)) // [ 8, 9, 16, 17 ]
 * ```
 */
export function panelRows(
  matrix: PanelMatrix,
  columns: number,
  start: number,
  end: number,
): Float32Array {
  const out = new Float32Array((end - start) * columns)
  for (let p = 0; p * panelColumns < columns; p++) {
    const panel = matrix.read(p, start, end)
    for (let row = 0; row < end - start; row++) {
      for (let c = p * panelColumns; c < Math.min((p + 1) * panelColumns, columns); c++) {
        out[row * columns + c] = panel[row * panelColumns + (c & 7)]
      }
    }
  }
  return out
}
