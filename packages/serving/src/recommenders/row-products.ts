import { NonFiniteError, type RankedRows, topK } from '@gnnrec/graph'

/** The change of a dot product that makes it a score: `scale · product + shift`. */
export interface ProductRule {
  readonly scale: number
  /** One number per row, added after scaling; -Infinity leaves a row out. */
  readonly shift?: Float32Array | undefined
}

/** Rows of a table: those at `indices`, of `dim` numbers each. */
export interface TableRows {
  readonly table: Float32Array
  readonly indices: Int32Array
}

/**
 * Rows of `dim` numbers that are laid out for dot products with other rows.
 *
 * A product is summed in float32 from left to right and depends on its two rows only. So asking for
 * one user or many, for some items or all, with any number of threads, gives the same bytes.
 */
export interface RowProducts {
  /** Number of rows. */
  readonly count: number
  /** Length of a row. */
  readonly dim: number

  /**
   * Writes the dot product of each of `users` with each of these rows, row-major.
   *
   * @param out - at least users × count places
   */
  score(users: TableRows, out: Float32Array): void

  /**
   * Finds the `k` rows with the largest scale · product + shift for each of `users`; of equal ones the
   * lower row comes first. Rows that are left out are not in the lists. Returns undefined when a score is
   * NaN.
   *
   * @param excludeOf - returns the ascending rows to leave out for the user at a place in `users`
   */
  rank(
    users: TableRows,
    k: number,
    excludeOf: (place: number) => Int32Array,
    rule?: ProductRule,
  ): RankedRows | undefined

  /** Frees memory outside of the JavaScript heap at once. */
  free(): void
}

/** Makes empty lists for some users. */
export function emptyLists(users: number, k: number): RankedRows {
  return {
    k,
    items: new Int32Array(users * k),
    scores: new Float32Array(users * k),
    lengths: new Int32Array(users),
    tied: new Int32Array(users),
  }
}

/**
 * Finds the `k` largest scores of each of some rows, whose scores are written one row after another; of equal ones
 * those of the lower places. Places that are left out are not in the lists. Returns undefined when a score is NaN.
 *
 * @param scores - room for the scores of a row
 * @param scoreRow - writes the scores of a row into `scores`
 * @param excludeOf - returns the ascending places to leave out of a row
 */
export function rankRowByRow(
  rows: number,
  k: number,
  scores: Float32Array,
  scoreRow: (row: number) => void,
  excludeOf: (row: number) => Int32Array,
): RankedRows | undefined {
  const lists = emptyLists(rows, k)
  for (let row = 0; row < rows; row++) {
    scoreRow(row)
    try {
      const best = topK(scores, k, excludeOf(row))
      lists.items.set(best.items, row * k)
      lists.scores.set(best.scores, row * k)
      lists.lengths[row] = best.items.length
      lists.tied[row] = best.tied
    } catch (error) {
      if (error instanceof NonFiniteError) return undefined
      throw error
    }
  }
  dropLeftOut(lists)
  return lists
}

/** Shortens lists that end in rows which were left out, whose scores are -Infinity. */
export function dropLeftOut({ k, scores, lengths }: RankedRows): void {
  for (let row = 0; row < lengths.length; row++) {
    let length = lengths[row]
    while (length > 0 && scores[row * k + length - 1] === Number.NEGATIVE_INFINITY) length--
    lengths[row] = length
  }
}
