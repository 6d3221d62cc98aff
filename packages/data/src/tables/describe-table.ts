import { type InteractionTable, rowCount } from '@gnnrec/graph'
import { firstOfPairs } from '../filters/drop-duplicates.js'
import { rejectEmpty } from './keep-rows.js'

/** The numbers by which data sets are compared. */
export interface TableDescription {
  readonly interactions: number
  readonly users: number
  readonly items: number
  /** The part of all (user, item) pairs that does not occur, 0 to 1. */
  readonly sparsity: number
  readonly interactionsPerUser: number
  readonly interactionsPerItem: number
  /** Absent without ratings. */
  readonly averageRating?: number
}

/**
 * Describes a table in numbers.
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
    ...(table.rating && {
      averageRating: table.rating.reduce((sum, value) => sum + value, 0) / interactions,
    }),
  }
}
