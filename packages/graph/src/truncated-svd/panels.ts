import type { SparseMatrix } from '../matrices/sparse-matrix.js'

/** Columns of a panel, which the kernels hold in registers. */
export const PANEL = 8

/**
 * A dense float64 matrix of few columns, cut into panels of 8: entry (r, c) is at `r * 8 + (c & 7)` of
 * panel `c >> 3`. A panel of a long matrix is small enough for the processor's cache, and a row of it is
 * one cache line, which is what products with sparse matrices read at random.
 *
 * Panels may lie in memory or elsewhere: what {@link read} gives is changed by {@link write} alone.
 */
export interface PanelMatrix {
  readonly rows: number
  /** Number of panels. */
  readonly count: number
  /** Rows start..end-1 of a panel: the numbers themselves, or a copy that is the caller's. */
  read(panel: number, start: number, end: number): Float64Array
  /** Replaces rows from `start` on of a panel, perhaps by what {@link read} gave, changed. */
  write(panel: number, start: number, values: Float64Array): void
}

/** A matrix of zeros in memory. */
export function createPanels(rows: number, columns: number): PanelMatrix {
  const count = Math.ceil(columns / PANEL)
  const panels = Array.from({ length: count }, () => new Float64Array(rows * PANEL))
  return {
    ...{ rows, count },
    read: (panel, start, end) => panels[panel].subarray(start * PANEL, end * PANEL),
    write(panel, start, values) {
      // A view that `read` gave has its numbers in place.
      if (values.buffer !== panels[panel].buffer) panels[panel].set(values, start * PANEL)
    },
  }
}

/** The numbers 0..count-1. */
export function panelIndices({ count }: PanelMatrix): number[] {
  return Array.from({ length: count }, (_, panel) => panel)
}

/** The arrays of a matrix in compressed sparse rows. */
export type MatrixRows = Pick<SparseMatrix, 'rowPointers' | 'columnIndices' | 'values'>

/** Rows start..end-1 of out ← a x for one panel, each summed in ascending order of columns. */
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
      const at = columnIndices[entry] * PANEL
      s0 += value * x[at]
      s1 += value * x[at + 1]
      s2 += value * x[at + 2]
      s3 += value * x[at + 3]
      s4 += value * x[at + 4]
      s5 += value * x[at + 5]
      s6 += value * x[at + 6]
      s7 += value * x[at + 7]
    }
    const at = row * PANEL
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

/** sums ← sums + aᵀ b for rows start..end-1 of two panels; sums is 8 × 8, row-major. */
export function addPanelProducts(
  a: Float64Array,
  b: Float64Array,
  sums: Float64Array,
  start: number,
  end: number,
): void {
  for (let i = 0; i < PANEL; i++) {
    let [s0, s1, s2, s3, s4, s5, s6, s7] = [0, 0, 0, 0, 0, 0, 0, 0]
    for (let at = start * PANEL; at < end * PANEL; at += PANEL) {
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
    const to = i * PANEL
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

/** out ← out + a m for two pieces of panels and the 8 × 8 numbers of m, row-major. */
export function addPanelTimes(a: Float64Array, m: Float64Array, out: Float64Array): void {
  for (let c = 0; c < PANEL; c++) {
    const [m0, m1, m2, m3] = [m[c], m[8 + c], m[16 + c], m[24 + c]]
    const [m4, m5, m6, m7] = [m[32 + c], m[40 + c], m[48 + c], m[56 + c]]
    for (let at = 0; at < out.length; at += PANEL) {
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
