import type { BipartiteGraph, InteractionTable, Split } from '@gnnrec/graph'
import { MAX_EXAMPLES, type SplitFinding } from './split-finding.js'

const PARTS = ['train', 'validation', 'test'] as const

/** Distinct pairs of the parts that are edges of the graph: `LEAK001`. */
export function pairsInGraph(split: Split, graph: BipartiteGraph): SplitFinding[] {
  const isSame = graph.users === split.train.users && graph.items === split.train.items
  const userOf = isSame ? undefined : indicesIn(split.train.users.ids, graph.users)
  const itemOf = isSame ? undefined : indicesIn(split.train.items.ids, graph.items)
  const examples: string[] = []
  let count = 0
  for (const part of ['validation', 'test'] as const) {
    const table = split[part]
    for (const row of firstRows(table)) {
      const user = userOf ? userOf[table.userIndex[row]] : table.userIndex[row]
      const item = itemOf ? itemOf[table.itemIndex[row]] : table.itemIndex[row]
      if (user < 0 || item < 0 || !includes(graph.userItems(user), item)) continue
      count++
      if (examples.length < MAX_EXAMPLES) examples.push(`${pairName(table, row)} of ${part}`)
    }
  }
  if (count === 0) return []
  return [
    {
      code: 'LEAK001',
      severity: 'error',
      message: `${count} pairs of validation and test are edges of the training graph, so that the model has seen the answers. Build the graph from split.train alone, after dropDuplicates.`,
      count,
      examples,
    },
  ]
}

/** Distinct pairs that are in more than one part: `LEAK002`. */
export function pairsInSeveralParts(split: Split): SplitFinding[] {
  const { users, items } = split.train
  const partsOfPair = new Map<number, number>()
  for (const [place, part] of PARTS.entries()) {
    const { userIndex, itemIndex } = split[part]
    for (let row = 0; row < userIndex.length; row++) {
      const pair = userIndex[row] * items.size + itemIndex[row]
      partsOfPair.set(pair, (partsOfPair.get(pair) ?? 0) | (1 << place))
    }
  }
  const examples: string[] = []
  let count = 0
  for (const [pair, parts] of partsOfPair) {
    if ((parts & (parts - 1)) === 0) continue
    count++
    if (examples.length === MAX_EXAMPLES) continue
    const names = PARTS.filter((_, place) => parts & (1 << place)).join(' and ')
    const item = items.idOf(pair % items.size)
    const user = users.idOf(Math.floor(pair / items.size))
    examples.push(`user ${JSON.stringify(user)}, item ${JSON.stringify(item)} in ${names}`)
  }
  if (count === 0) return []
  return [
    {
      code: 'LEAK002',
      severity: 'error',
      message: `${count} pairs are in more than one part. Call dropDuplicates before the split.`,
      count,
      examples,
    },
  ]
}

/** The pair of a row in words. */
function pairName({ users, items, userIndex, itemIndex }: InteractionTable, row: number): string {
  const user = users.idOf(userIndex[row])
  return `user ${JSON.stringify(user)}, item ${JSON.stringify(items.idOf(itemIndex[row]))}`
}

/** The first row of every pair. */
function* firstRows({ items, userIndex, itemIndex }: InteractionTable): Generator<number> {
  const seen = new Set<number>()
  for (let row = 0; row < userIndex.length; row++) {
    const pair = userIndex[row] * items.size + itemIndex[row]
    if (seen.has(pair)) continue
    seen.add(pair)
    yield row
  }
}

function indicesIn(
  ids: readonly (string | number)[],
  map: { findIndex(id: string | number): number },
): Int32Array {
  return Int32Array.from(ids, (id) => map.findIndex(id))
}

function includes(ascending: Int32Array, value: number): boolean {
  let from = 0
  let to = ascending.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (ascending[middle] < value) from = middle + 1
    else to = middle
  }
  return ascending[from] === value
}
