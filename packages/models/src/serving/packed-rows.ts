import { ShapeMismatchError } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/tfjs-backend-simd/kernels'

/** Users of one chunk of a thread: their rows stay in the first cache while all items pass. */
const USERS_PER_CHUNK = 32
/** Users of one call of the kernels, which bounds the scores in kernel memory. */
const USERS_PER_CALL = 64
const PANEL_COLUMNS = 8

/** Frees the panels of rows that nobody refers to any more. */
const collected = new FinalizationRegistry<number>((pointer) => defaultRuntime().free(pointer))

/**
 * Rows of `dim` numbers in kernel memory, laid out for dot products with other rows.
 *
 * A product is summed in float32 from left to right and depends on its two rows only, never on what
 * else is in the block: one user at a time gives the same bytes as many, and some items the same
 * as all, with any number of threads.
 */
export class PackedRows {
  readonly count: number
  readonly dim: number
  #panels: number

  /** @param rows - row-major, `count × dim`; copied */
  constructor(rows: Float32Array, dim: number) {
    const runtime = defaultRuntime()
    this.count = rows.length / dim
    this.dim = dim
    const panels = Math.ceil(this.count / PANEL_COLUMNS)
    const source = runtime.allocate(rows.byteLength)
    try {
      runtime.float32(source, rows.length).set(rows)
      this.#panels = runtime.allocate(panels * PANEL_COLUMNS * dim * 4)
      runtime.run('packPanels', panels, 256, source, dim, this.count, 1, this.#panels)
    } finally {
      runtime.free(source)
    }
    collected.register(this, this.#panels, this)
  }

  /**
   * Writes the dot product of each of `users` with each of these rows, row-major.
   *
   * @param users - rows of `dim` numbers
   * @param out - at least users × count places
   */
  score(users: Float32Array, out: Float32Array): void {
    const userCount = users.length / this.dim
    if (out.length < userCount * this.count) {
      throw new ShapeMismatchError(
        `out has ${out.length} places; ${userCount} × ${this.count} products need ${userCount * this.count}.`,
      )
    }
    for (let first = 0; first < userCount; first += USERS_PER_CALL) {
      const last = Math.min(first + USERS_PER_CALL, userCount)
      this.#scoreSome(
        users.subarray(first * this.dim, last * this.dim),
        out.subarray(first * this.count, last * this.count),
      )
    }
  }

  /** Gives the memory back at once; otherwise it goes with the object. */
  free(): void {
    collected.unregister(this)
    defaultRuntime().free(this.#panels)
    this.#panels = 0
  }

  #scoreSome(users: Float32Array, out: Float32Array): void {
    const runtime = defaultRuntime()
    const { dim, count } = this
    const rows = users.length / dim
    const bytes = users.byteLength + out.byteLength
    const source = runtime.allocate(bytes)
    const target = source + users.byteLength
    try {
      runtime.float32(source, users.length).set(users)
      const given = [source, this.#panels, dim, count, target] as const
      runtime.run('matmulPacked', rows, USERS_PER_CHUNK, ...given)
      out.set(runtime.float32(target, out.length))
    } finally {
      runtime.free(source)
    }
  }
}
