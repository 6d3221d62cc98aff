import type { InteractionLists, RankedRows, SparseMatrix } from '@gnnrec/graph'
import { PlainRows } from '../plain-rows.js'
import { rankRowByRow } from '../row-products.js'
import { someHistories } from '../some-histories.js'
import { exitRows, type FilterData, type History, imageOf } from './filter-data.js'
import type { SpectralFilter } from './spectral-filter.js'
import { isSharpened } from './spectral-rule.js'

const { fround } = Math

/** A filter in plain JavaScript, to the same bytes as the kernels. */
export class PlainFilter implements SpectralFilter {
  readonly #data: FilterData
  readonly #rows: PlainRows | undefined

  constructor(data: FilterData) {
    this.#data = data
    this.#rows = data.ideal && new PlainRows(exitRows(data.ideal), data.ideal.rank)
  }

  score(histories: InteractionLists, out: Float32Array): void {
    const { columns } = this.#data.matrix
    for (let row = 0; row < histories.pointers.length - 1; row++) {
      this.#scoreOne(
        someHistories(histories, row, row + 1),
        out.subarray(row * columns, (row + 1) * columns),
      )
    }
  }

  rank(
    histories: InteractionLists,
    k: number,
    excludeOf: (place: number) => Int32Array,
    shift: Float32Array | undefined,
  ): RankedRows | undefined {
    const scores = new Float32Array(this.#data.matrix.columns)
    const scoreRow = (row: number) => {
      this.#scoreOne(someHistories(histories, row, row + 1), scores)
      if (shift) for (let item = 0; item < scores.length; item++) scores[item] += shift[item]
    }
    return rankRowByRow(histories.pointers.length - 1, k, scores, scoreRow, excludeOf)
  }

  free(): void {}

  #scoreOne(history: History, out: Float32Array): void {
    const { rule, matrix, entry, exit, ideal } = this.#data
    const input = new Float32Array(matrix.columns)
    history.items.forEach((item, place) => {
      input[item] = history.weights ? history.weights[place] * entry[item] : entry[item]
    })
    let filtered = chebyshevSum(rule.polynomial, input, matrix)
    const ideals = new Float32Array(matrix.columns)
    if (ideal) {
      const table = new Float32Array(ideal.rank)
      imageOf(ideal, history, table)
      this.#rows?.score({ table, indices: Int32Array.of(0) }, ideals)
    }
    if (ideal && rule.ideal?.merge === 'early') addTo(filtered, ideals)
    if (isSharpened(rule)) {
      filtered = chebyshevSum(rule.sharpening, filtered, matrix)
    }
    out.set(filtered)
    if (exit) for (let item = 0; item < out.length; item++) out[item] *= exit[item]
    addTo(out, rule.ideal?.merge === 'late' ? ideals : new Float32Array(out.length))
  }
}

function addTo(sum: Float32Array, terms: Float32Array): void {
  for (let item = 0; item < sum.length; item++) sum[item] += terms[item]
}

/** Computes `Σ_m c_m T_m(I - 2 G) x` by Clenshaw's recurrence. */
function chebyshevSum(
  coefficients: readonly number[],
  x: Float32Array,
  matrix: SparseMatrix,
): Float32Array<ArrayBuffer> {
  const degree = coefficients.length - 1
  let next = x.map((value) => fround(coefficients[degree]) * value)
  let after: Float32Array<ArrayBuffer> | undefined
  for (let m = degree - 1; m >= 0; m--) {
    const factor = m === 0 ? -2 : -4
    const hop = multiply(matrix, next, undefined)
    const sum = multiply(matrix.transpose(), hop, next)
    for (let item = 0; item < sum.length; item++) {
      let value = fround(factor * sum[item])
      if (after) value = fround(value + fround(-after[item]))
      sum[item] = fround(value + fround(fround(coefficients[m]) * x[item]))
    }
    ;[next, after] = [sum, next]
  }
  return next
}

/** Multiplies a matrix with a vector in float32, each row from left to right, and from `-own / 2` on. */
function multiply(
  { rows, rowPointers, columnIndices, values }: SparseMatrix,
  x: Float32Array,
  own: Float32Array | undefined,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(rows)
  for (let row = 0; row < rows; row++) {
    let sum = own ? fround(-0.5 * own[row]) : 0
    for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
      sum = fround(sum + fround(values[entry] * x[columnIndices[entry]]))
    }
    out[row] = sum
  }
  return out
}
