import * as z from 'zod/mini'
import { InvalidOptionsError, NotConvergedError } from '../errors.js'
import { TimeSlice } from '../interactions/time-slice.js'
import type { SparseMatrix } from '../matrices/sparse-matrix.js'
import { parseOptions } from '../options.js'
import { Rng } from '../random/rng.js'
import { filterDegree } from './filter-degree.js'
import {
  GramOperator,
  type PanelProducts,
  sparseProducts,
  transposedProducts,
} from './gram-operator.js'
import { createPanels, PANEL, type PanelMatrix, panelIndices } from './panels.js'
import { Subspace } from './subspace.js'

/** Options of {@link truncatedSvd}. */
export interface TruncatedSvdOptions {
  /** Singular values wanted, an integer in 1..min(rows, columns). */
  rank: number
  /**
   * Columns of the subspace beyond `rank`, an integer >= 1: more make it converge in fewer rounds,
   * which each cost more. @defaultValue the larger of 10 and a quarter of `rank`
   */
  oversampling?: number
  /**
   * Largest residual ‖aᵀu - σv‖ that is let pass, as a share of the largest singular value, in
   * [1e-12, 1). @defaultValue 1e-6
   */
  tolerance?: number
  /** Rounds after which it gives up, an integer >= 1. @defaultValue 100 */
  iterations?: number
  /** Of the first subspace. @defaultValue 0 */
  seed?: number | string
  /** Ends the work early with its reason as error. */
  signal?: AbortSignal | undefined
}

/** The leading singular values of a matrix a and their vectors: a ≈ u diag(s) vᵀ. */
export interface TruncatedSvd {
  /** Left singular vectors as columns [rows × rank], row-major. */
  readonly u: Float32Array
  /** Singular values, descending. */
  readonly s: Float64Array
  /** Right singular vectors as columns [columns × rank], row-major. */
  readonly v: Float32Array
  /**
   * What is left of the equations a v = σ u and aᵀ u = σ v by singular value, as the norm of the one
   * that is not exact, computed in float64 before the vectors are rounded.
   */
  readonly residuals: Float64Array
}

const schema = z.strictObject({
  rank: z.int().check(z.gte(1)),
  oversampling: z.optional(z.int().check(z.gte(1))),
  tolerance: z._default(z.number().check(z.gte(1e-12), z.lt(1)), 1e-6),
  iterations: z._default(z.int().check(z.gte(1)), 100),
  seed: z._default(z.union([z.number(), z.string()]), 0),
  signal: z.optional(z.instanceof(AbortSignal)),
})

/** A singular value below this share of the largest is rounding of the products, in float64. */
const NEGLIGIBLE = 1e-7
/** Where filters cut at least, as a share of the largest eigenvalue, so that they stay finite. */
const LOWEST_CUT = 1e-6

/** The leading singular values of a matrix with vectors that may lie elsewhere than in memory. */
export interface PanelSvd {
  /** Left singular vectors as columns; those beyond `rank` are not to be looked at. */
  readonly u: PanelMatrix
  /** Singular values, descending. */
  readonly s: Float64Array
  /** Right singular vectors as columns, likewise. */
  readonly v: PanelMatrix
  /** As of `TruncatedSvd`. */
  readonly residuals: Float64Array
}

/**
 * The leading singular values and vectors of a sparse matrix, in float64, without a dense matrix of its
 * size: Chebyshev-filtered subspace iteration (Zhou and Saad 2007, https://doi.org/10.1137/050630404)
 * on aᵀa or aaᵀ, whichever is smaller. It finds repeated singular values too. Signs are fixed by
 * making the largest entry of each vector on the shorter side positive.
 *
 * Memory: 2 (rank + oversampling) float64 numbers per row of the shorter side. Takes turns with other
 * work about every 30 ms. The same seed gives the same bytes.
 *
 * @throws InvalidOptionsError when an option is out of range, or the matrix has not `rank` singular
 * values that differ from zero
 * @throws NotConvergedError when the residuals are too large after `iterations` rounds
 * @throws the reason of `signal` once it is aborted
 */
export async function truncatedSvd(
  a: SparseMatrix,
  options: TruncatedSvdOptions,
): Promise<TruncatedSvd> {
  const { signal } = parseOptions('truncatedSvd', schema, options)
  const slice = new TimeSlice(signal)
  const { u, s, v, residuals } = await panelSvd(sparseProducts(a, slice), createPanels, options)
  return {
    u: panelRows(u, s.length, 0, u.rows),
    s,
    v: panelRows(v, s.length, 0, v.rows),
    residuals,
  }
}

/**
 * {@link truncatedSvd} of a matrix that is known by its products, with panels that `create` makes: of
 * them a few at a time are in memory, besides one panel of each side. To the same bytes.
 *
 * @param create - makes a matrix of zeros [rows × columns], columns rounded up to whole panels
 * @throws what {@link truncatedSvd} throws
 */
export async function panelSvd(
  a: PanelProducts,
  create: (rows: number, columns: number) => PanelMatrix,
  options: TruncatedSvdOptions,
): Promise<PanelSvd> {
  const settings = parseOptions('truncatedSvd', schema, options)
  const { rank, tolerance, iterations, signal } = settings
  const [shorter, longer] = [Math.min(a.rows, a.columns), Math.max(a.rows, a.columns)]
  if (rank > shorter) {
    throw new InvalidOptionsError(
      `Invalid options for truncatedSvd:\n  - rank: got ${rank}; expected at most ${shorter}, the shorter side of the ${a.rows} × ${a.columns} matrix`,
    )
  }
  const slice = new TimeSlice(signal)
  const { oversampling = Math.max(10, Math.ceil(rank / 4)) } = settings
  // Whole panels cost what their columns cost.
  const columns = Math.min(Math.ceil((rank + oversampling) / PANEL) * PANEL, shorter)
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
    const floor = NEGLIGIBLE * values[0]
    // a v = σ u by the choice of u; of the other equation (aᵀa - σ²) v / σ is left.
    const residuals = norms.map((norm, c) => norm / Math.max(values[c], floor, Number.MIN_VALUE))
    const slowest = residuals
      .subarray(0, rank)
      .reduce((k, value, c) => (value > residuals[k] ? c : k), 0)
    const worst = residuals[slowest]
    const accepted = tolerance * values[0]
    if (worst <= accepted) {
      checkRank(a, rank, values.filter((value) => value > floor).length)
      const long = create(longer, columns)
      await fillLeftVectors(gram, vectors, values, long)
      const [u, v] = isWide ? [vectors, long] : [long, vectors]
      return { u, s: values.slice(0, rank), v, residuals: residuals.slice(0, rank) }
    }
    if (round === iterations) {
      throw new NotConvergedError(
        `The SVD of rank ${rank} of a ${a.rows} × ${a.columns} matrix has a residual of ${worst.toExponential(2)} after ${round} rounds; expected at most ${accepted.toExponential(2)} (tolerance ${tolerance}). Raise iterations (${iterations}) or oversampling, or accept a larger tolerance.`,
      )
    }
    const cut = Math.max(eigenvalues[columns - 1], LOWEST_CUT * eigenvalues[0])
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
    const filled = Math.min(columns - p * PANEL, PANEL)
    for (let row = 0; row < matrix.rows; row++) {
      for (let c = 0; c < filled; c++) panel[row * PANEL + c] = rng.normal()
    }
    matrix.write(p, 0, panel)
  }
}

/** ‖G x - λ x‖ of each column x of a basis with G x in `images`. */
function residualNorms(
  vectors: PanelMatrix,
  images: PanelMatrix,
  eigenvalues: Float64Array,
): Float64Array {
  const { rows } = vectors
  const norms = new Float64Array(eigenvalues.length)
  for (const p of panelIndices(vectors)) {
    const [x, image] = [vectors.read(p, 0, rows), images.read(p, 0, rows)]
    for (let column = p * PANEL; column < Math.min((p + 1) * PANEL, norms.length); column++) {
      let sum = 0
      for (let at = column & 7; at < rows * PANEL; at += PANEL) {
        sum += (image[at] - eigenvalues[column] * x[at]) ** 2
      }
      norms[column] = Math.sqrt(sum)
    }
  }
  return norms
}

/** u = a v / σ, and the sign that makes the largest entry of v positive put into both. */
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
    scaleColumns(image, (c) => (values[p * PANEL + c] > 0 ? 1 / values[p * PANEL + c] : 0))
    left.write(p, 0, image)
  }
}

function largestEntry(panel: Float64Array, column: number): number {
  let largest = 0
  for (let at = column; at < panel.length; at += PANEL) {
    if (Math.abs(panel[at]) > Math.abs(largest)) largest = panel[at]
  }
  return largest
}

function scaleColumns(panel: Float64Array, scaleOf: (column: number) => number): void {
  const scales = Float64Array.from({ length: PANEL }, (_, c) => scaleOf(c))
  for (let at = 0; at < panel.length; at++) panel[at] *= scales[at & 7]
}

/** Rows start..end-1 of the leading columns, rounded, row-major. */
export function panelRows(
  matrix: PanelMatrix,
  columns: number,
  start: number,
  end: number,
): Float32Array {
  const out = new Float32Array((end - start) * columns)
  for (let p = 0; p * PANEL < columns; p++) {
    const panel = matrix.read(p, start, end)
    for (let row = 0; row < end - start; row++) {
      for (let c = p * PANEL; c < Math.min((p + 1) * PANEL, columns); c++) {
        out[row * columns + c] = panel[row * PANEL + (c & 7)]
      }
    }
  }
  return out
}
