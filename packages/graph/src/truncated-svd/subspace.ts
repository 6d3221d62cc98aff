import type { EigenvalueDecomposition, Matrix } from 'ml-matrix'
import type { TimeSlice } from '../interactions/time-slice.js'
import { addPanelProducts, addPanelTimes, PANEL, type PanelMatrix, panelIndices } from './panels.js'

/** What is used of ml-matrix, a maintained library for small dense matrices. */
export interface DenseAlgebra {
  readonly EigenvalueDecomposition: typeof EigenvalueDecomposition
  readonly Matrix: typeof Matrix
}

/** Eigenvalues in descending order, and their vectors as columns of a row-major matrix. */
interface SymmetricEigen {
  readonly values: Float64Array
  readonly vectors: Float64Array
}

/** Rows that are worked on at a time; a panel's piece of it stays in the first cache. */
const ROWS = 128
/** Rows that are read at a time, a multiple of {@link ROWS}. */
const READ_ROWS = 64 * ROWS

/** A basis of a subspace as the columns of a long matrix, and the algebra of such. */
export class Subspace {
  /** Columns of the basis; those beyond them that fill the last panel are zero. */
  readonly columns: number
  readonly #algebra: DenseAlgebra
  readonly #slice: TimeSlice

  constructor(columns: number, algebra: DenseAlgebra, slice: TimeSlice) {
    this.columns = columns
    this.#algebra = algebra
    this.#slice = slice
  }

  /**
   * Makes the columns orthonormal, in place, by the eigenvectors of their scaled products (Stathopoulos
   * and Wu 2002, https://doi.org/10.1137/S1064827500370883), which survives columns that depend on each
   * other; twice, since rounding spoils the first when columns are nearly dependent.
   */
  async orthonormalize(a: PanelMatrix): Promise<void> {
    const { columns } = this
    const size = a.count * PANEL
    for (let pass = 0; pass < 2; pass++) {
      const products = await this.#products(a, a)
      const scales = Float64Array.from({ length: columns }, (_, c) => {
        const square = products[c * (size + 1)]
        return square > 0 ? 1 / Math.sqrt(square) : 0
      })
      for (let i = 0; i < columns; i++) {
        for (let j = 0; j < columns; j++) products[i * size + j] *= scales[i] * scales[j]
      }
      const { values, vectors } = this.#eigen(products, size)
      const smallest = values[0] * columns * Number.EPSILON
      for (let i = 0; i < columns; i++) {
        for (let j = 0; j < columns; j++) {
          vectors[i * size + j] *= scales[i] / Math.sqrt(Math.max(values[j], smallest))
        }
      }
      await this.#transform(a, vectors)
    }
  }

  /**
   * Turns an orthonormal basis x and its images G x, in place, so that xᵀ G x is diagonal.
   *
   * @returns the diagonal, descending
   */
  async diagonalize(x: PanelMatrix, images: PanelMatrix): Promise<Float64Array> {
    const size = x.count * PANEL
    const { values, vectors } = this.#eigen(await this.#products(x, images), size)
    await this.#transform(x, vectors)
    await this.#transform(images, vectors)
    return values
  }

  /** aᵀ b of two bases of which it is known to be symmetric, row-major. */
  async #products(a: PanelMatrix, b: PanelMatrix): Promise<Float64Array> {
    const size = a.count * PANEL
    const panels = panelIndices(a)
    const blocks = panels.map(() => panels.map(() => new Float64Array(PANEL * PANEL)))
    for (let first = 0; first < a.rows; first += READ_ROWS) {
      const count = Math.min(READ_ROWS, a.rows - first)
      const left = panels.map((p) => a.read(p, first, first + count))
      const right = a === b ? left : panels.map((q) => b.read(q, first, first + count))
      for (const p of panels) {
        for (const q of panels) {
          if (q < p) continue
          for (let start = 0; start < count; start += ROWS) {
            const end = Math.min(start + ROWS, count)
            addPanelProducts(left[p], right[q], blocks[p][q], start, end)
          }
          if (this.#slice.isOver()) await this.#slice.next()
        }
      }
    }
    const products = new Float64Array(size * size)
    for (const p of panels) {
      for (const q of panels) {
        if (q < p) continue
        const block = blocks[p][q]
        for (let i = 0; i < PANEL; i++) {
          for (let j = 0; j < PANEL; j++) {
            const [row, column] = [p * PANEL + i, q * PANEL + j]
            if (column < row) continue
            products[row * size + column] = products[column * size + row] = block[i * PANEL + j]
          }
        }
      }
    }
    return products
  }

  /** a ← a m, in place; m is row-major with as many rows and columns as the panels of a have. */
  async #transform(a: PanelMatrix, m: Float64Array): Promise<void> {
    const size = a.count * PANEL
    const panels = panelIndices(a)
    const blocks = panels.map((p) => panels.map((q) => blockOf(m, size, p, q)))
    for (let first = 0; first < a.rows; first += READ_ROWS) {
      const count = Math.min(READ_ROWS, a.rows - first)
      const own = panels.map((p) => a.read(p, first, first + count))
      for (let start = 0; start < count; start += ROWS) {
        const [from, to] = [start * PANEL, Math.min(start + ROWS, count) * PANEL]
        const pieces = own.map((panel) => panel.slice(from, to))
        for (const [q, panel] of own.entries()) {
          const out = panel.subarray(from, to).fill(0)
          for (const [p, piece] of pieces.entries()) addPanelTimes(piece, blocks[p][q], out)
        }
        if (this.#slice.isOver()) await this.#slice.next()
      }
      for (const p of panels) a.write(p, first, own[p])
    }
  }

  /** Of the leading `columns` of a symmetric matrix of `size` rows; the vectors have `size` too. */
  #eigen(symmetric: Float64Array, size: number): SymmetricEigen {
    const { columns } = this
    const { EigenvalueDecomposition, Matrix } = this.#algebra
    const matrix = new Matrix(columns, columns)
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < columns; j++) matrix.set(i, j, symmetric[i * size + j])
    }
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, {
      assumeSymmetric: true,
    })
    const order = [...realEigenvalues.keys()].sort(
      (x, y) => realEigenvalues[y] - realEigenvalues[x],
    )
    const vectors = new Float64Array(size * size)
    for (const [j, from] of order.entries()) {
      for (let i = 0; i < columns; i++) vectors[i * size + j] = eigenvectorMatrix.get(i, from)
    }
    return { values: Float64Array.from(order, (from) => realEigenvalues[from]), vectors }
  }
}

function blockOf(m: Float64Array, size: number, p: number, q: number): Float64Array {
  const block = new Float64Array(PANEL * PANEL)
  for (let i = 0; i < PANEL; i++) {
    const from = (p * PANEL + i) * size + q * PANEL
    block.set(m.subarray(from, from + PANEL), i * PANEL)
  }
  return block
}
