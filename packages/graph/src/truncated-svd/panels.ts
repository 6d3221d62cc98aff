import type { SparseMatrix } from '../matrices/sparse-matrix.js'
import { checkMachineMemory } from '../size-limits.js'

/** The number of columns of a panel. The products hold them in registers. */
export const panelColumns = 8

/**
 * A dense float64 matrix of few columns, cut into panels of 8: entry (r, c) is at `r * 8 + (c & 7)` of
 * panel `c >> 3`. A panel of a long matrix is small enough for the processor's cache. A row of a panel is
 * one cache line; products with sparse matrices read such rows at random.
 *
 * Panels may lie in memory or elsewhere. Only {@link write} changes them.
 */
export interface PanelMatrix {
  /** Number of rows. */
  readonly rows: number
  /** Number of panels. */
  readonly count: number
  /** Returns rows start..end-1 of a panel: the numbers themselves, or a copy for the caller. */
  read(panel: number, start: number, end: number): Float64Array
  /** Replaces the rows of a panel from `start` on; `values` may be what {@link read} returned. */
  write(panel: number, start: number, values: Float64Array): void
}

/** Makes a matrix of zeros in memory. */
export function createPanels(rows: number, columns: number): PanelMatrix {
  const count = Math.ceil(columns / panelColumns)
  // There are two such matrices at once.
  const bytes = 2 * 8 * rows * count * panelColumns
  checkMachineMemory('The bases of truncatedSvd', bytes, 'Take a smaller rank or oversampling.')
  const panels = Array.from({ length: count }, () => new Float64Array(rows * panelColumns))
  return {
    rows,
    count,
    read: (panel, start, end) => panels[panel].subarray(start * panelColumns, end * panelColumns),
    write(panel, start, values) {
      // A view that `read` returned has its numbers in place already.
      if (values.buffer !== panels[panel].buffer) panels[panel].set(values, start * panelColumns)
    },
  }
}

/** Returns the numbers 0..count-1. */
export function panelIndices({ count }: PanelMatrix): number[] {
  return Array.from({ length: count }, (_, panel) => panel)
}

/** The arrays of a matrix in compressed sparse rows. */
type MatrixRows = Pick<SparseMatrix, 'rowPointers' | 'columnIndices' | 'values'>

/**
 * Computes rows start..end-1 of out ← a x for one panel, each summed in ascending order of columns.
 *
 * @param x - a panel of the dense matrix, [columns × 8], row-major
 * @param out - a panel of the result, [rows × 8], row-major
 * @example
 * ```ts
 * import { SparseMatrix } from '@gnnrec/graph'
 * import { panels } from '@gnnrec/graph/kernels'
 *
 * const matrix = SparseMatrix.fromCoordinates({
 *   rows: 1,
 *   columns: 2,
 *   rowIndices: [0, 0],
 *   columnIndices: [0, 1],
 *   values: [1, 10],
 * })
 * const out = new Float64Array(8)
 * panels.multiplyPanel(matrix, Float64Array.from({ length: 16 }, (_, at) => at), out, 0, 1)
 * console.log(out[0], out[7]) // 80 157
 * ```
 */
export function multiplyPanel(
  { rowPointers, columnIndices, values }: MatrixRows,
  x: Float64Array,
  out: Float64Array,
  start: number,
  end: number,
): void {
  for (let row = start; row < end; row++) {
    let [s0, s1, s2, s3, s4, s5, s6, s7] = [0, 0, 0, 0, 0, 0, 0, 0]
    const last = rowPointers[row + 1]
    for (let entry = rowPointers[row]; entry < last; entry++) {
      const value = values[entry]
      const at = columnIndices[entry] * panelColumns
      s0 += value * x[at]
      s1 += value * x[at + 1]
      s2 += value * x[at + 2]
      s3 += value * x[at + 3]
      s4 += value * x[at + 4]
      s5 += value * x[at + 5]
      s6 += value * x[at + 6]
      s7 += value * x[at + 7]
    }
    const at = row * panelColumns
    out[at] = s0
    out[at + 1] = s1
    out[at + 2] = s2
    out[at + 3] = s3
    out[at + 4] = s4
    out[at + 5] = s5
    out[at + 6] = s6
    out[at + 7] = s7
  }
}

/** Adds aᵀ b of rows start..end-1 of two panels to sums, which is 8 × 8 and row-major. */
export function addPanelProducts(
  a: Float64Array,
  b: Float64Array,
  sums: Float64Array,
  start: number,
  end: number,
): void {
  for (let i = 0; i < panelColumns; i++) {
    let [s0, s1, s2, s3, s4, s5, s6, s7] = [0, 0, 0, 0, 0, 0, 0, 0]
    for (let at = start * panelColumns; at < end * panelColumns; at += panelColumns) {
      const value = a[at + i]
      s0 += value * b[at]
      s1 += value * b[at + 1]
      s2 += value * b[at + 2]
      s3 += value * b[at + 3]
      s4 += value * b[at + 4]
      s5 += value * b[at + 5]
      s6 += value * b[at + 6]
      s7 += value * b[at + 7]
    }
    const to = i * panelColumns
    sums[to] += s0
    sums[to + 1] += s1
    sums[to + 2] += s2
    sums[to + 3] += s3
    sums[to + 4] += s4
    sums[to + 5] += s5
    sums[to + 6] += s6
    sums[to + 7] += s7
  }
}

/** Adds a m to out, where a and out are pieces of panels and m is 8 × 8 and row-major. */
export function addPanelTimes(a: Float64Array, m: Float64Array, out: Float64Array): void {
  for (let c = 0; c < panelColumns; c++) {
    const [m0, m1, m2, m3] = [m[c], m[8 + c], m[16 + c], m[24 + c]]
    const [m4, m5, m6, m7] = [m[32 + c], m[40 + c], m[48 + c], m[56 + c]]
    for (let at = 0; at < out.length; at += panelColumns) {
      out[at + c] +=
        a[at] * m0 +
        a[at + 1] * m1 +
        a[at + 2] * m2 +
        a[at + 3] * m3 +
        a[at + 4] * m4 +
        a[at + 5] * m5 +
        a[at + 6] * m6 +
        a[at + 7] * m7
    }
  }
}
