import { type RankedRows, ShapeMismatchError } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'

/** Number of users that a thread takes at a time: their rows stay in the cache for all items. */
const usersPerChunk = 32
/** Number of users in one call of the kernels, which bounds the scores in kernel memory. */
const usersPerCall = 64
const panelColumns = 8
/** Number of rows in which a thread finds the best before it takes more. */
const rankedPerChunk = 8

/** Frees the kernel memory of {@link PackedRows} that were collected. */
const collected = new FinalizationRegistry<number>((pointer) => defaultRuntime().free(pointer))

/** The change of a dot product that makes it a score: `scale · product + shift`. */
export interface ProductRule {
  readonly scale: number
  /** One number per row, added after scaling. */
  readonly shift?: Float32Array | undefined
}

/**
 * Rows of `dim` numbers in kernel memory, laid out for dot products with other rows.
 *
 * A product is summed in float32 from left to right and depends on its two rows only. So asking for
 * one user or many, for some items or all, with any number of threads, gives the same bytes.
 */
export class PackedRows {
  readonly count: number
  readonly dim: number
  #panels: number

  /**
   * Copies rows into kernel memory.
   *
   * @param rows - row-major, `count × dim`
   */
  constructor(rows: Float32Array, dim: number) {
    const runtime = defaultRuntime()
    this.count = rows.length / dim
    this.dim = dim
    const panels = Math.ceil(this.count / panelColumns)
    const source = runtime.allocate(rows.byteLength)
    try {
      runtime.float32(source, rows.length).set(rows)
      this.#panels = runtime.allocate(panels * panelColumns * dim * 4)
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
    for (let first = 0; first < userCount; first += usersPerCall) {
      const last = Math.min(first + usersPerCall, userCount)
      this.#scoreSome(
        users.subarray(first * this.dim, last * this.dim),
        out.subarray(first * this.count, last * this.count),
      )
    }
  }

  /**
   * Finds the `k` rows with the largest scale · product + shift for each of `users`; of equal ones the
   * lower row comes first. The products themselves never leave kernel memory. Returns undefined when
   * one of them is NaN.
   *
   * @param users - rows of `dim` numbers
   * @param exclude - for each of `users`, ascending rows to leave out
   */
  rank(
    users: Float32Array,
    k: number,
    exclude: readonly Int32Array[],
    rule: ProductRule = { scale: 1 },
  ): RankedRows | undefined {
    const rows = exclude.length
    const items = new Int32Array(rows * k)
    const scores = new Float32Array(rows * k)
    const lengths = new Int32Array(rows)
    const tied = new Int32Array(rows)
    for (let first = 0; first < rows; first += usersPerCall) {
      const last = Math.min(first + usersPerCall, rows)
      const some = this.#rankSome(
        users.subarray(first * this.dim, last * this.dim),
        k,
        exclude.slice(first, last),
        rule,
      )
      items.set(some.items, first * k)
      scores.set(some.scores, first * k)
      for (let row = first; row < last; row++) {
        lengths[row] = some.lengths[2 * (row - first)]
        tied[row] = some.lengths[2 * (row - first) + 1]
        if (lengths[row] < 0) return undefined
      }
    }
    return { k, items, scores, lengths, tied }
  }

  /** Frees the memory at once; otherwise it is freed when the object is collected. */
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
      runtime.run('matmulPacked', rows, usersPerChunk, ...given)
      out.set(runtime.float32(target, out.length))
    } finally {
      runtime.free(source)
    }
  }

  /** Ranks as {@link rank} does; `lengths` holds two numbers per row, see the kernel `topRows`. */
  #rankSome(
    users: Float32Array,
    k: number,
    exclude: readonly Int32Array[],
    { scale, shift }: ProductRule,
  ) {
    const runtime = defaultRuntime()
    const { dim, count } = this
    const rows = exclude.length
    const places = Math.min(count, 4 * k + 64)
    const masked = exclude.reduce((sum, own) => sum + own.length, 0)
    // The arrays lie one after the other and hold numbers of 4 bytes.
    const sizes = {
      users: users.length,
      products: rows * count,
      shift: shift?.length ?? 0,
      pointers: rows + 1,
      masked,
      workItems: rows * places,
      workScores: rows * places,
      items: rows * k,
      scores: rows * k,
      lengths: rows * 2,
    }
    let numbers = 0
    const at = {} as Record<keyof typeof sizes, number>
    for (const [name, size] of Object.entries(sizes) as [keyof typeof sizes, number][]) {
      at[name] = numbers * 4
      numbers += size
    }
    const start = runtime.allocate(numbers * 4)
    try {
      for (const name of Object.keys(at) as (keyof typeof sizes)[]) at[name] += start
      runtime.float32(at.users, users.length).set(users)
      const pointers = runtime.int32(at.pointers, rows + 1)
      const maskItems = runtime.int32(at.masked, masked)
      pointers[0] = 0
      exclude.forEach((own, row) => {
        maskItems.set(own, pointers[row])
        pointers[row + 1] = pointers[row] + own.length
      })
      const product = [at.users, this.#panels, dim, count, at.products] as const
      runtime.run('matmulPacked', rows, usersPerChunk, ...product)
      if (scale !== 1 || shift) {
        if (shift) runtime.float32(at.shift, count).set(shift)
        const given = [at.products, count, scale, shift ? at.shift : 0] as const
        runtime.run('scaleShift', rows, rankedPerChunk, ...given)
      }
      const masks = [at.products, count, at.pointers, at.masked] as const
      const out = [at.workItems, at.workScores, at.items, at.scores, at.lengths] as const
      runtime.run('topRows', rows, rankedPerChunk, ...masks, k, places, ...out)
      return {
        items: runtime.int32(at.items, sizes.items).slice(),
        scores: runtime.float32(at.scores, sizes.scores).slice(),
        lengths: runtime.int32(at.lengths, sizes.lengths).slice(),
      }
    } finally {
      runtime.free(start)
    }
  }
}
