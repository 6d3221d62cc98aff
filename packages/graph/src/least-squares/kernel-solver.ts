import { DisposedError } from '../errors.js'
import { defaultRuntime, type KernelRuntime } from '../kernels/kernel-runtime.js'
import type {
  LeastSquaresRows,
  LeastSquaresRule,
  LeastSquaresSolver,
} from './least-squares-solver.js'
import { PlainSolver } from './plain-solver.js'
import { batchEnd, checkRows, multiplicationsPerBatch } from './row-batches.js'

/** Columns are padded to a multiple of it. */
const groupColumns = 8
/** Entries that the kernel packs at a time; the same number is in `assembly/least-squares.ts`. */
const packedEntries = 16
/** Most parts of a batch, each with memory of its own, which threads claim in turn. */
const mostParts = 32

/** The blocks of kernel memory of a solver; 0 is none. */
interface Blocks {
  gram: number
  table: number
}

/** Frees the kernel memory of solvers that were collected. */
const collected = new FinalizationRegistry<{ runtime: KernelRuntime; blocks: Blocks }>(
  ({ runtime, blocks }) => {
    for (const block of Object.values(blocks)) if (block !== 0) runtime.free(block)
  },
)

/** A solver that computes by the WebAssembly kernels. */
export class KernelSolver implements LeastSquaresSolver {
  readonly #rule: LeastSquaresRule
  readonly #runtime: KernelRuntime
  /** Length of a row in kernel memory. */
  readonly #stride: number
  readonly #block: number
  readonly #blocks: Blocks
  #source: Float32Array = new Float32Array()

  /**
   * @param rule - the problem that every row solves
   * @param runtime - the memory and threads
   * @throws BackendUnavailableError when the platform has no WebAssembly SIMD
   */
  constructor(rule: LeastSquaresRule, runtime: KernelRuntime = defaultRuntime()) {
    this.#rule = rule
    this.#runtime = runtime
    this.#stride = padded(rule.dim)
    this.#block = Math.min(padded(rule.block), this.#stride)
    this.#blocks = { gram: runtime.allocate(8 * this.#stride ** 2), table: 0 }
    collected.register(this, { runtime, blocks: this.#blocks }, this)
  }

  *setTable(table: Float32Array): Generator<void, void, void> {
    this.#checkNotFreed()
    const runtime = this.#runtime
    const stride = this.#stride
    const { dim, gramWeight } = this.#rule
    const rows = table.length / dim
    this.#freeTable()
    this.#blocks.table = runtime.allocate(4 * rows * stride)
    this.#source = table
    copyRows(table, dim, runtime.float32(this.#blocks.table, rows * stride), stride)
    runtime.float64(this.#blocks.gram, stride ** 2).fill(0)
    const rowsPerStep = Math.max(32, Math.ceil(multiplicationsPerBatch / stride ** 2 / 32) * 32)
    for (let first = 0; first < rows; first += rowsPerStep) {
      this.#checkNotFreed()
      const last = Math.min(first + rowsPerStep, rows)
      const groups = stride / groupColumns
      runtime.run('addGram', groups, 1, this.#blocks.table, first, last, stride, this.#blocks.gram)
      yield
    }
    this.#checkNotFreed()
    const gram = runtime.float64(this.#blocks.gram, stride ** 2)
    for (let i = 0; i < stride; i++) {
      for (let j = i; j < stride; j++) {
        const value = gramWeight * gram[i * stride + j]
        gram[i * stride + j] = value
        gram[j * stride + i] = value
      }
    }
    // The matrices of padded columns are those of the others beside a part of the identity.
    for (let i = dim; i < stride; i++) gram[i * stride + i] = 1
  }

  *solve(rows: LeastSquaresRows, out: Float32Array): Generator<void, void, void> {
    const { dim } = this.#rule
    checkRows(rows, this.#source.length / dim, dim, out)
    const count = rows.pointers.length - 1
    this.#checkNotFreed()
    for (let first = 0; first < count; ) {
      this.#checkNotFreed()
      const last = batchEnd(rows, first, this.#stride, this.#block, this.#runtime.threads)
      this.#solveBatch(rows, first, last, out)
      yield* this.#mendRows(rows, first, last, out)
      yield
      first = last
    }
  }

  free(): void {
    this.#freeTable()
    collected.unregister(this)
    if (this.#blocks.gram !== 0) this.#runtime.free(this.#blocks.gram)
    this.#blocks.gram = 0
  }

  /** Refuses to work with memory that another may have by now. */
  #checkNotFreed(): void {
    if (this.#blocks.gram === 0) throw new DisposedError('This solver was freed; make a new one.')
  }

  #freeTable(): void {
    if (this.#blocks.table !== 0) this.#runtime.free(this.#blocks.table)
    this.#blocks.table = 0
  }

  #solveBatch(rows: LeastSquaresRows, first: number, last: number, out: Float32Array): void {
    const runtime = this.#runtime
    const stride = this.#stride
    const block = this.#block
    const { dim, entryWeight, targetOffset } = this.#rule
    const count = last - first
    const entry = rows.pointers[first]
    const entries = rows.pointers[last] - entry
    const grain = Math.ceil(count / mostParts)
    const parts = Math.ceil(count / grain)
    const partBytes = 4 * (block ** 2 + packedEntries * block + 2 * block + 2 * stride)
    const rowBytes = 4 * count * stride
    const room = [
      8 * count,
      parts * partBytes,
      rowBytes,
      4 * (count + 1),
      4 * entries,
      rows.values ? 4 * entries : 0,
    ]
    // All sizes but those of 32-bit integers, which come last, are multiples of 8, so that float64 numbers are aligned.
    const start = runtime.allocate(room.reduce((sum, bytes) => sum + bytes, 0))
    try {
      let end = start
      const [ridges, scratch, x, pointers, columns, values] = room.map((bytes) => {
        end += bytes
        return end - bytes
      })
      runtime.float64(ridges, count).set(rows.ridges.subarray(first, last))
      runtime.int32(columns, entries).set(rows.columns.subarray(entry, entry + entries))
      if (rows.values) {
        runtime.float32(values, entries).set(rows.values.subarray(entry, entry + entries))
      }
      const starts = runtime.int32(pointers, count + 1)
      for (let row = 0; row <= count; row++) starts[row] = rows.pointers[first + row] - entry
      copyRows(
        out.subarray(first * dim, last * dim),
        dim,
        runtime.float32(x, count * stride),
        stride,
      )
      runtime.run(
        'leastSquares',
        count,
        grain,
        pointers,
        columns,
        rows.values ? values : 0,
        this.#blocks.table,
        this.#blocks.gram,
        ridges,
        stride,
        entryWeight,
        targetOffset,
        block,
        scratch,
        partBytes,
        grain,
        x,
      )
      const solved = runtime.float32(x, count * stride)
      for (let row = 0; row < count; row++) {
        out.set(solved.subarray(row * stride, row * stride + dim), (first + row) * dim)
      }
    } finally {
      runtime.free(start)
    }
  }

  /** Solves rows whose matrix single precision does not tell from a singular one, in float64. */
  *#mendRows(
    rows: LeastSquaresRows,
    first: number,
    last: number,
    out: Float32Array,
  ): Generator<void, void, void> {
    const { dim } = this.#rule
    let plain: PlainSolver | undefined
    for (let row = first; row < last; row++) {
      if (!Number.isNaN(out[row * dim])) continue
      if (!plain) {
        plain = new PlainSolver({ ...this.#rule, block: dim })
        plain.takeGram(this.#source, this.#plainGram())
      }
      plain.solveRow(rows, row, out)
      yield
    }
  }

  /** Returns the products of the table's columns without padding. */
  #plainGram(): Float64Array {
    const { dim } = this.#rule
    const gram = this.#runtime.float64(this.#blocks.gram, this.#stride ** 2)
    const plain = new Float64Array(dim * dim)
    for (let i = 0; i < dim; i++) {
      plain.set(gram.subarray(i * this.#stride, i * this.#stride + dim), i * dim)
    }
    return plain
  }
}

function padded(columns: number): number {
  return Math.ceil(columns / groupColumns) * groupColumns
}

/** Copies rows of `dim` numbers to rows of `stride`, of which the rest is 0. */
function copyRows(rows: Float32Array, dim: number, out: Float32Array, stride: number): void {
  if (stride === dim) {
    out.set(rows)
    return
  }
  out.fill(0)
  for (let row = 0; row * dim < rows.length; row++) {
    out.set(rows.subarray(row * dim, (row + 1) * dim), row * stride)
  }
}
