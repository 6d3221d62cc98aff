import * as z from 'zod/mini'
import type { EpochBatch } from '../batches/batch-iterator.js'
import { checkBatchSize, negativesPerPositiveSchema } from '../batches/batch-limits.js'
import {
  type NegativeDistribution,
  NegativeSampler,
  negativeDistributionSchema,
  rngSchema,
} from '../batches/negative-sampler.js'
import {
  checkStrategy,
  type SamplingStrategy,
  samplingStrategySchema,
} from '../batches/sampling-strategy.js'
import { InvalidOptionsError } from '../errors.js'
import type { BipartiteGraph } from '../matrices/bipartite-graph.js'
import { parseOptions } from '../options.js'
import type { Rng } from '../random/rng.js'
import type { Subgraph, SubgraphSampler } from './subgraph.js'
import { runningSums, weightedPlace } from './weighted-draw.js'

/** Options of {@link SubgraphBatches}. */
export interface SubgraphBatchesOptions {
  /** The sampler that draws the subgraph of each batch. It must be prepared before the first batch. */
  sampler: SubgraphSampler
  /** Draws per batch, an integer >= 1. */
  batchSize: number
  /**
   * The pairs that are drawn equally often: all pairs of a user and an item
   * (`'interaction-shuffle'`), or all users (`'user-uniform'`). With `'interaction-weighted'` pairs are
   * drawn in proportion to the weights of their edges. See {@link SubgraphBatches}.
   *
   * @defaultValue 'user-uniform'
   */
  strategy?: SamplingStrategy
  /**
   * Negatives drawn for each positive, an integer in 1..10000. A batch has at most 2^28 indices.
   *
   * @defaultValue 1
   */
  negativesPerPositive?: number
  /**
   * The distribution of negatives among the items of the subgraph.
   *
   * @defaultValue 'uniform'
   */
  negatives?: NegativeDistribution
  /** The random stream to fork from. Only its key is used, so it is not moved. */
  rng: Rng
}

const schema = z.strictObject({
  sampler: z.custom<SubgraphSampler>(
    (value) => typeof (value as Partial<SubgraphSampler> | null)?.edgeWeight === 'function',
    { error: 'expected a ClusterSampler or a WalkSubgraphSampler' },
  ),
  batchSize: z.int().check(z.gte(1)),
  strategy: samplingStrategySchema,
  negativesPerPositive: negativesPerPositiveSchema,
  negatives: z._default(negativeDistributionSchema, 'uniform'),
  rng: rngSchema,
})

/**
 * Batches of training triples, each from a subgraph of its own: users, positives and negatives are
 * among its nodes.
 *
 * An epoch has as many draws as the graph has edges, as with `BatchIterator`. A pair is drawn among the
 * edges e of the subgraph, with replacement, with a chance in proportion to
 *
 *     w_e = λ_e for 'interaction-shuffle',   λ_e / d_u for 'user-uniform',
 *           λ_e R_e for 'interaction-weighted' with the weight R_e of the edge
 *
 * where λ is the `edgeWeight` of the sampler: 1 / the chance of the edge to be in the subgraph. Over
 * many subgraphs, every pair or every user therefore comes equally often. This puts GraphSAINT's
 * normalization of the loss into the draws, which suits any loss. It holds up to the variation of the
 * sum of weights, as each subgraph's weights are divided by their sum. Negatives are corrected by
 * `itemWeight` in the same way, and none is a train item of its user.
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
 * const sampler = new samplers.WalkSubgraphSampler(graph, {
 *   roots: 4,
 *   walkLength: 2,
 *   steps: 2,
 *   rng,
 * })
 * await sampler.prepare()
 * const batches = new samplers.SubgraphBatches(graph, { sampler, batchSize: 2, rng })
 * for (const { users, positives } of batches.epoch(0)) console.log(users, positives)
 * ```
 */
export class SubgraphBatches {
  /** Batches of an epoch; the last one may be smaller. */
  readonly stepsPerEpoch: number
  readonly #graph: BipartiteGraph
  readonly #options: z.output<typeof schema>
  readonly #pairDraws: Rng
  readonly #negativeDraws: Rng
  #skippedDraws = 0

  /** @throws InvalidOptionsError when an option is unknown or out of its range */
  constructor(graph: BipartiteGraph, options: SubgraphBatchesOptions) {
    this.#options = parseOptions('SubgraphBatches', schema, options)
    const { batchSize, negativesPerPositive, rng } = this.#options
    this.#graph = graph
    checkStrategy('SubgraphBatches', this.#options.strategy, graph)
    checkBatchSize('SubgraphBatches', graph.edgeCount, { batchSize, negativesPerPositive })
    this.stepsPerEpoch = Math.ceil(graph.edgeCount / batchSize)
    if (graph.edgeCount * negativesPerPositive > 2 ** 32) {
      throw new InvalidOptionsError(
        `negativesPerPositive: got ${negativesPerPositive}; an epoch of ${graph.edgeCount} draws can have at most 2^32 negatives.`,
      )
    }
    this.#pairDraws = rng.fork('pairs')
    this.#negativeDraws = rng.fork('negatives')
  }

  /** Draws that were skipped so far because their subgraph had no usable pair. */
  get skippedDraws(): number {
    return this.#skippedDraws
  }

  /**
   * Makes the batches of one epoch, in order, in fresh arrays and with `sampled` set. A step whose
   * subgraph has no pair with a negative has no batch.
   *
   * @param epoch - 0..2^31-1
   * @param options - `startStep`: the first step to make, 0..stepsPerEpoch; 0 when left out
   * @throws InvalidOptionsError when the epoch or step is out of its range
   * @throws SamplerNotPreparedError before the sampler is prepared
   */
  *epoch(epoch: number, options: { startStep?: number } = {}): Generator<EpochBatch, void> {
    const { startStep = 0 } = options
    if (!Number.isInteger(startStep) || startStep < 0 || startStep > this.stepsPerEpoch) {
      throw new InvalidOptionsError(
        `SubgraphBatches.epoch: startStep: got ${startStep}; expected an integer in 0..${this.stepsPerEpoch}.`,
      )
    }
    for (let step = startStep; step < this.stepsPerEpoch; step++) {
      const batch = this.#batch(epoch, step)
      if (batch) yield batch
    }
  }

  #batch(epoch: number, step: number): EpochBatch | undefined {
    const { sampler, batchSize, negativesPerPositive } = this.#options
    const subgraph = sampler.sample({ epoch, step })
    const first = step * batchSize
    const size = Math.min(batchSize, this.#graph.edgeCount - first)
    const negativeSampler = subgraph.edges.length > 0 ? this.#negativesIn(subgraph) : undefined
    const sums = runningSums(this.#pairWeights(subgraph, negativeSampler))
    if (!negativeSampler || !(sums[sums.length - 1] > 0)) {
      this.#skippedDraws += size
      return undefined
    }
    const { users, items, steps } = subgraph.graph
    const { columnIndices } = steps[0].toUsers
    const userOfEntry = rowOfEntries(steps[0].toUsers.rowPointers)
    const places = new Int32Array(size)
    const draws = new Int32Array(size)
    const positives = new Int32Array(size)
    for (let sample = 0; sample < size; sample++) {
      draws[sample] = first + sample
      const entry = weightedPlace(sums, this.#pairDraws.uniformAt(epoch, first + sample))
      places[sample] = userOfEntry[entry]
      positives[sample] = items[columnIndices[entry]]
    }
    const negatives = new Int32Array(size * negativesPerPositive)
    negativeSampler.fill(negatives, { users: places, draws, block: epoch, size })
    return {
      epoch,
      step,
      positives,
      sampled: subgraph.graph,
      users: places.map((place) => users[place]),
      negatives: negatives.map((place) => items[place]),
    }
  }

  #negativesIn({ graph: { users, items, steps } }: Subgraph): NegativeSampler {
    const { negatives, sampler } = this.#options
    const { itemDegrees } = this.#graph
    const exponent = negatives === 'uniform' ? 0 : negatives.popularityExponent
    const { rowPointers: pointers, columnIndices } = steps[0].toUsers
    const source = {
      interactions: { pointers, items: columnIndices },
      userCount: users.length,
      itemCount: items.length,
      itemDegrees: Float64Array.from(
        items,
        (item) => itemDegrees[item] ** exponent * sampler.itemWeight(item),
      ),
    }
    return new NegativeSampler(source, {
      distribution: { popularityExponent: 1 },
      rng: this.#negativeDraws,
    })
  }

  /** Returns the weight of each pair; 0 for users without a negative in the subgraph. */
  #pairWeights({ graph, edges }: Subgraph, negatives: NegativeSampler | undefined): Float64Array {
    const { sampler, strategy } = this.#options
    const { userDegrees, interactions } = this.#graph
    const own = strategy === 'interaction-weighted' ? interactions.weights : undefined
    const { rowPointers } = graph.steps[0].toUsers
    const weights = new Float64Array(edges.length)
    for (const [row, user] of graph.users.entries()) {
      const [first, end] = [rowPointers[row], rowPointers[row + 1]]
      if (first === end || !negatives?.hasNegative(row)) continue
      const share = strategy === 'user-uniform' ? 1 / userDegrees[user] : 1
      for (let entry = first; entry < end; entry++) {
        const weight = own ? own[edges[entry]] : 1
        weights[entry] = share * weight * sampler.edgeWeight(edges[entry])
      }
    }
    return weights
  }
}

function rowOfEntries(rowPointers: Int32Array): Int32Array {
  const rows = new Int32Array(rowPointers[rowPointers.length - 1])
  for (let row = 0; row + 1 < rowPointers.length; row++) {
    rows.fill(row, rowPointers[row], rowPointers[row + 1])
  }
  return rows
}
