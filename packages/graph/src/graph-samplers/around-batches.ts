import type { Batch, BatchIterator, EpochBatch } from '../batches/batch-iterator.js'
import type { NodeSets, SampleAddress, SampledGraph } from './sampled-graph.js'

/** A sampler that draws the part of a graph around the nodes of a batch. */
export interface AroundSampler {
  /**
   * Draws the graph around some nodes, which may be repeated and in any order.
   *
   * @throws UnknownIdError when a node is not of the graph
   * @throws InvalidOptionsError when the address is out of its range, or too many draws are needed
   */
  sample(batch: NodeSets, address: SampleAddress): SampledGraph
}

/** Options of {@link AroundBatches}. */
export interface AroundBatchesOptions {
  /** The sampler that draws the graph of each batch. */
  readonly sampler: AroundSampler
  /** True when the loss needs the negatives, so that they have to be in the sample. */
  readonly usesNegatives: boolean
  /**
   * Returns further items that the loss needs, so that they have to be in the sample. They may be
   * repeated.
   *
   * @defaultValue no further items
   */
  readonly otherItems?: (batch: Batch) => Int32Array
}

/**
 * The batches of a `BatchIterator`, each with the graph that a sampler draws around its nodes.
 *
 * @example
 * ```ts
 * import { BatchIterator, BipartiteGraph, fromRecords, Rng, samplers } from '@gnnrec/graph'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'jaws' },
 *     { user: 'ann', item: 'alien' },
 *     { user: 'bob', item: 'alien' },
 *   ]),
 * )
 * const rng = Rng.fromSeed(1)
 * const pairs = new BatchIterator(graph, { batchSize: 2, strategy: 'interaction-shuffle', rng })
 * const batches = new samplers.AroundBatches(pairs, {
 *   sampler: new samplers.NeighbourSampler(graph, { fanOuts: [2, 1], rng }),
 *   usesNegatives: true,
 * })
 * for (const { users, sampled } of batches.epoch(0)) console.log(users, sampled?.entryCount)
 * ```
 */
export class AroundBatches {
  readonly #batches: BatchIterator
  readonly #options: AroundBatchesOptions

  constructor(batches: BatchIterator, options: AroundBatchesOptions) {
    this.#batches = batches
    this.#options = options
  }

  /** Batches of an epoch. */
  get stepsPerEpoch(): number {
    return this.#batches.stepsPerEpoch
  }

  /** Draws of `'user-uniform'` that were skipped so far. */
  get skippedDraws(): number {
    return this.#batches.skippedDraws
  }

  /**
   * Makes the batches of one epoch, with `sampled` set.
   *
   * @param epoch - 0..2^31-1
   * @param options - `startStep`: the first step to make, 0..stepsPerEpoch; 0 when left out
   * @throws InvalidOptionsError when the epoch or step is out of its range
   */
  *epoch(epoch: number, options: { startStep?: number } = {}): Generator<EpochBatch, void> {
    const { sampler, usesNegatives, otherItems } = this.#options
    for (const batch of this.#batches.epoch(epoch, options)) {
      const { users, positives, negatives, step } = batch
      const ofPairs = usesNegatives ? joined(positives, negatives) : positives
      const items = otherItems ? joined(ofPairs, otherItems(batch)) : ofPairs
      yield { ...batch, sampled: sampler.sample({ users, items }, { epoch, step }) }
    }
  }
}

function joined(a: Int32Array, b: Int32Array): Int32Array {
  const both = new Int32Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
