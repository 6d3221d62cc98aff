import { warn } from '../warn.js'
import type { InteractionTable } from './interaction-table.js'

/** The largest rating of scales that people rate on. Larger ones are counts, of which the low ones are no dislikes. */
const longestScale = 10
/** The share of the highest rating up to which a rating is low: 2 of 5 stars, 4 of 10. */
const lowShare = 0.4

/** The rows of a table whose ratings speak against their items. */
interface LowRatings {
  /** The number of these rows. */
  readonly count: number
  /** The highest rating that counts as low. */
  readonly limit: number
  /** The highest rating of the table. */
  readonly highest: number
}

/**
 * Counts ratings that say that an item was not liked: those below 0, and on a scale up to 10 those of at most 40 % of
 * the highest one. A rating of 0 is not counted where others are above 1, as it often stands for a missing rating.
 *
 * @returns undefined when there are none, or no ratings
 * @example
 * ```ts
 * import { fromRecords } from '@gnnrec/graph'
 * import { findLowRatings } from '@gnnrec/graph/files'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'jaws', rating: 5 },
 *   { user: 'bob', item: 'jaws', rating: 1 },
 * ])
 * console.log(findLowRatings(table)) // { count: 1, limit: 2, highest: 5 }
 * ```
 */
export function findLowRatings({ rating }: InteractionTable): LowRatings | undefined {
  if (rating === undefined) return undefined
  const highest = rating.reduce((largest, value) => Math.max(largest, value), -Infinity)
  const hasScale = highest > 0 && highest <= longestScale
  const limit = hasScale ? lowShare * highest : 0
  let count = 0
  for (let row = 0; row < rating.length; row++) {
    const value = rating[row]
    if (value < 0 || (hasScale && value <= limit && (value > 0 || highest <= 1))) count++
  }
  return count === 0 ? undefined : { count, limit, highest }
}

/** The columns of ratings that were warned of. */
const said = /* @__PURE__ */ new WeakSet<Float32Array>()

/** Warns once of each table whose low ratings become edges like all others. */
export function warnOfLowRatings(table: InteractionTable): void {
  const { rating } = table
  if (rating === undefined || said.has(rating)) return
  said.add(rating)
  const found = findLowRatings(table)
  if (found === undefined) return
  warn(
    `BipartiteGraph.fromInteractions: ${found.count} of ${rating.length} interactions have a rating of ${lowWords(found)}, and become edges like those that were liked. Keep the ratings that speak for an item (filterRating of @gnnrec/data), pass counts as weight and not as rating, or pass lowRatings: 'accept' if every interaction is a positive.`,
  )
}

/** Returns what low ratings are, in words. */
function lowWords({ limit, highest }: LowRatings): string {
  const most = `${Math.round(limit * 100) / 100}`
  return highest > 0 && limit > 0 ? `at most ${most} where the highest is ${highest}` : 'below 0'
}
