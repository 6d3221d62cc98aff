import { DisposedError, InvalidOptionsError } from '../errors.js'
import type {
  LeastSquaresRows,
  LeastSquaresRule,
  LeastSquaresSolver,
} from './least-squares-solver.js'
import { checkRows, multiplicationsPerBatch } from './row-batches.js'

/** A pivot below this part of the diagonal is mostly rounding. */
const leastPivot = 1e-13
/** Number of times that plain JavaScript in float64 is slower than SIMD, about. */
const slowness = 4

/** A solver that computes in float64 without WebAssembly. */
export class PlainSolver implements LeastSquaresSolver {
  readonly #rule: LeastSquaresRule
  readonly #block: number
  readonly #matrix: Float64Array
  readonly #rest: Float64Array
  readonly #x: Float64Array
  readonly #change: Float64Array
  #gram: Float64Array
  #table: Float32Array = new Float32Array()
  #isFreed = false

  constructor(rule: LeastSquaresRule) {
    const { dim, block } = rule
    this.#rule = rule
    this.#block = Math.min(block, dim)
    this.#matrix = new Float64Array(this.#block ** 2)
    this.#rest = new Float64Array(dim)
    this.#x = new Float64Array(dim)
    this.#change = new Float64Array(this.#block)
    this.#gram = new Float64Array(dim * dim)
  }

  *setTable(table: Float32Array): Generator<void, void, void> {
    this.#checkNotFreed()
    const { dim, gramWeight } = this.#rule
    const gram = this.#gram.fill(0)
    this.#table = table
    const perStep = Math.ceil(multiplicationsPerBatch / slowness / dim ** 2)
    for (let row = 0; row * dim < table.length; row++) {
      const y = table.subarray(row * dim, (row + 1) * dim)
      for (let i = 0; i < dim; i++) {
        for (let j = 0; j <= i; j++) gram[i * dim + j] += y[i] * y[j]
      }
      if (row % perStep === perStep - 1) yield
    }
    for (let i = 0; i < dim; i++) {
      for (let j = 0; j <= i; j++) {
        gram[i * dim + j] *= gramWeight
        gram[j * dim + i] = gram[i * dim + j]
      }
    }
  }

  /** Takes the rows of the table, and the sums of their products times `gramWeight`. */
  takeGram(table: Float32Array, gram: Float64Array): void {
    this.#table = table
    this.#gram = gram
  }

  *solve(rows: LeastSquaresRows, out: Float32Array): Generator<void, void, void> {
    this.#checkNotFreed()
    const { dim } = this.#rule
    checkRows(rows, this.#table.length / dim, dim, out)
    const perEntry = (dim * this.#block) / 2
    let multiplications = 0
    for (let row = 0; row < rows.ridges.length; row++) {
      this.solveRow(rows, row, out)
      multiplications += (rows.pointers[row + 1] - rows.pointers[row]) * perEntry + dim ** 2
      if (multiplications < multiplicationsPerBatch / slowness) continue
      multiplications = 0
      yield
    }
  }

  free(): void {
    this.#isFreed = true
  }

  /** Solves one row into its place of `out`. @throws InvalidOptionsError when it has no unique solution */
  solveRow(rows: LeastSquaresRows, row: number, out: Float32Array): void {
    const { dim } = this.#rule
    const { pointers, ridges } = rows
    const x = this.#x.fill(0)
    const isExact = this.#block === dim
    const place = out.subarray(row * dim, (row + 1) * dim)
    if (pointers[row] < pointers[row + 1]) {
      if (!isExact) x.set(place)
      this.#setRest(rows, row)
      for (let from = 0; from < dim; from += this.#block) {
        const width = Math.min(this.#block, dim - from)
        this.#fillMatrix(rows, row, from, width)
        factor(this.#matrix, width, ridges[row])
        const change = this.#change.subarray(0, width)
        change.set(this.#rest.subarray(from, from + width))
        solveFactored(this.#matrix, width, change)
        for (let i = 0; i < width; i++) x[from + i] += change[i]
        if (!isExact) this.#setRest(rows, row)
      }
    }
    place.set(x)
  }

  #checkNotFreed(): void {
    if (this.#isFreed) throw new DisposedError('This solver was freed; make a new one.')
  }

  /** Computes what x leaves of the right side of a row. */
  #setRest({ pointers, columns, values, ridges }: LeastSquaresRows, row: number): void {
    const { dim, entryWeight, targetOffset } = this.#rule
    const x = this.#x
    const rest = this.#rest
    for (let i = 0; i < dim; i++) {
      rest[i] = -ridges[row] * x[i]
      for (let j = 0; j < dim; j++) rest[i] -= this.#gram[i * dim + j] * x[j]
    }
    for (let entry = pointers[row]; entry < pointers[row + 1]; entry++) {
      const y = columns[entry] * dim
      const weight = entryWeight * (values ? values[entry] : 1)
      let product = 0
      for (let i = 0; i < dim; i++) product += this.#table[y + i] * x[i]
      const factor = targetOffset + weight - weight * product
      for (let i = 0; i < dim; i++) rest[i] += factor * this.#table[y + i]
    }
  }

  /** Writes the lower triangle of the matrix of some coordinates. */
  #fillMatrix(
    { pointers, columns, values, ridges }: LeastSquaresRows,
    row: number,
    from: number,
    width: number,
  ): void {
    const { dim, entryWeight } = this.#rule
    const matrix = this.#matrix
    for (let i = 0; i < width; i++) {
      for (let j = 0; j <= i; j++) {
        matrix[i * width + j] = this.#gram[(from + i) * dim + from + j]
      }
      matrix[i * width + i] += ridges[row]
    }
    for (let entry = pointers[row]; entry < pointers[row + 1]; entry++) {
      const first = columns[entry] * dim + from
      const y = this.#table.subarray(first, first + width)
      const weight = entryWeight * (values ? values[entry] : 1)
      for (let i = 0; i < width; i++) {
        const scaled = weight * y[i]
        for (let j = 0; j <= i; j++) matrix[i * width + j] += scaled * y[j]
      }
    }
  }
}

/** Overwrites the lower triangle of A by L with A = L Lᵀ. */
function factor(matrix: Float64Array, width: number, ridge: number): void {
  for (let i = 0; i < width; i++) {
    const diagonal = matrix[i * width + i]
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * width + j]
      for (let k = 0; k < j; k++) sum -= matrix[i * width + k] * matrix[j * width + k]
      if (j < i) matrix[i * width + j] = sum / matrix[j * width + j]
      else if (sum > leastPivot * diagonal) matrix[i * width + i] = Math.sqrt(sum)
      else throw notPositiveDefinite(ridge)
    }
  }
}

function notPositiveDefinite(ridge: number): InvalidOptionsError {
  return new InvalidOptionsError(
    `The least squares of a row have no unique solution: with the weight ${ridge} of its squared length their matrix is not positive definite. Raise l2Weight, or take a smaller embeddingDim.`,
  )
}

/** Overwrites b by the solution of L Lᵀ x = b. */
function solveFactored(matrix: Float64Array, width: number, b: Float64Array): void {
  for (let i = 0; i < width; i++) {
    let sum = b[i]
    for (let k = 0; k < i; k++) sum -= matrix[i * width + k] * b[k]
    b[i] = sum / matrix[i * width + i]
  }
  for (let i = width - 1; i >= 0; i--) {
    let sum = b[i]
    for (let k = i + 1; k < width; k++) sum -= matrix[k * width + i] * b[k]
    b[i] = sum / matrix[i * width + i]
  }
}
