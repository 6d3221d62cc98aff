import * as z from 'zod'
import type { BipartiteGraph } from '../bipartite-graph.js'
import { parseOptions } from '../options.js'
import type { Rng } from '../rng.js'
import { type SampledRows, sampleHops } from './layered-sample.js'
import {
  type OperatorBlocks,
  propagationShape,
  type SampledPropagationOptions,
  symmetricBlocks,
} from './propagation.js'
import { checkDrawCount, type DrawAt, streamOf } from './sample-streams.js'
import type { NodeSets, SampleAddress, SampledGraph } from './sampled-graph.js'

/** Options of {@link WalkNeighbourSampler}. */
export interface WalkNeighbourSamplerOptions extends SampledPropagationOptions {
  /** Most visited nodes that become neighbours, by hop, the hop next to the batch first; integers >= 1. */
  neighbours: readonly number[]
  /** Walks from each node, an integer in 1..10000. @defaultValue 20 */
  walks?: number
  /**
   * Visits of a walk to the other side at most, an integer in 1..100; with 1 a walk is one step to a
   * neighbour. @defaultValue 2
   */
  visits?: number
  /** Chance that a walk ends after a visit, in [0, 1]. @defaultValue 0.5 */
  stopProbability?: number
}

export const walkNeighboursShape = {
  neighbours: z.array(z.int().min(1)).min(1).readonly(),
  walks: z.int().min(1).max(10_000).default(20),
  visits: z.int().min(1).max(100).default(2),
  stopProbability: z.number().min(0).max(1).default(0.5),
}

const schema = z.strictObject({ ...propagationShape, ...walkNeighboursShape })

/** Draws for each visit: the node there, whether to go on, and the node on the way back. */
const drawsPerVisit = 3

/**
 * Neighbours by importance (PinSage: Ying et al., KDD 2018, https://arxiv.org/abs/1806.01973): those
 * that short random walks from a node v visit most often, weighted by their shares of the visits.
 *
 * Walks go to and fro between the sides, and count visits to the side that is not v's own. Of the T
 * most visited (ties: the lower index first), with n_u visits each,
 *
 *     (B x)_v = Σ_{u in top T} n_u / Σ_{top T} n · d_v / √((d_v+α) (d_u+α)) · x_u
 *
 * PinSage takes the mean by shares alone; the factor is that of Â over that of D⁻¹A, so that the scale
 * is the one which evaluation on the whole graph has. With `visits: 1` and no node cut off, E[B x] is
 * Â x; else B is another operator by design, which prefers what is close in the graph, and nothing is unbiased.
 * Neighbours may be 3, 5... steps away from v, and need not have an edge with it.
 */
export class WalkNeighbourSampler {
  readonly #graph: BipartiteGraph
  readonly #options: z.output<typeof schema>
  readonly #blocks: OperatorBlocks
  readonly #rng: Rng

  /** @throws InvalidOptionsError when an option is unknown or out of its range */
  constructor(graph: BipartiteGraph, options: WalkNeighbourSamplerOptions) {
    this.#options = parseOptions('WalkNeighbourSampler', schema, options)
    this.#graph = graph
    this.#blocks = symmetricBlocks(graph, this.#options.regularization)
    this.#rng = this.#options.rng.fork('walk-neighbours')
  }

  /**
   * The graph around some nodes.
   *
   * @throws UnknownIdError when a node is not of the graph
   * @throws InvalidOptionsError when the address is out of its range, or a hop needs more than 2^32 draws
   */
  sample(batch: NodeSets, address: SampleAddress): SampledGraph {
    const { userDegrees, itemDegrees } = this.#graph
    const { toUsers, toItems } = this.#blocks
    const stream = streamOf(this.#rng, address)
    const users = { there: toUsers, back: toItems, degrees: userDegrees, others: itemDegrees }
    const items = { there: toItems, back: toUsers, degrees: itemDegrees, others: userDegrees }
    return sampleHops(this.#graph, batch, this.#options.neighbours.length, (rows, hop) => ({
      users: this.#rows(users, rows.users, hop, (at) => stream.uniformAt(2 * hop, at)),
      items: this.#rows(items, rows.items, hop, (at) => stream.uniformAt(2 * hop + 1, at)),
    }))
  }

  #rows(side: WalkSide, rows: Int32Array, hop: number, drawAt: DrawAt): SampledRows {
    const { walks, visits, neighbours, regularization } = this.#options
    const most = walks * visits
    checkDrawCount('WalkNeighbourSampler', rows.length, most * drawsPerVisit)
    const limit = Math.min(neighbours[hop], most)
    const pointers = new Int32Array(rows.length + 1)
    const columns = new Int32Array(rows.length * limit)
    const values = new Float32Array(rows.length * limit)
    const visited = new Int32Array(most)
    const ranking = new Float64Array(most)
    for (let row = 0; row < rows.length; row++) {
      const node = rows[row]
      const first = row * most * drawsPerVisit
      const count = this.#walk(side, node, visited, (at) => drawAt(first + at))
      const chosen = mostVisited(visited.subarray(0, count), ranking, limit)
      const start = pointers[row]
      let total = 0
      for (let place = 0; place < chosen.length; place++) total += visitsOf(chosen[place])
      const degree = side.degrees[node]
      for (let place = 0; place < chosen.length; place++) {
        const column = columnOf(chosen[place])
        const share = visitsOf(chosen[place]) / total
        const product = (degree + regularization) * (side.others[column] + regularization)
        columns[start + place] = column
        values[start + place] = (share * degree) / Math.sqrt(product)
      }
      pointers[row + 1] = start + chosen.length
    }
    const end = pointers[rows.length]
    return { pointers, columns: columns.slice(0, end), values: values.slice(0, end) }
  }

  /** Writes the nodes that the walks of a node visit; gives their number. */
  #walk({ there, back }: WalkSide, start: number, visited: Int32Array, drawAt: DrawAt): number {
    const { walks, visits, stopProbability } = this.#options
    if (there.rowPointers[start] === there.rowPointers[start + 1]) return 0
    let count = 0
    for (let walk = 0; walk < walks; walk++) {
      let node = start
      for (let visit = 0; visit < visits; visit++) {
        const draw = drawsPerVisit * (walk * visits + visit)
        const other = neighbourAt(there, node, drawAt(draw))
        visited[count++] = other
        if (visit + 1 === visits || drawAt(draw + 1) < stopProbability) break
        node = neighbourAt(back, other, drawAt(draw + 2))
      }
    }
    return count
  }
}

/** Where walks from a side go. */
interface WalkSide {
  readonly there: OperatorBlocks['toUsers']
  readonly back: OperatorBlocks['toUsers']
  readonly degrees: Int32Array
  readonly others: Int32Array
}

export function neighbourAt(
  { rowPointers, columnIndices }: { rowPointers: Int32Array; columnIndices: Int32Array },
  node: number,
  uniform: number,
): number {
  const first = rowPointers[node]
  return columnIndices[first + Math.floor(uniform * (rowPointers[node + 1] - first))]
}

// A node and its visits as one number: larger by visits, then by lower index.
const BASE = 2 ** 31
const ranked = (column: number, visits: number): number => visits * BASE + (BASE - 1 - column)
const visitsOf = (rank: number): number => Math.floor(rank / BASE)
const columnOf = (rank: number): number => BASE - 1 - (rank % BASE)

/** The most visited nodes as ranks, at most `limit`, by column; sorts `visited`. */
function mostVisited(visited: Int32Array, ranking: Float64Array, limit: number): Float64Array {
  visited.sort()
  let distinct = 0
  for (let place = 0; place < visited.length; ) {
    const column = visited[place]
    const begin = place
    while (place < visited.length && visited[place] === column) place++
    ranking[distinct++] = ranked(column, place - begin)
  }
  if (distinct <= limit) return ranking.subarray(0, distinct)
  const lowest = ranking.slice(0, distinct).sort()[distinct - limit]
  let kept = 0
  for (let place = 0; place < distinct; place++) {
    if (ranking[place] >= lowest) ranking[kept++] = ranking[place]
  }
  return ranking.subarray(0, kept)
}
