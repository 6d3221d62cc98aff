import { BipartiteGraph, fromRecords, type InteractionTable, Rng, selectRows } from '@gnnrec/graph'

/** Number of users of {@link testTable}; the last has no interaction in {@link testGraph}. */
export const userCount = 110
/** Number of items of {@link testTable}; the last has no interaction in {@link testGraph}. */
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
  return graphOfRows(table, (row) => row < last)
}

/** Returns true for users and items that have no interaction in {@link coldGraph}. */
export const isColdUser = (user: number): boolean => user % 25 === 13 || user === userCount - 1
export const isColdItem = (item: number): boolean => item % 33 === 7 || item === itemCount - 1

/** Makes a graph as a split by time leaves it: some users and items, here and there, have no interaction. */
export function coldGraph(): BipartiteGraph<string, number> {
  const table = testTable()
  const { userIndex, itemIndex } = table
  return graphOfRows(table, (row) => !isColdUser(userIndex[row]) && !isColdItem(itemIndex[row]))
}

function graphOfRows(
  table: InteractionTable<string, number>,
  isKept: (row: number) => boolean,
): BipartiteGraph<string, number> {
  const rows = Int32Array.from(table.userIndex.keys()).filter(isKept)
  return BipartiteGraph.fromInteractions(selectRows(table, rows))
}
