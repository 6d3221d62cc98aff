import type { EigenvalueDecomposition, Matrix } from 'ml-matrix'
import type { TimeSlice } from '../interactions/time-slice.js'
import {
  addPanelProducts,
  addPanelTimes,
  type PanelMatrix,
  panelColumns,
  panelIndices,
} from './panels.js'

/** The part of ml-matrix, a library for small dense matrices, that is used. */
export interface DenseAlgebra {
  readonly EigenvalueDecomposition: typeof EigenvalueDecomposition
  readonly Matrix: typeof Matrix
}

/** Eigenvalues in descending order, and their vectors as columns of a row-major matrix. */
interface SymmetricEigen {
  readonly values: Float64Array
  readonly vectors: Float64Array
}

/** Rows that are worked on at a time, so that a panel's piece stays in the first cache. */
const cachedRows = 128
/** Rows that are read at a time, a multiple of {@link cachedRows}. */
const readRows = 64 * cachedRows

/** Linear algebra on bases of a subspace, which are the columns of long matrices. */
export class Subspace {
  /** The number of columns of a basis. Columns that fill up the last panel are zero. */
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
   * and Wu 2002, https://doi.org/10.1137/S1064827500370883), which also works when columns depend on each
   * other. It is done twice, since rounding spoils the first pass when columns are nearly dependent.
   */
  async orthonormalize(a: PanelMatrix): Promise<void> {
    const { columns } = this
    const size = a.count * panelColumns
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
   * Rotates an orthonormal basis x and its images G x, in place, so that xᵀ G x is diagonal.
   *
   * @returns the diagonal, descending
   */
  async diagonalize(x: PanelMatrix, images: PanelMatrix): Promise<Float64Array> {
    const size = x.count * panelColumns
    const { values, vectors } = this.#eigen(await this.#products(x, images), size)
    await this.#transform(x, vectors)
    await this.#transform(images, vectors)
    return values
  }

  /** Computes aᵀ b of two bases whose product is known to be symmetric, row-major. */
  async #products(a: PanelMatrix, b: PanelMatrix): Promise<Float64Array> {
    const size = a.count * panelColumns
    const panels = panelIndices(a)
    const blocks = panels.map(() => panels.map(() => new Float64Array(panelColumns * panelColumns)))
    for (let first = 0; first < a.rows; first += readRows) {
      const count = Math.min(readRows, a.rows - first)
      const left = panels.map((p) => a.read(p, first, first + count))
      const right = a === b ? left : panels.map((q) => b.read(q, first, first + count))
      for (const p of panels) {
        for (const q of panels) {
          if (q < p) continue
          for (let start = 0; start < count; start += cachedRows) {
            const end = Math.min(start + cachedRows, count)
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
        for (let i = 0; i < panelColumns; i++) {
          for (let j = 0; j < panelColumns; j++) {
            const [row, column] = [p * panelColumns + i, q * panelColumns + j]
            if (column < row) continue
            products[row * size + column] = products[column * size + row] =
              block[i * panelColumns + j]
          }
        }
      }
    }
    return products
  }

  /** Computes a ← a m in place. m is row-major and has as many rows and columns as the panels of a. */
  async #transform(a: PanelMatrix, m: Float64Array): Promise<void> {
    const size = a.count * panelColumns
    const panels = panelIndices(a)
    const blocks = panels.map((p) => panels.map((q) => blockOf(m, size, p, q)))
    for (let first = 0; first < a.rows; first += readRows) {
      const count = Math.min(readRows, a.rows - first)
      const own = panels.map((p) => a.read(p, first, first + count))
      for (let start = 0; start < count; start += cachedRows) {
        const [from, to] = [
          start * panelColumns,
          Math.min(start + cachedRows, count) * panelColumns,
        ]
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

  /** Decomposes the leading `columns` of a symmetric matrix of `size` rows; the vectors have `size` rows. */
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
  const block = new Float64Array(panelColumns * panelColumns)
  for (let i = 0; i < panelColumns; i++) {
    const from = (p * panelColumns + i) * size + q * panelColumns
    block.set(m.subarray(from, from + panelColumns), i * panelColumns)
  }
  return block
}
