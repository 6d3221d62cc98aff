import type { InteractionLists } from '@gnnrec/graph'
import type { KernelRuntime } from '@gnnrec/graph/kernels'
import type { PieceOfLists } from './best-lists.js'

/** Users of one chunk of a thread, for products and for lists of best items. */
const usersPerChunk = 32
const rankedPerChunk = 8

/** Items to leave out, by user. */
export interface PieceRange {
  readonly firstItem: number
  readonly count: number
  readonly firstRow: number
  readonly endRow: number
}

/** The rule of scores, and the sizes of pieces and lists. */
export interface PieceSettings {
  /** Length of an embedding. */
  readonly columns: number
  /** Largest number of items of a piece. */
  readonly pieceItems: number
  readonly k: number
  readonly scale: number
  readonly itemBias: Float32Array | undefined
}

/** Returns the number of places that the kernel needs to find the k best of some items. */
function placesFor(k: number, count: number): number {
  return Math.min(count, 4 * k + 64)
}

/**
 * Computes the bytes of kernel memory that a call of {@link PieceRanker.rank} takes at most, for all users and for each.
 *
 * @param longestList - largest number of items that are left out for a user
 */
export function bytesOfCall(
  { columns, pieceItems, k, itemBias }: PieceSettings,
  longestList: number,
): { readonly shared: number; readonly perUser: number } {
  const masked = Math.min(longestList, pieceItems)
  const found = 2 * placesFor(k, pieceItems) + 2 * k + 2
  return {
    shared: 4 * ((itemBias ? pieceItems : 0) + 1),
    perUser: 4 * (columns + pieceItems + masked + 1 + found),
  }
}

/** A ranker of pieces of the items for some users, whose rows it keeps. Scores never leave kernel memory. */
export class PieceRanker {
  readonly #runtime: KernelRuntime
  readonly #settings: PieceSettings
  readonly #rows: Float32Array
  readonly #exclude: readonly Int32Array[]
  /** Number of excluded items before the present piece, by user. */
  readonly #passed: Int32Array

  /** @param rows - rows of the users, row-major */
  constructor(
    runtime: KernelRuntime,
    rows: Float32Array,
    users: Int32Array,
    { pointers, items }: InteractionLists,
    settings: PieceSettings,
  ) {
    this.#runtime = runtime
    this.#rows = rows
    this.#settings = settings
    this.#exclude = Array.from(users, (user) => items.subarray(pointers[user], pointers[user + 1]))
    this.#passed = new Int32Array(users.length)
  }

  /**
   * Finds the best items of a piece; undefined when a score is NaN. Pieces must come in ascending order.
   *
   * @param panels - address of the items of the piece
   */
  rank(panels: number, range: PieceRange): PieceOfLists | undefined {
    const runtime = this.#runtime
    const { columns, k, scale, itemBias } = this.#settings
    const { firstItem, count, firstRow, endRow } = range
    const users = endRow - firstRow
    const masks = this.#masks(range)
    const places = placesFor(k, count)
    // Arrays of numbers of 4 bytes, one after the other.
    const sizes = {
      rows: users * columns,
      products: users * count,
      shift: itemBias ? count : 0,
      pointers: users + 1,
      masked: masks.items.length,
      workItems: users * places,
      workScores: users * places,
      items: users * k,
      scores: users * k,
      lengths: users * 2,
    }
    const names = Object.keys(sizes) as (keyof typeof sizes)[]
    const start = runtime.allocate(4 * names.reduce((sum, name) => sum + sizes[name], 0))
    try {
      const at = {} as Record<keyof typeof sizes, number>
      let next = start
      for (const name of names) {
        at[name] = next
        next += 4 * sizes[name]
      }
      const rows = this.#rows.subarray(firstRow * columns, endRow * columns)
      runtime.float32(at.rows, rows.length).set(rows)
      runtime.int32(at.pointers, users + 1).set(masks.pointers)
      runtime.int32(at.masked, masks.items.length).set(masks.items)
      const product = [at.rows, panels, columns, count, at.products] as const
      runtime.run('matmulPacked', users, usersPerChunk, ...product)
      if (scale !== 1 || itemBias) {
        const shift = itemBias?.subarray(firstItem, firstItem + count)
        if (shift) runtime.float32(at.shift, count).set(shift)
        const given = [at.products, count, scale, shift ? at.shift : 0] as const
        runtime.run('scaleShift', users, rankedPerChunk, ...given)
      }
      const given = [at.products, count, at.pointers, at.masked, k, places] as const
      const out = [at.workItems, at.workScores, at.items, at.scores, at.lengths] as const
      runtime.run('topRows', users, rankedPerChunk, ...given, ...out)
      const lengths = runtime.int32(at.lengths, sizes.lengths).slice()
      if (lengths.some((length, place) => place % 2 === 0 && length < 0)) return undefined
      return {
        firstItem,
        lengths,
        items: runtime.int32(at.items, sizes.items).slice(),
        scores: runtime.float32(at.scores, sizes.scores).slice(),
      }
    } finally {
      runtime.free(start)
    }
  }

  /** Lists the excluded items of the piece, by user, as places in it. */
  #masks({ firstItem, count, firstRow, endRow }: PieceRange) {
    const pointers = new Int32Array(endRow - firstRow + 1)
    const items: number[] = []
    for (let row = firstRow; row < endRow; row++) {
      const own = this.#exclude[row]
      let place = this.#passed[row]
      for (; place < own.length && own[place] < firstItem + count; place++) {
        items.push(own[place] - firstItem)
      }
      this.#passed[row] = place
      pointers[row - firstRow + 1] = items.length
    }
    return { pointers, items: Int32Array.from(items) }
  }
}
