import * as z from 'zod/mini'
import { InvalidOptionsError } from '../errors.js'
import type { BipartiteGraph } from '../matrices/bipartite-graph.js'
import { parseOptions } from '../options.js'
import type { Rng } from '../random/rng.js'
import { checkMachineMemory } from '../size-limits.js'
import { type SampledRows, sampleHops } from './layered-sample.js'
import {
  type OperatorBlocks,
  perHop,
  propagationShape,
  type SampledPropagationOptions,
  symmetricBlocks,
} from './propagation.js'
import { checkAddress, checkDrawCount, type DrawAt } from './sample-streams.js'
import type { NodeSets, SampleAddress, SampledGraph } from './sampled-graph.js'

/** Options of {@link WalkNeighbourSampler}. */
export interface WalkNeighbourSamplerOptions extends SampledPropagationOptions {
  /**
   * The number of most visited nodes that become neighbours, by hop, the hop next to the batch first;
   * integers >= 1, at most 256 of them.
   */
  neighbours: readonly number[]
  /**
   * Walks from each node, an integer in 1..10000.
   *
   * @defaultValue 20
   */
  walks?: number
  /**
   * The largest number of visits of a walk to the other side, an integer in 1..100. With 1 a walk is one
   * step to a neighbour.
   *
   * @defaultValue 2
   */
  visits?: number
  /**
   * The chance that a walk ends after a visit, in [0, 1].
   *
   * @defaultValue 0.5
   */
  stopProbability?: number
}

const walkNeighboursShape = {
  neighbours: perHop(z.int().check(z.gte(1))),
  walks: z._default(z.int().check(z.gte(1), z.lte(10_000)), 20),
  visits: z._default(z.int().check(z.gte(1), z.lte(100)), 2),
  stopProbability: z._default(z.number().check(z.gte(0), z.lte(1)), 0.5),
}

const schema = z.strictObject({ ...propagationShape, ...walkNeighboursShape })

/** Draws for each visit: the node on the other side, the decision to go on, and the node on the way back. */
const drawsPerVisit = 3

/**
 * Neighbours by importance (PinSage: Ying et al., KDD 2018, https://arxiv.org/abs/1806.01973): the nodes
 * that short random walks from a node v visit most often, weighted by their shares of the visits.
 *
 * Walks go to and fro between users and items. Only visits to the side that is not v's own count. With
 * the T most visited nodes (in ties the lower index) and their visits n_u,
 *
 *     (B x)_v = Σ_{u in top T} n_u / Σ_{top T} n · d_v / √((d_v+α) (d_u+α)) · x_u
 *
 * PinSage takes the mean by shares alone. The last factor is the ratio of Â to D⁻¹A, so that the scale
 * is the same as in evaluation, which is on the whole graph. With `visits: 1` and no node cut off, E[B x]
 * is Â x. Otherwise B is another operator by design, which prefers what is close in the graph, and
 * nothing is unbiased. Neighbours may be 3, 5... steps away from v, and need not have an edge with it.
 *
 * A node walks once an epoch, when it is first needed, so all batches and hops of an epoch share the
 * neighbourhoods. They take 8 bytes for each node and neighbour.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords, Rng, samplers } from '@gnnrec/graph'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'jaws' },
 *     { user: 'ann', item: 'alien' },
 *     { user: 'bob', item: 'alien' },
 *   ]),
 * )
 * const sampler = new samplers.WalkNeighbourSampler(graph, { neighbours: [2], rng: Rng.fromSeed(1) })
 * const nodes = { users: Int32Array.of(1), items: Int32Array.of(1) }
 * console.log(sampler.sample(nodes, { epoch: 0, step: 0 }).steps[0].toUsers.values)
 * ```
 */
export class WalkNeighbourSampler {
  readonly #graph: BipartiteGraph
  readonly #options: z.output<typeof schema>
  readonly #blocks: OperatorBlocks
  readonly #rng: Rng
  #neighbourhoods: EpochNeighbourhoods | undefined

  /**
   * @throws InvalidOptionsError when an option is unknown or out of its range, or takes too many draws, and for a
   * graph of weights, along which these walks do not go
   * @throws OutOfMemoryError when the neighbourhoods would take more than the memory of the machine
   */
  constructor(graph: BipartiteGraph, options: WalkNeighbourSamplerOptions) {
    this.#options = parseOptions('WalkNeighbourSampler', schema, options)
    const { walks, visits, regularization, rng } = this.#options
    if (graph.isWeighted) {
      throw new InvalidOptionsError(
        "WalkNeighbourSampler: got a graph of weights; its walks take every edge alike. Use LayerSampler or NeighbourSampler, or make the graph with weights: 'none'.",
      )
    }
    const most = Math.max(graph.userCount, graph.itemCount)
    checkDrawCount('WalkNeighbourSampler', most, walks * visits * drawsPerVisit)
    this.#graph = graph
    checkMachineMemory(
      'The neighbourhoods of WalkNeighbourSampler',
      8 * graph.nodeCount * this.#limit(),
      'Take fewer neighbours, or fewer walks or visits.',
    )
    this.#blocks = symmetricBlocks(graph, regularization)
    this.#rng = rng.fork('walk-neighbours')
  }

  /**
   * Draws the graph around some nodes.
   *
   * @throws UnknownIdError when a node is not of the graph
   * @throws InvalidOptionsError when the address is out of its range
   */
  sample(batch: NodeSets, address: SampleAddress): SampledGraph {
    const { neighbours } = this.#options
    const { users, items } = this.#of(address)
    return sampleHops(this.#graph, batch, neighbours.length, (rows, hop) => ({
      users: this.#rows(users, rows.users, neighbours[hop]),
      items: this.#rows(items, rows.items, neighbours[hop]),
    }))
  }

  /** Returns the largest number of neighbours that a node can have. */
  #limit(): number {
    const { walks, visits, neighbours } = this.#options
    const { userCount, itemCount } = this.#graph
    return Math.min(Math.max(...neighbours), walks * visits, Math.max(userCount, itemCount))
  }

  #of(address: SampleAddress): EpochNeighbourhoods {
    const { epoch } = address
    checkAddress(address)
    if (this.#neighbourhoods?.epoch === epoch) return this.#neighbourhoods
    const rng = this.#rng.fork(String(epoch))
    const { userDegrees, itemDegrees } = this.#graph
    const { toUsers, toItems } = this.#blocks
    const limit = this.#limit()
    const side = (rest: Omit<WalkSide, 'drawAt'>, block: number): Neighbourhoods => ({
      ...rest,
      limit,
      drawAt: (position) => rng.uniformAt(block, position),
      sizes: new Int32Array(rest.degrees.length).fill(-1),
      ranks: new Float64Array(rest.degrees.length * limit),
    })
    this.#neighbourhoods = {
      epoch,
      users: side({ there: toUsers, back: toItems, degrees: userDegrees, others: itemDegrees }, 0),
      items: side({ there: toItems, back: toUsers, degrees: itemDegrees, others: userDegrees }, 1),
    }
    return this.#neighbourhoods
  }

  #rows(side: Neighbourhoods, rows: Int32Array, limit: number): SampledRows {
    const { regularization } = this.#options
    const pointers = new Int32Array(rows.length + 1)
    for (let row = 0; row < rows.length; row++) {
      const node = rows[row]
      if (side.sizes[node] < 0) this.#visit(side, node)
      pointers[row + 1] = pointers[row] + Math.min(side.sizes[node], limit)
    }
    const columns = new Int32Array(pointers[rows.length])
    const values = new Float32Array(columns.length)
    for (let row = 0; row < rows.length; row++) {
      const [start, end] = [pointers[row], pointers[row + 1]]
      const node = rows[row]
      const first = node * side.limit
      let total = 0
      for (let rank = first; rank < first + end - start; rank++) total += visitsOf(side.ranks[rank])
      const degree = side.degrees[node]
      for (let rank = first; rank < first + end - start; rank++) {
        const column = columnOf(side.ranks[rank])
        const product = (degree + regularization) * (side.others[column] + regularization)
        let place = start + rank - first
        for (; place > start && columns[place - 1] > column; place--) {
          columns[place] = columns[place - 1]
          values[place] = values[place - 1]
        }
        columns[place] = column
        values[place] = ((visitsOf(side.ranks[rank]) / total) * degree) / Math.sqrt(product)
      }
    }
    return { pointers, columns, values }
  }

  /** Walks from a node and keeps the most visited. */
  #visit({ there, back, drawAt, sizes, ranks, limit }: Neighbourhoods, start: number): void {
    const { walks, visits, stopProbability } = this.#options
    sizes[start] = 0
    if (there.rowPointers[start] === there.rowPointers[start + 1]) return
    const most = walks * visits
    const visited = new Int32Array(most)
    let count = 0
    for (let walk = 0; walk < walks; walk++) {
      let node = start
      for (let visit = 0; visit < visits; visit++) {
        const draw = drawsPerVisit * (start * most + walk * visits + visit)
        const other = neighbourAt(there, node, drawAt(draw))
        visited[count++] = other
        if (visit + 1 === visits || drawAt(draw + 1) < stopProbability) break
        node = neighbourAt(back, other, drawAt(draw + 2))
      }
    }
    const ranking = ranksOf(visited.subarray(0, count).sort())
    const kept = Math.min(ranking.length, limit)
    for (let rank = 0; rank < kept; rank++) {
      ranks[start * limit + rank] = ranking[ranking.length - 1 - rank]
    }
    sizes[start] = kept
  }
}

/** The edges that walks from the nodes of a side take. */
interface WalkSide {
  readonly there: OperatorBlocks['toUsers']
  readonly back: OperatorBlocks['toUsers']
  readonly degrees: Int32Array
  /** Degrees of the other side. */
  readonly others: Int32Array
  readonly drawAt: DrawAt
}

/** The most visited nodes of each node of a side, as far as they are known. */
interface Neighbourhoods extends WalkSide {
  /** The largest number that is kept for a node. */
  readonly limit: number
  /** The number that a node has; -1 before it walked. */
  readonly sizes: Int32Array
  /** The most visited of node v begin at v · limit, the most visited first. */
  readonly ranks: Float64Array
}

interface EpochNeighbourhoods {
  readonly epoch: number
  readonly users: Neighbourhoods
  readonly items: Neighbourhoods
}

/** Returns the neighbour of a node that a uniform number in [0, 1) falls on. */
export function neighbourAt(
  { rowPointers, columnIndices }: { rowPointers: Int32Array; columnIndices: Int32Array },
  node: number,
  uniform: number,
): number {
  const first = rowPointers[node]
  return columnIndices[first + Math.floor(uniform * (rowPointers[node + 1] - first))]
}

// A node and its visits as one number: larger by visits, then by lower index.
const indexCount = 2 ** 31
const ranked = (column: number, visits: number): number =>
  visits * indexCount + (indexCount - 1 - column)
const visitsOf = (rank: number): number => Math.floor(rank / indexCount)
const columnOf = (rank: number): number => indexCount - 1 - (rank % indexCount)

/** Counts the visits of each node in an ascending list, and returns ranks, the least visited first. */
function ranksOf(visited: Int32Array): Float64Array {
  const ranks = new Float64Array(visited.length)
  let distinct = 0
  for (let place = 0; place < visited.length; ) {
    const column = visited[place]
    const begin = place
    while (place < visited.length && visited[place] === column) place++
    ranks[distinct++] = ranked(column, place - begin)
  }
  return ranks.subarray(0, distinct).sort()
}
