import { type RankedRows, ShapeMismatchError } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { listBytes, rankProducts } from './kernel-lists.js'
import {
  dropLeftOut,
  emptyLists,
  type ProductRule,
  type RowProducts,
  type TableRows,
} from './row-products.js'
import { gatherRows } from './rows.js'

/** Number of users that a thread takes at a time: their rows stay in the cache for all items. */
const usersPerChunk = 32
/** Largest number of users in one call of the kernels. */
const mostUsersPerCall = 64
/** Bytes of kernel memory that one call takes at most, unless a single user needs more: 32 MB. */
const bytesPerCall = 1 << 25
/** Bytes of rows that are copied at a time while they are packed: 4 MB. */
const bytesPerCopy = 1 << 22
const panelColumns = 8

/** Frees the kernel memory of {@link PackedRows} that were collected. */
const collected = new FinalizationRegistry<number>((pointer) => defaultRuntime().free(pointer))

/** Rows in kernel memory, whose products the WebAssembly kernels compute. */
export class PackedRows implements RowProducts {
  readonly count: number
  readonly dim: number
  #panels: number

  /**
   * Copies rows into kernel memory.
   *
   * @param rows - row-major, `count × dim`
   * @throws BackendUnavailableError when the platform has no WebAssembly SIMD
   * @throws OutOfMemoryError when the rows do not fit into kernel memory
   */
  constructor(rows: Float32Array, dim: number) {
    const runtime = defaultRuntime()
    this.count = rows.length / dim
    this.dim = dim
    const panelBytes = panelColumns * dim * 4
    const panels = Math.ceil(this.count / panelColumns)
    const panelsPerCopy = Math.max(1, Math.min(panels, Math.floor(bytesPerCopy / panelBytes)))
    const source = runtime.allocate(panelsPerCopy * panelBytes)
    try {
      this.#panels = runtime.allocate(panels * panelBytes)
      const rowsPerCopy = panelsPerCopy * panelColumns
      for (let first = 0; first < this.count; first += rowsPerCopy) {
        const piece = rows.subarray(first * dim, (first + rowsPerCopy) * dim)
        const count = piece.length / dim
        runtime.float32(source, piece.length).set(piece)
        const target = this.#panels + (first / panelColumns) * panelBytes
        const copied = Math.ceil(count / panelColumns)
        runtime.run('packPanels', copied, 256, source, dim, count, 1, target)
      }
    } finally {
      runtime.free(source)
    }
    collected.register(this, this.#panels, this)
  }

  score({ table, indices }: TableRows, out: Float32Array): void {
    if (out.length < indices.length * this.count) {
      throw new ShapeMismatchError(
        `out has ${out.length} places; ${indices.length} × ${this.count} products need ${indices.length * this.count}.`,
      )
    }
    const bytesPerUser = 4 * (this.dim + this.count)
    const size = Math.max(1, Math.min(mostUsersPerCall, Math.floor(bytesPerCall / bytesPerUser)))
    for (let first = 0; first < indices.length; first += size) {
      const some = indices.subarray(first, first + size)
      const last = first + some.length
      this.#scoreSome(
        gatherRows(table, some, this.dim),
        out.subarray(first * this.count, last * this.count),
      )
    }
  }

  rank(
    { table, indices }: TableRows,
    k: number,
    excludeOf: (place: number) => Int32Array,
    rule: ProductRule = { scale: 1 },
  ): RankedRows | undefined {
    const lists = emptyLists(indices.length, k)
    const bytesPerUser = 4 * (this.dim + this.count) + listBytes(k, this.count)
    for (let first = 0; first < indices.length; ) {
      const exclude: Int32Array[] = []
      let bytes = 0
      for (
        let place = first;
        place < indices.length && exclude.length < mostUsersPerCall;
        place++
      ) {
        const own = excludeOf(place)
        bytes += bytesPerUser + own.byteLength
        if (exclude.length > 0 && bytes > bytesPerCall) break
        exclude.push(own)
      }
      const last = first + exclude.length
      const rows = gatherRows(table, indices.subarray(first, last), this.dim)
      const some = this.#rankSome(rows, k, exclude, rule)
      lists.items.set(some.items, first * k)
      lists.scores.set(some.scores, first * k)
      for (let row = first; row < last; row++) {
        lists.lengths[row] = some.lengths[2 * (row - first)]
        lists.tied[row] = some.lengths[2 * (row - first) + 1]
        if (lists.lengths[row] < 0) return undefined
      }
      first = last
    }
    dropLeftOut(lists)
    return lists
  }

  free(): void {
    collected.unregister(this)
    defaultRuntime().free(this.#panels)
    this.#panels = 0
  }

  /**
   * Writes the products of rows in kernel memory with these rows.
   *
   * @param source - address of the other rows, `rows × dim`
   * @param out - address of the products, `rows × count`
   */
  multiply(source: number, rows: number, out: number): void {
    const given = [source, this.#panels, this.dim, this.count, out] as const
    defaultRuntime().run('matmulPacked', rows, usersPerChunk, ...given)
  }

  #scoreSome(users: Float32Array, out: Float32Array): void {
    const runtime = defaultRuntime()
    const rows = users.length / this.dim
    const bytes = users.byteLength + out.byteLength
    const source = runtime.allocate(bytes)
    const target = source + users.byteLength
    try {
      runtime.float32(source, users.length).set(users)
      this.multiply(source, rows, target)
      out.set(runtime.float32(target, out.length))
    } finally {
      runtime.free(source)
    }
  }

  /** Ranks as {@link rank} does; `lengths` holds two numbers per row, see {@link rankProducts}. */
  #rankSome(users: Float32Array, k: number, exclude: readonly Int32Array[], rule: ProductRule) {
    const runtime = defaultRuntime()
    const { count } = this
    const rows = exclude.length
    const source = runtime.allocate(users.byteLength + 4 * rows * count)
    const products = source + users.byteLength
    try {
      runtime.float32(source, users.length).set(users)
      this.multiply(source, rows, products)
      return rankProducts(runtime, { products, rows, count }, k, exclude, rule)
    } finally {
      runtime.free(source)
    }
  }
}
