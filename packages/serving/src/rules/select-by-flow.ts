import { LexicographicFlow } from './lexicographic-flow.js'
import { type Bound, missedBy, type Problem, type Selection } from './problem.js'

/** Returns true when items are in at most one group each of at most two groupings, which a flow describes. */
export function isFlow({ groups }: Problem): boolean {
  return groups.length <= 2 && groups.every((ofItems) => ofItems.every(({ length }) => length <= 1))
}

/**
 * Chooses at most `length` candidates exactly. Choices are compared by the items by which the first rule is missed, then
 * the second and so on, then by their number, then by the sum of their scores. In the network, a unit goes from the source
 * through a group of one grouping and a candidate to a group of the other and to the sink; a unit that a bound asks for
 * costs less by one in the column of its rule, and one too many costs one more.
 *
 * @param forced - candidates that are to be chosen before everything else
 */
export function selectByFlow(
  problem: Problem,
  length: number,
  forced: ReadonlySet<number>,
): Selection {
  const { groups, values, rules, pinned } = problem
  const bounds = problem.boundsFor(length)
  const nodeOf = new Map<string, number>()
  const [source, sink] = [0, 1]
  const nodeAt = (grouping: number, place: number) => {
    // With one grouping, candidates lead from its groups to the sink.
    if (grouping === 1 && groups.length < 2) return sink
    const key = `${grouping}/${groups[grouping]?.[place][0] ?? ''}`
    let node = nodeOf.get(key)
    if (node === undefined) {
      node = nodeOf.size + 2
      nodeOf.set(key, node)
    }
    return node
  }
  const nodesOf = Array.from(values, (_, place) => [nodeAt(0, place), nodeAt(1, place)] as const)
  // The first column is for forced candidates, the last two are for scores and places.
  const width = rules.length + 3
  const pinOf = new Map(bounds.filter(isPin).map(({ group, rule }) => [group, rule]))
  const flow = new LexicographicFlow(nodeOf.size + 2, width)
  for (const [key, node] of nodeOf) {
    const [grouping, group] = key.split('/')
    const own = bounds.filter((b) => `${b.grouping}` === grouping && `${b.group}` === group)
    for (const { capacity, cost } of unitCosts(own, length, width)) {
      if (grouping === '0') flow.addEdge(source, node, capacity, cost)
      else flow.addEdge(node, sink, capacity, cost)
    }
  }
  const edges = new Map<number, number>()
  // Of candidates in the same groups, only the best can be chosen.
  const taken = new Map<string, number>()
  for (const [place, [from, to]] of nodesOf.entries()) {
    const cell = `${from}/${to}`
    const before = taken.get(cell) ?? 0
    if (before >= length && !forced.has(place) && !pinned.has(place)) continue
    taken.set(cell, before + 1)
    const cost = new Array<number>(width).fill(0)
    if (forced.has(place)) cost[0] = -1
    const pin = pinOf.get(place)
    if (pin !== undefined) cost[1 + pin] = -1
    cost[width - 2] = -values[place]
    cost[width - 1] = place
    edges.set(place, flow.addEdge(from, to, 1, cost))
  }
  const misses = (cost: Float64Array) => {
    const first = cost.subarray(0, width - 2).find((value) => value !== 0)
    return first !== undefined && first > 0
  }
  let sent = 0
  while (sent < length && flow.sendOne(source, sink, (cost) => !misses(cost))) sent++
  const places = [...edges.keys()].filter((place) => flow.flowOn(edges.get(place) as number) > 0)
  return { places, missed: missedBy(problem, bounds, places), bounds, isExact: true }
}

function isPin({ grouping, group }: Bound): boolean {
  return grouping < 0 && group >= 0
}

/** Returns the costs of the units through a group, in runs of equal cost; they rise, as bounds are met and exceeded. */
function unitCosts(
  bounds: readonly Bound[],
  length: number,
  width: number,
): { readonly capacity: number; readonly cost: readonly number[] }[] {
  const cuts = bounds.flatMap(({ lower, upper }) => [lower, upper])
  const ends = [...new Set([0, length, ...cuts.filter((cut) => cut > 0 && cut < length)])]
  ends.sort((a, b) => a - b)
  return ends.slice(1).map((end, at) => {
    const cost = new Array<number>(width).fill(0)
    for (const { rule, lower, upper } of bounds) {
      if (ends[at] < lower) cost[1 + rule]--
      if (ends[at] >= upper) cost[1 + rule]++
    }
    return { capacity: end - ends[at], cost }
  })
}
