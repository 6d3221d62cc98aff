import {
  type BipartiteGraph,
  type InteractionLists,
  interactionLists,
  type Split,
} from '@gnnrec/graph'
import { maxExamples, type SplitFinding } from './split-finding.js'

const partNames = ['train', 'validation', 'test'] as const

/** Finds pairs of validation and test that are edges of the training graph: `LEAK001`. */
export function pairsInGraph(split: Split, graph: BipartiteGraph): SplitFinding[] {
  const { users, items } = split.train
  const isSame = graph.users === users && graph.items === items
  const userOf = isSame ? undefined : indicesIn(users.ids, graph.users)
  const itemOf = isSame ? undefined : indicesIn(items.ids, graph.items)
  const examples: string[] = []
  let count = 0
  for (const part of ['validation', 'test'] as const) {
    const lists = interactionLists(split[part])
    for (let user = 0; user < users.size; user++) {
      const own = itemsOf(lists, user)
      const inGraph = userOf ? userOf[user] : user
      if (own.length === 0 || inGraph < 0) continue
      const edges = graph.userItems(inGraph)
      for (const item of own) {
        if (!includes(edges, itemOf ? itemOf[item] : item)) continue
        count++
        if (examples.length < maxExamples) {
          examples.push(`${pairName(split, user, item)} of ${part}`)
        }
      }
    }
  }
  if (count === 0) return []
  return [
    {
      code: 'LEAK001',
      severity: 'error',
      message: `${count} pairs of validation and test are edges of the training graph, so the model sees the answers. Build the graph from split.train alone, after dropDuplicates.`,
      count,
      examples,
    },
  ]
}

/** Finds pairs that are in more than one part: `LEAK002`. */
export function pairsInSeveralParts(split: Split): SplitFinding[] {
  const { users, items } = split.train
  const lists = partNames.map((part) => interactionLists(split[part]))
  // For each item of the current user, one bit for every part that has it.
  const seenIn = new Uint8Array(items.size)
  const examples: string[] = []
  let count = 0
  for (let user = 0; user < users.size; user++) {
    const own = lists.map((list) => itemsOf(list, user))
    for (const [place, list] of own.entries()) {
      for (const item of list) seenIn[item] |= 1 << place
    }
    for (const list of own) {
      for (const item of list) {
        const parts = seenIn[item]
        seenIn[item] = 0
        if ((parts & (parts - 1)) === 0) continue
        count++
        if (examples.length === maxExamples) continue
        const names = partNames.filter((_, place) => parts & (1 << place)).join(' and ')
        examples.push(`${pairName(split, user, item)} in ${names}`)
      }
    }
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

/** Counts the distinct validation pairs, and those of them that are test pairs too. */
export function pairsOfBoth({ validation, test }: Split): { shared: number; total: number } {
  const first = interactionLists(validation)
  const second = interactionLists(test)
  let shared = 0
  for (let user = 0; user < validation.users.size; user++) {
    const others = itemsOf(second, user)
    for (const item of itemsOf(first, user)) if (includes(others, item)) shared++
  }
  return { shared, total: first.items.length }
}

function itemsOf({ pointers, items }: InteractionLists, user: number): Int32Array {
  return items.subarray(pointers[user], pointers[user + 1])
}

/** Describes a pair by its ids. */
function pairName({ train }: Split, user: number, item: number): string {
  return `user ${JSON.stringify(train.users.idOf(user))}, item ${JSON.stringify(train.items.idOf(item))}`
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
