import type { TimeSlice } from '../interactions/time-slice.js'
import type { SparseMatrix } from '../matrices/sparse-matrix.js'
import { multiplyPanel, PANEL, type PanelMatrix, panelIndices } from './panels.js'

/** Rows multiplied between two looks at the clock. */
const ROWS = 2048

/** Products of a matrix a and its transpose with one panel, row-major [n × 8]; see {@link panelSvd}. */
export interface PanelProducts {
  readonly rows: number
  readonly columns: number
  /** out ← a x, each row summed in ascending order of columns. */
  multiply(x: Float64Array, out: Float64Array): Promise<void>
  /** out ← aᵀ x, likewise. */
  multiplyTransposed(x: Float64Array, out: Float64Array): Promise<void>
}

/** Those of a sparse matrix in memory. */
export function sparseProducts(a: SparseMatrix, slice: TimeSlice): PanelProducts {
  const multiply = async (matrix: SparseMatrix, x: Float64Array, out: Float64Array) => {
    for (let start = 0; start < matrix.rows; start += ROWS) {
      multiplyPanel(matrix, x, out, start, Math.min(start + ROWS, matrix.rows))
      if (slice.isOver()) await slice.next()
    }
  }
  return {
    ...{ rows: a.rows, columns: a.columns },
    multiply: (x, out) => multiply(a, x, out),
    multiplyTransposed: (x, out) => multiply(a.transpose(), x, out),
  }
}

/** The same products of the transpose. */
export function transposedProducts(products: PanelProducts): PanelProducts {
  return {
    ...{ rows: products.columns, columns: products.rows },
    multiply: (x, out) => products.multiplyTransposed(x, out),
    multiplyTransposed: (x, out) => products.multiply(x, out),
  }
}

/** G = aᵀ a for a matrix a, without making it. */
export class GramOperator {
  readonly #products: PanelProducts
  readonly #between: Float64Array

  constructor(products: PanelProducts) {
    this.#products = products
    this.#between = new Float64Array(products.rows * PANEL)
  }

  /** out ← G x */
  async apply(x: PanelMatrix, out: PanelMatrix): Promise<void> {
    for (const p of panelIndices(x)) {
      const image = out.read(p, 0, out.rows)
      await this.#applyPanel(x.read(p, 0, x.rows), image)
      out.write(p, 0, image)
    }
  }

  /** out ← a x for one panel. */
  applyMatrix(x: Float64Array, out: Float64Array): Promise<void> {
    return this.#products.multiply(x, out)
  }

  /**
   * x ← T_m(2 G / cut - 1) x, the Chebyshev polynomial of degree m = `degree` >= 1: between -1 and 1 on
   * eigenvalues in [0, cut], and growing fast beyond.
   *
   * @param product - G x on entry; anything afterwards
   */
  async filter(x: PanelMatrix, product: PanelMatrix, cut: number, degree: number): Promise<void> {
    const next = new Float64Array(x.rows * PANEL)
    for (const p of panelIndices(x)) {
      const target = x.read(p, 0, x.rows)
      let [older, newer] = [target, product.read(p, 0, x.rows)]
      for (let i = 0; i < newer.length; i++) newer[i] = (2 / cut) * newer[i] - older[i]
      for (let d = 2; d <= degree; d++) {
        await this.#applyPanel(newer, next)
        // T_d = 2 t T_(d-1) - T_(d-2) with t = 2 G / cut - 1
        for (let i = 0; i < next.length; i++) {
          older[i] = (4 / cut) * next[i] - 2 * newer[i] - older[i]
        }
        ;[older, newer] = [newer, older]
      }
      if (newer !== target) target.set(newer)
      x.write(p, 0, target)
    }
  }

  async #applyPanel(x: Float64Array, out: Float64Array): Promise<void> {
    await this.#products.multiply(x, this.#between)
    await this.#products.multiplyTransposed(this.#between, out)
  }
}
