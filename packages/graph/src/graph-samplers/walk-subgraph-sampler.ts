import * as z from 'zod/mini'
import { InvalidOptionsError } from '../errors.js'
import { TimeSlice } from '../interactions/time-slice.js'
import type { BipartiteGraph } from '../matrices/bipartite-graph.js'
import { parseOptions } from '../options.js'
import type { Rng } from '../random/rng.js'
import { sizeLimits } from '../size-limits.js'
import { SamplerNotPreparedError } from './errors.js'
import {
  type OperatorBlocks,
  propagationShape,
  type SampledPropagationOptions,
  stepsSchema,
  symmetricBlocks,
} from './propagation.js'
import { streamOf } from './sample-streams.js'
import { type SampleAddress, SampledGraph, type SampledStep } from './sampled-graph.js'
import { type InducedEdges, inducedEdges, type Subgraph, type SubgraphSampler } from './subgraph.js'
import { neighbourAt } from './walk-neighbour-sampler.js'

/** Options of {@link WalkSubgraphSampler}. */
export interface WalkSubgraphSamplerOptions extends SampledPropagationOptions {
  /**
   * The number of nodes at which walks start, drawn uniformly with replacement; an integer >= 1. A subgraph has at
   * most `roots · (walkLength + 1)` = 1,000,000 visits, or ten for each node of a larger graph.
   */
  roots: number
  /**
   * Steps of a walk, an integer >= 1.
   *
   * @defaultValue 2
   */
  walkLength?: number
  /**
   * The number of subgraphs that are drawn beforehand to count how often nodes and edges are in them, an
   * integer in 1..10000000.
   *
   * @defaultValue 50
   */
  countedSubgraphs?: number
  /** Propagation steps, an integer in 1..256. */
  steps: number
}

const walkSubgraphShape = {
  roots: z.int().check(z.gte(1)),
  walkLength: z._default(z.int().check(z.gte(1)), 2),
  countedSubgraphs: z._default(z.int().check(z.gte(1), z.lte(sizeLimits.countedSubgraphs)), 50),
}

const schema = z.strictObject({
  ...propagationShape,
  ...walkSubgraphShape,
  steps: stepsSchema,
})

/** The numbers of counted subgraphs that hold each node and edge. */
interface Counts {
  readonly users: Int32Array
  readonly items: Int32Array
  /** The counts of edges, by their position in the rows of the graph. */
  readonly edges: Int32Array
}

/**
 * Subgraphs of random walks (GraphSAINT-RW: Zeng et al., ICLR 2020, https://arxiv.org/abs/1907.04931).
 *
 * Walks start at `roots` random nodes. A subgraph has all nodes that they visit and all edges among
 * these nodes. With C_v and C_uv, the numbers of N counted subgraphs that hold a node and an edge,
 *
 *     B_vu = Â_vu / α_uv,   α_uv = C_uv / C_v,   E[(B x)_v | v in the subgraph] = (Â x)_v
 *
 * up to the error of the counts, so one propagation step is unbiased. A second step is not, because all
 * steps share the nodes of one draw. The loss is normalized by λ = N / C (see {@link edgeWeight}): the
 * sum of λ_e f(e) over a subgraph's edges has the sum of f(e) over all edges as its expectation. An edge
 * that no counted subgraph holds counts as if one did.
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
 * const rng = Rng.fromSeed(1)
 * const sampler = new samplers.WalkSubgraphSampler(graph, { roots: 2, steps: 1, rng })
 * await sampler.prepare()
 * console.log(sampler.sample({ epoch: 0, step: 0 }).graph.users)
 * ```
 */
export class WalkSubgraphSampler implements SubgraphSampler {
  readonly #graph: BipartiteGraph
  readonly #options: z.output<typeof schema>
  readonly #blocks: OperatorBlocks
  readonly #rng: Rng
  #counts: Counts | undefined

  /** @throws InvalidOptionsError when an option is unknown or out of its range */
  constructor(graph: BipartiteGraph, options: WalkSubgraphSamplerOptions) {
    this.#options = parseOptions('WalkSubgraphSampler', schema, options)
    const { roots, walkLength, regularization, rng } = this.#options
    checkVisits(roots * (walkLength + 1), graph.nodeCount)
    this.#graph = graph
    this.#blocks = symmetricBlocks(graph, regularization)
    this.#rng = rng.fork('walk-subgraphs')
  }

  /** @inheritDoc */
  async prepare({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (this.#counts) return
    const { userCount, itemCount, edgeCount } = this.#graph
    const counts = {
      users: new Int32Array(userCount),
      items: new Int32Array(itemCount),
      edges: new Int32Array(edgeCount),
    }
    const rng = this.#rng.fork('counts')
    const slice = new TimeSlice(signal)
    for (let step = 0; step < this.#options.countedSubgraphs; step++) {
      const { users, items, edges } = this.#draw(rng, { epoch: 0, step })
      for (const user of users) counts.users[user]++
      for (const item of items) counts.items[item]++
      for (const edge of edges) counts.edges[edge]++
      if (slice.isOver()) await slice.next()
    }
    this.#counts = counts
  }

  /**
   * @inheritDoc
   * @throws SamplerNotPreparedError before {@link prepare}
   * @throws InvalidOptionsError when the address is out of its range
   */
  sample(address: SampleAddress): Subgraph {
    const counts = this.#known()
    const { users, items, pattern, edges } = this.#draw(this.#rng, address)
    const whole = this.#blocks.toUsers
    const toUsers = new Float32Array(edges.length)
    const toItems = new Float32Array(edges.length)
    const { rowPointers, columnIndices } = pattern
    for (let row = 0; row < users.length; row++) {
      const userCount = Math.max(counts.users[users[row]], 1)
      for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
        const edge = edges[entry]
        const inverse = whole.values[edge] / Math.max(counts.edges[edge], 1)
        toUsers[entry] = inverse * userCount
        toItems[entry] = inverse * Math.max(counts.items[items[columnIndices[entry]]], 1)
      }
    }
    const step: SampledStep = {
      toUsers: pattern.withValues(toUsers),
      toItems: pattern.withValues(toItems).transpose(),
    }
    const steps = new Array<SampledStep>(this.#options.steps).fill(step)
    return { graph: new SampledGraph({ users, items }, steps), edges }
  }

  /**
   * @inheritDoc
   * @throws SamplerNotPreparedError before {@link prepare}
   */
  edgeWeight(edge: number): number {
    return this.#options.countedSubgraphs / Math.max(this.#known().edges[edge], 1)
  }

  /**
   * @inheritDoc
   * @throws SamplerNotPreparedError before {@link prepare}
   */
  itemWeight(item: number): number {
    return this.#options.countedSubgraphs / Math.max(this.#known().items[item], 1)
  }

  #known(): Counts {
    if (!this.#counts) throw new SamplerNotPreparedError('WalkSubgraphSampler')
    return this.#counts
  }

  #draw(rng: Rng, address: SampleAddress): InducedEdges {
    const { roots, walkLength } = this.#options
    const { userCount, itemCount, nodeCount } = this.#graph
    const { toUsers, toItems } = this.#blocks
    const stream = streamOf(rng, address)
    const marks = { users: new Uint8Array(userCount), items: new Uint8Array(itemCount) }
    for (let root = 0; root < roots; root++) {
      const start = stream.integerAt(0, root, nodeCount)
      let isUser = start < userCount
      let node = isUser ? start : start - userCount
      marks[isUser ? 'users' : 'items'][node] = 1
      for (let step = 0; step < walkLength; step++) {
        const rows = isUser ? toUsers : toItems
        // An isolated node has nowhere to go.
        if (rows.rowPointers[node] === rows.rowPointers[node + 1]) break
        node = neighbourAt(rows, node, stream.uniformAt(1, root * walkLength + step))
        isUser = !isUser
        marks[isUser ? 'users' : 'items'][node] = 1
      }
    }
    return inducedEdges(this.#graph, marks)
  }
}

/** @throws InvalidOptionsError when walks would visit far more nodes than there are */
function checkVisits(visits: number, nodes: number): void {
  const most = Math.max(sizeLimits.walkVisits, 10 * nodes)
  if (visits <= most) return
  throw new InvalidOptionsError(
    `WalkSubgraphSampler: got ${visits} visits, which are roots · (walkLength + 1); expected at most ${most} for a graph of ${nodes} nodes. Take fewer roots or shorter walks.`,
  )
}
