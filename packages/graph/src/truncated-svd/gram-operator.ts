import type { SparseMatrix } from '../sparse-matrix.js'
import type { TimeSlice } from '../time-slice.js'
import { multiplyPanel, PANEL, type PanelMatrix } from './panels.js'

/** Rows multiplied between two looks at the clock. */
const ROWS = 2048

/** G = aᵀ a for a sparse matrix a, without making it. */
export class GramOperator {
  readonly #a: SparseMatrix
  readonly #transposed: SparseMatrix
  readonly #slice: TimeSlice
  readonly #between: Float64Array

  constructor(a: SparseMatrix, slice: TimeSlice) {
    this.#a = a
    this.#transposed = a.transpose()
    this.#slice = slice
    this.#between = new Float64Array(a.rows * PANEL)
  }

  /** out ← G x */
  async apply(x: PanelMatrix, out: PanelMatrix): Promise<void> {
    for (const [p, panel] of x.panels.entries()) await this.#applyPanel(panel, out.panels[p])
  }

  /** out ← a x for one panel. */
  applyMatrix(x: Float64Array, out: Float64Array): Promise<void> {
    return this.#multiply(this.#a, x, out)
  }

  /**
   * x ← T_m(2 G / cut - 1) x, the Chebyshev polynomial of degree m = `degree` >= 1: between -1 and 1 on
   * eigenvalues in [0, cut], and growing fast beyond.
   *
   * @param product - G x on entry; anything afterwards
   */
  async filter(x: PanelMatrix, product: PanelMatrix, cut: number, degree: number): Promise<void> {
    const next = new Float64Array(x.rows * PANEL)
    for (const [p, target] of x.panels.entries()) {
      let [older, newer] = [target, product.panels[p]]
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
    }
  }

  async #applyPanel(x: Float64Array, out: Float64Array): Promise<void> {
    await this.#multiply(this.#a, x, this.#between)
    await this.#multiply(this.#transposed, this.#between, out)
  }

  async #multiply(a: SparseMatrix, x: Float64Array, out: Float64Array): Promise<void> {
    for (let start = 0; start < a.rows; start += ROWS) {
      multiplyPanel(a, x, out, start, Math.min(start + ROWS, a.rows))
      if (this.#slice.isOver()) await this.#slice.next()
    }
  }
}
