import { BipartiteGraph, fromColumns } from '@gnnrec/graph'

/** Number of users, which no other number of a model is likely to equal, so that tables are recognized. */
const smallUsers = 4001
/** Number of items, which is unlike other numbers for the same reason. */
const smallItems = 3989

/** Makes a graph in which each user has the items of their own number and of the two after it. */
export function smallGraph(): BipartiteGraph {
  const rows = Array.from({ length: 3 * smallUsers }, (_, row) => row)
  return BipartiteGraph.fromInteractions(
    fromColumns({
      user: rows.map((row) => Math.floor(row / 3)),
      item: rows.map((row) => (Math.floor(row / 3) + (row % 3)) % smallItems),
    }),
  )
}
