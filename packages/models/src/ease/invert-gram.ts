import { InvalidOptionsError, type TimeSlice } from '@gnnrec/graph'

/** Rows and columns are worked on by fours: the order of a matrix must be a multiple of it. */
export const tileSize = 4
/** Columns eliminated at a time; three blocks of 64 × 64 in float64 fit the second cache. */
const blockSize = 64

/**
 * Inverts a symmetric matrix A of float64 in place, all of whose eigenvalues are at least
 * `l2Weight`, as `G + l2Weight · I` is for a Gram matrix G. Only the lower triangle is read.
 *
 * Sweeps block after block: with D the block of A on the diagonal and W what lies below and beside
 * it, `A ← A - W D⁻¹ Wᵀ`, `W ← W D⁻¹`, `D ← -D⁻¹`; after all blocks A is minus its inverse. This takes
 * order³ / 2 multiplications, as many as Cholesky's way, and nearly all are in one small loop.
 *
 * @param matrix - order × order
 * @param order - a multiple of {@link tileSize}
 * @throws InvalidOptionsError when `l2Weight` is too small for float64 to tell A from a singular one
 */
export async function invertGram(
  matrix: Float64Array,
  order: number,
  l2Weight: number,
  slice: TimeSlice,
): Promise<void> {
  const left = new Float64Array(order * blockSize)
  const right = new Float64Array(order * blockSize)
  const diagonal = new Float64Array(blockSize * blockSize)
  for (let first = 0; first < order; first += blockSize) {
    const width = Math.min(blockSize, order - first)
    readDiagonal(matrix, order, first, width, diagonal)
    sweepBlock(diagonal, width, l2Weight)
    readPanel(matrix, order, first, width, left)
    right.fill(0)
    for (let row = 0; row < order; row += tileSize) {
      for (let column = 0; column < width; column += tileSize) {
        subtractTile(right, width, left, diagonal, width, row, column)
      }
    }
    for (let column = 0; column < order; column += blockSize) {
      for (let row = column; row < order; row += blockSize) {
        if (slice.isOver()) await slice.next()
        subtractBlock(matrix, order, left, right, width, row, column)
      }
    }
    writePanel(matrix, order, first, width, right)
    writeDiagonal(matrix, order, first, width, diagonal)
  }
  for (let row = 0; row < order; row++) {
    if (slice.isOver()) await slice.next()
    for (let column = 0; column <= row; column++) {
      const value = -matrix[row * order + column]
      matrix[row * order + column] = value
      matrix[column * order + row] = value
    }
  }
}

/** Sweeps a small matrix by single pivots: minus its inverse, both triangles. */
function sweepBlock(block: Float64Array, width: number, l2Weight: number): void {
  for (let k = 0; k < width; k++) {
    const pivot = block[k * width + k]
    // Without rounding, no pivot is below the smallest eigenvalue.
    if (!(pivot > l2Weight / 2)) {
      throw new InvalidOptionsError(
        `Invalid options for Ease:\n  - l2Weight: got ${l2Weight}, which is lost in rounding beside the counts of this graph; expected a larger weight, such as 1 and up.`,
      )
    }
    for (let i = 0; i < width; i++) {
      if (i === k) continue
      const factor = block[i * width + k] / pivot
      for (let j = 0; j < width; j++) {
        if (j !== k) block[i * width + j] -= factor * block[k * width + j]
      }
    }
    for (let i = 0; i < width; i++) {
      if (i === k) continue
      block[i * width + k] /= pivot
      block[k * width + i] /= pivot
    }
    block[k * width + k] = -1 / pivot
  }
}

function readDiagonal(
  matrix: Float64Array,
  order: number,
  first: number,
  width: number,
  out: Float64Array,
): void {
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) {
      const value = matrix[(first + i) * order + first + j]
      out[i * width + j] = value
      out[j * width + i] = value
    }
  }
}

function writeDiagonal(
  matrix: Float64Array,
  order: number,
  first: number,
  width: number,
  block: Float64Array,
): void {
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) matrix[(first + i) * order + first + j] = block[i * width + j]
  }
}

/** The columns of a block as rows of `width`, with zeros for the rows of the block itself. */
function readPanel(
  matrix: Float64Array,
  order: number,
  first: number,
  width: number,
  out: Float64Array,
): void {
  const end = first + width
  for (let c = 0; c < width; c++) {
    for (let row = 0; row < first; row++) {
      out[row * width + c] = matrix[(first + c) * order + row]
    }
  }
  out.fill(0, first * width, end * width)
  for (let row = end; row < order; row++) {
    for (let c = 0; c < width; c++) out[row * width + c] = matrix[row * order + first + c]
  }
}

function writePanel(
  matrix: Float64Array,
  order: number,
  first: number,
  width: number,
  panel: Float64Array,
): void {
  for (let c = 0; c < width; c++) {
    for (let row = 0; row < first; row++) {
      matrix[(first + c) * order + row] = panel[row * width + c]
    }
  }
  for (let row = first + width; row < order; row++) {
    for (let c = 0; c < width; c++) matrix[row * order + first + c] = panel[row * width + c]
  }
}

/** The part of `matrix - left · rightᵀ` in one block on or below the diagonal. */
function subtractBlock(
  matrix: Float64Array,
  order: number,
  left: Float64Array,
  right: Float64Array,
  width: number,
  firstRow: number,
  firstColumn: number,
): void {
  const rowEnd = Math.min(firstRow + blockSize, order)
  const columnEnd = Math.min(firstColumn + blockSize, order)
  for (let row = firstRow; row < rowEnd; row += tileSize) {
    const end = Math.min(columnEnd, row + tileSize)
    for (let column = firstColumn; column < end; column += tileSize) {
      subtractTile(matrix, order, left, right, width, row, column)
    }
  }
}

/** `out -= left · rightᵀ` for 4 × 4 places, whose sums stay in registers. */
function subtractTile(
  out: Float64Array,
  stride: number,
  left: Float64Array,
  right: Float64Array,
  width: number,
  row: number,
  column: number,
): void {
  let [s00, s01, s02, s03] = [0, 0, 0, 0]
  let [s10, s11, s12, s13] = [0, 0, 0, 0]
  let [s20, s21, s22, s23] = [0, 0, 0, 0]
  let [s30, s31, s32, s33] = [0, 0, 0, 0]
  let l = row * width
  let r = column * width
  for (const end = l + width; l < end; l++, r++) {
    const l0 = left[l]
    const l1 = left[l + width]
    const l2 = left[l + 2 * width]
    const l3 = left[l + 3 * width]
    const r0 = right[r]
    const r1 = right[r + width]
    const r2 = right[r + 2 * width]
    const r3 = right[r + 3 * width]
    s00 += l0 * r0
    s01 += l0 * r1
    s02 += l0 * r2
    s03 += l0 * r3
    s10 += l1 * r0
    s11 += l1 * r1
    s12 += l1 * r2
    s13 += l1 * r3
    s20 += l2 * r0
    s21 += l2 * r1
    s22 += l2 * r2
    s23 += l2 * r3
    s30 += l3 * r0
    s31 += l3 * r1
    s32 += l3 * r2
    s33 += l3 * r3
  }
  let place = row * stride + column
  out[place] -= s00
  out[place + 1] -= s01
  out[place + 2] -= s02
  out[place + 3] -= s03
  place += stride
  out[place] -= s10
  out[place + 1] -= s11
  out[place + 2] -= s12
  out[place + 3] -= s13
  place += stride
  out[place] -= s20
  out[place + 1] -= s21
  out[place + 2] -= s22
  out[place + 3] -= s23
  place += stride
  out[place] -= s30
  out[place + 1] -= s31
  out[place + 2] -= s32
  out[place + 3] -= s33
}
