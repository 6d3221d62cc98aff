import * as z from 'zod/mini'
import { InvalidOptionsError } from '../errors.js'
import { TimeSlice } from '../interactions/time-slice.js'
import type { BipartiteGraph } from '../matrices/bipartite-graph.js'
import { normalizedValues } from '../matrices/normalization.js'
import { parseOptions } from '../options.js'
import type { Rng } from '../random/rng.js'
import { SamplerNotPreparedError } from './errors.js'
import { type Partition, partitionNodes } from './partition-nodes.js'
import { propagationShape, type SampledPropagationOptions, stepsSchema } from './propagation.js'
import { streamOf } from './sample-streams.js'
import { type SampleAddress, SampledGraph, type SampledStep } from './sampled-graph.js'
import { inducedEdges, type Subgraph, type SubgraphSampler } from './subgraph.js'

/** Options of {@link ClusterSampler}. */
export interface ClusterSamplerOptions extends SampledPropagationOptions {
  /** The number of clusters, an integer in 1..nodes. */
  clusters: number
  /** The number of clusters that make a subgraph together, an integer in 1..clusters. */
  clustersPerStep: number
  /** Propagation steps, an integer in 1..256. */
  steps: number
}

const clustersShape = {
  clusters: z.int().check(z.gte(1)),
  clustersPerStep: z.int().check(z.gte(1)),
}

const schema = z.strictObject({
  ...propagationShape,
  ...clustersShape,
  steps: stepsSchema,
})

/**
 * Subgraphs of clusters (Cluster-GCN: Chiang et al., KDD 2019, https://arxiv.org/abs/1905.07953).
 *
 * The nodes are divided once into clusters with few edges between them. A subgraph is the union of q
 * random clusters with all edges inside the union, also those between its clusters, normalized by its
 * own degrees d' as in the paper:
 *
 *     Â'_ui = 1 / √((d'_u + α) (d'_i + α))
 *
 * Each cluster is used once before any is used again, in a new order each round and epoch. (When q does
 * not divide the number of clusters, the last subgraph of a round is filled up with the first clusters.)
 * Edges between clusters that do not meet are left out: the method is biased and does not correct for
 * it. The partition is our own, in plain TypeScript: breadth-first order cut into equal parts, then label
 * propagation with bounded sizes.
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
 * const sampler = new samplers.ClusterSampler(graph, {
 *   clusters: 2,
 *   clustersPerStep: 1,
 *   steps: 2,
 *   rng: Rng.fromSeed(1),
 * })
 * await sampler.prepare()
 * console.log(sampler.partition, sampler.sample({ epoch: 0, step: 0 }).graph.users)
 * ```
 */
export class ClusterSampler implements SubgraphSampler {
  readonly #graph: BipartiteGraph
  readonly #options: z.output<typeof schema>
  readonly #rng: Rng
  #partition: Partition | undefined

  /** @throws InvalidOptionsError when an option is unknown or out of its range */
  constructor(graph: BipartiteGraph, options: ClusterSamplerOptions) {
    const parsed = parseOptions('ClusterSampler', schema, options)
    const { clusters, clustersPerStep } = parsed
    if (clusters > graph.nodeCount) {
      throw new InvalidOptionsError(
        `ClusterSampler: clusters: got ${clusters}; the graph has ${graph.nodeCount} nodes only.`,
      )
    }
    if (clustersPerStep > clusters) {
      throw new InvalidOptionsError(
        `ClusterSampler: clustersPerStep: got ${clustersPerStep}; expected at most ${clusters}, the number of clusters.`,
      )
    }
    this.#graph = graph
    this.#options = parsed
    this.#rng = parsed.rng.fork('clusters')
  }

  /** @inheritDoc */
  async prepare({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    this.#partition ??= await partitionNodes(
      this.#graph,
      this.#options.clusters,
      new TimeSlice(signal),
    )
  }

  /**
   * The cluster of each node, users first, then items. Do not write to it.
   *
   * @throws SamplerNotPreparedError before {@link prepare}
   */
  get partition(): Int32Array {
    if (!this.#partition) throw new SamplerNotPreparedError('ClusterSampler')
    return this.#partition
  }

  /**
   * @inheritDoc
   * @throws SamplerNotPreparedError before {@link prepare}
   * @throws InvalidOptionsError when the address is out of its range
   */
  sample(address: SampleAddress): Subgraph {
    const { regularization, steps } = this.#options
    const isIn = this.#clustersAt(address)
    const { partition } = this
    const { userCount } = this.#graph
    const inCluster = (node: number) => isIn[partition[node]]
    const { users, items, pattern, edges } = inducedEdges(this.#graph, {
      users: Uint8Array.from({ length: userCount }, (_, user) => inCluster(user)),
      items: Uint8Array.from({ length: this.#graph.itemCount }, (_, item) =>
        inCluster(userCount + item),
      ),
    })
    const degrees = ({ rowPointers }: typeof pattern) =>
      Float64Array.from(
        rowPointers.subarray(1),
        (end, row) => end - rowPointers[row] + regularization,
      )
    const toUsers = pattern.withValues(
      normalizedValues(pattern, degrees(pattern), degrees(pattern.transpose()), 'symmetric'),
    )
    const step: SampledStep = { toUsers, toItems: toUsers.transpose() }
    return {
      graph: new SampledGraph({ users, items }, new Array<SampledStep>(steps).fill(step)),
      edges,
    }
  }

  /** @inheritDoc */
  edgeWeight(): number {
    return 1
  }

  /** @inheritDoc */
  itemWeight(): number {
    return 1
  }

  /** Returns a 1 for each cluster of a step. */
  #clustersAt({ epoch, step }: SampleAddress): Uint8Array {
    const { clusters, clustersPerStep } = this.#options
    const groups = Math.ceil(clusters / clustersPerStep)
    const round = Math.floor(step / groups)
    const order = this.#shuffled(streamOf(this.#rng, { epoch, step: round }))
    const isIn = new Uint8Array(clusters)
    const first = (step % groups) * clustersPerStep
    // The last group of a round is filled up from the first clusters.
    for (let place = first; place < first + clustersPerStep; place++) {
      isIn[order[place % clusters]] = 1
    }
    return isIn
  }

  #shuffled(rng: Rng): Int32Array {
    const order = Int32Array.from({ length: this.#options.clusters }, (_, cluster) => cluster)
    for (let last = order.length - 1; last > 0; last--) {
      const other = rng.integerAt(0, last, last + 1)
      const moved = order[last]
      order[last] = order[other]
      order[other] = moved
    }
    return order
  }
}
