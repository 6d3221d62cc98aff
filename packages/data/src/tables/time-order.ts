import { type InteractionTable, InvalidInteractionsError } from '@gnnrec/graph'

/**
 * Orders rows by time in place; equal times keep the order of the source.
 *
 * @throws InvalidInteractionsError when the table has no timestamps
 */
export function timeOrder(
  owner: string,
  { timestamp }: InteractionTable,
): (rows: Int32Array) => void {
  if (timestamp === undefined) {
    throw new InvalidInteractionsError(
      `${owner} got a table without timestamps. Read them with the column timestamp, or use randomSplit.`,
    )
  }
  return (rows) => {
    rows.sort((a, b) => timestamp[a] - timestamp[b] || a - b)
  }
}
