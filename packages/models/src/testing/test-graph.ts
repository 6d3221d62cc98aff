import { BipartiteGraph, fromRecords, type InteractionTable, Rng, selectRows } from '@gnnrec/graph'

/** Users of {@link testTable}; the last has no interaction in {@link testGraph}. */
export const userCount = 110
/** Items of {@link testTable}; the last has no interaction in {@link testGraph}. */
export const itemCount = 100

/**
 * Makes a table with string ids for users and numbers for items: eight interactions a user, more of them
 * with the first items, and one user who met nearly every item. It is large enough for the defaults of
 * every model.
 */
function testTable(): InteractionTable<string, number> {
  const rng = Rng.fromSeed('model tests')
  const records: { user: string; item: number }[] = []
  const seen = new Set<string>()
  const add = (user: number, item: number) => {
    const key = `${user} ${item}`
    if (seen.has(key)) return
    seen.add(key)
    records.push({ user: `user ${String(user).padStart(3, '0')}`, item })
  }
  for (let user = 0; user < userCount - 1; user++) {
    for (let n = 0; n < 8; n++) {
      add(user, Math.floor((itemCount - 1) * rng.uniform() * rng.uniform()))
    }
  }
  for (let item = 0; item < itemCount - 2; item++) add(1, item)
  add(userCount - 1, itemCount - 1)
  return fromRecords(records)
}

/** Makes the graph of {@link testTable} without its last row, so that one user and one item are isolated. */
export function testGraph(): BipartiteGraph<string, number> {
  const table = testTable()
  const last = table.userIndex.length - 1
  return BipartiteGraph.fromInteractions(
    selectRows(
      table,
      Int32Array.from({ length: last }, (_, row) => row),
    ),
  )
}
