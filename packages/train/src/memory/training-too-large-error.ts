import { GnnRecError } from '@gnnrec/graph'
import type { TrainingMemory } from './training-memory.js'

/**
 * An error that says that a training would take more memory than `maxMemory` allows.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords, splitRows } from '@gnnrec/graph'
 * import { BprMf } from '@gnnrec/models'
 * import { Trainer, TrainingTooLargeError } from '@gnnrec/train'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'tea' },
 *   { user: 'bob', item: 'jam' },
 * ])
 * const split = splitRows(table, { train: [0, 1], validation: [], test: [] }, { name: 'example' })
 * const model = new BprMf(BipartiteGraph.fromInteractions(split.train))
 * const trainer = new Trainer({
 *   model,
 *   split,
 *   epochs: 1,
 *   batchSize: 2,
 *   learningRate: 0.01,
 *   sampling: 'user-uniform',
 *   progress: 'none',
 *   maxMemory: 1e6,
 * })
 * await trainer.fit().catch((error) => {
 *   if (error instanceof TrainingTooLargeError) console.log(error.estimate.parts)
 * })
 * ```
 */
export class TrainingTooLargeError extends GnnRecError<'TRAINING_TOO_LARGE'> {
  /** The estimate that is above the limit, by part. */
  readonly estimate: TrainingMemory

  constructor(message: string, estimate: TrainingMemory) {
    super('TRAINING_TOO_LARGE', message)
    this.estimate = estimate
  }
}
