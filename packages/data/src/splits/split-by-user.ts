import {
  type Id,
  type InteractionTable,
  type Split,
  type SplitMethod,
  splitRows,
} from '@gnnrec/graph'
import { rowsByUser } from '../tables/rows-by-user.js'
import { rowsOfParts } from './rows-of-parts.js'

/**
 * Divides the rows of every user among the parts. The parts keep the order of the source.
 *
 * @param arrange - sorts the rows of one user, in place, before they are cut
 * @param cut - gives the ends of training and of validation among the n rows of a user
 */
export function splitByUser<User extends Id, Item extends Id>(
  table: InteractionTable<User, Item>,
  arrange: (rows: Int32Array) => void,
  cut: (rows: number) => readonly [number, number],
  method: SplitMethod,
): Split<User, Item> {
  const { pointers, rows } = rowsByUser(table)
  const part = new Uint8Array(rows.length)
  for (let user = 0; user < table.users.size; user++) {
    const own = rows.subarray(pointers[user], pointers[user + 1])
    if (own.length === 0) continue
    arrange(own)
    const [trainEnd, validationEnd] = cut(own.length)
    for (let position = trainEnd; position < own.length; position++) {
      part[own[position]] = position < validationEnd ? 1 : 2
    }
  }
  return splitRows(table, rowsOfParts(part), method)
}
