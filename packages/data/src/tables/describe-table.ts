import { type InteractionTable, rowCount } from '@gnnrec/graph'
import { firstOfPairs } from '../filters/drop-duplicates.js'
import { rejectEmpty } from './keep-rows.js'

/** The key figures of a table of interactions. */
export interface TableDescription {
  /** The number of rows. */
  readonly interactions: number
  /** The number of users. */
  readonly users: number
  /** The number of items. */
  readonly items: number
  /** The share of all possible (user, item) pairs that does not occur, from 0 to 1. */
  readonly sparsity: number
  /** The average number of rows a user. */
  readonly interactionsPerUser: number
  /** The average number of rows an item. */
  readonly interactionsPerItem: number
  /** The average rating. Absent when the table has no ratings. */
  readonly averageRating?: number
  /** The average weight. Absent when the table has no weights. */
  readonly averageWeight?: number
}

/**
 * Computes the key figures of a table: its size, sparsity and averages.
 *
 * @example
 * ```ts
 * import { describeTable, loadMovieTweetings } from '@gnnrec/data'
 *
 * const { interactions } = await loadMovieTweetings()
 * console.log(describeTable(interactions))
 * ```
 *
 * @throws InvalidInteractionsError when the table has no rows
 */
export function describeTable(table: InteractionTable): TableDescription {
  rejectEmpty('describeTable', table)
  const interactions = rowCount(table)
  const users = table.users.size
  const items = table.items.size
  const pairs = firstOfPairs(table).reduce((sum, flag) => sum + flag, 0)
  return {
    interactions,
    users,
    items,
    sparsity: 1 - pairs / (users * items),
    interactionsPerUser: interactions / users,
    interactionsPerItem: interactions / items,
    ...(table.rating && { averageRating: average(table.rating) }),
    ...(table.weight && { averageWeight: average(table.weight) }),
  }
}

function average(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
