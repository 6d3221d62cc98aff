import type { InteractionTable } from '@gnnrec/graph'

/** Row positions grouped by user. User u has `rows.subarray(pointers[u], pointers[u + 1])`. */
interface RowsByUser {
  readonly pointers: Int32Array
  /** The positions, ascending within each user. */
  readonly rows: Int32Array
}

/** Groups the rows of a table by user in O(rows + users). */
export function rowsByUser({ users, userIndex }: InteractionTable): RowsByUser {
  const pointers = new Int32Array(users.size + 1)
  for (let row = 0; row < userIndex.length; row++) pointers[userIndex[row] + 1]++
  for (let user = 0; user < users.size; user++) pointers[user + 1] += pointers[user]
  const next = pointers.slice(0, users.size)
  const rows = new Int32Array(userIndex.length)
  for (let row = 0; row < userIndex.length; row++) rows[next[userIndex[row]]++] = row
  return { pointers, rows }
}
