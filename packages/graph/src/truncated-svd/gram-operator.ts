import type { TimeSlice } from '../interactions/time-slice.js'
import type { SparseMatrix } from '../matrices/sparse-matrix.js'
import { multiplyPanel, type PanelMatrix, panelColumns, panelIndices } from './panels.js'

/** Rows that are multiplied between two looks at the clock. */
const rowsPerLook = 2048

/** A matrix a that is known by its products, and its transpose's, with one row-major panel [n × 8]. */
export interface PanelProducts {
  /** Number of rows of a. */
  readonly rows: number
  /** Number of columns of a. */
  readonly columns: number
  /** Computes out ← a x, each row summed in ascending order of columns. */
  multiply(x: Float64Array, out: Float64Array): Promise<void>
  /** Computes out ← aᵀ x, each row summed in ascending order of columns. */
  multiplyTransposed(x: Float64Array, out: Float64Array): Promise<void>
}

/** Returns the products of a sparse matrix in memory. */
export function sparseProducts(a: SparseMatrix, slice: TimeSlice): PanelProducts {
  const multiply = async (matrix: SparseMatrix, x: Float64Array, out: Float64Array) => {
    for (let start = 0; start < matrix.rows; start += rowsPerLook) {
      multiplyPanel(matrix, x, out, start, Math.min(start + rowsPerLook, matrix.rows))
      if (slice.isOver()) await slice.next()
    }
  }
  return {
    rows: a.rows,
    columns: a.columns,
    multiply: (x, out) => multiply(a, x, out),
    multiplyTransposed: (x, out) => multiply(a.transpose(), x, out),
  }
}

/** Returns the products of the transpose. */
export function transposedProducts(products: PanelProducts): PanelProducts {
  return {
    rows: products.columns,
    columns: products.rows,
    multiply: (x, out) => products.multiplyTransposed(x, out),
    multiplyTransposed: (x, out) => products.multiply(x, out),
  }
}

/** The matrix G = aᵀ a, which is applied without being made. */
export class GramOperator {
  readonly #products: PanelProducts
  readonly #between: Float64Array

  constructor(products: PanelProducts) {
    this.#products = products
    this.#between = new Float64Array(products.rows * panelColumns)
  }

  /** Computes out ← G x. */
  async apply(x: PanelMatrix, out: PanelMatrix): Promise<void> {
    for (const p of panelIndices(x)) {
      const image = out.read(p, 0, out.rows)
      await this.#applyPanel(x.read(p, 0, x.rows), image)
      out.write(p, 0, image)
    }
  }

  /** Computes out ← a x for one panel. */
  applyMatrix(x: Float64Array, out: Float64Array): Promise<void> {
    return this.#products.multiply(x, out)
  }

  /**
   * Computes x ← T_m(2 G / cut - 1) x with the Chebyshev polynomial of degree m = `degree` >= 1, which is
   * between -1 and 1 on eigenvalues in [0, cut] and grows fast beyond.
   *
   * @param product - G x on entry; anything afterwards
   */
  async filter(x: PanelMatrix, product: PanelMatrix, cut: number, degree: number): Promise<void> {
    const next = new Float64Array(x.rows * panelColumns)
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
