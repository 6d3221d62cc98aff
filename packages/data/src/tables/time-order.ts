import { type InteractionTable, InvalidInteractionsError } from '@gnnrec/graph'

/**
 * Returns a function that sorts row positions by time, in place. Equal times keep the order of the source.
 *
 * @throws InvalidInteractionsError when the table has no timestamps
 */
export function timeOrder(
  owner: string,
  { timestamp }: InteractionTable,
): (rows: Int32Array) => void {
  if (timestamp === undefined) {
    throw new InvalidInteractionsError(
      `${owner} got a table without timestamps. Read the column of timestamps too, or use randomSplit.`,
    )
  }
  return (rows) => {
    rows.sort((a, b) => timestamp[a] - timestamp[b] || a - b)
  }
}
