import type { Batch, BatchIterator, EpochBatch } from '../batches/batch-iterator.js'
import type { NodeSets, SampleAddress, SampledGraph } from './sampled-graph.js'

/** Draws the graph around the nodes of a batch. */
export interface AroundSampler {
  /**
   * The graph around some nodes, repeated or not and in any order.
   *
   * @throws UnknownIdError when a node is not of the graph
   * @throws InvalidOptionsError when the address is out of its range, or too many draws are needed
   */
  sample(batch: NodeSets, address: SampleAddress): SampledGraph
}

/** Options of {@link AroundBatches}. */
export interface AroundBatchesOptions {
  readonly sampler: AroundSampler
  /** Whether the loss needs the negatives, which then are in the sample. */
  readonly usesNegatives: boolean
  /** Items that the loss looks at besides, which then are in the sample; repeated or not. @defaultValue none */
  readonly otherItems?: (batch: Batch) => Int32Array
}

/** The batches of a `BatchIterator`, each with the graph that a sampler draws around its nodes. */
export class AroundBatches {
  readonly #batches: BatchIterator
  readonly #options: AroundBatchesOptions

  constructor(batches: BatchIterator, options: AroundBatchesOptions) {
    this.#batches = batches
    this.#options = options
  }

  get stepsPerEpoch(): number {
    return this.#batches.stepsPerEpoch
  }

  get skippedDraws(): number {
    return this.#batches.skippedDraws
  }

  /** As `BatchIterator.epoch`, with `sampled` set. */
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
