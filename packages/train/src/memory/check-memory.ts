import type { TrainerOptions } from '../options/trainer-options.js'
import { countsOf, estimateMemory, totals } from './estimate-training-memory.js'
import { TrainingTooLargeError } from './training-too-large-error.js'

/**
 * Compares the estimated memory of a training with `maxMemory`, where that is set.
 *
 * @throws TrainingTooLargeError when the estimate is above the limit
 * @throws InvalidOptionsError when there is a limit and another backend than `simd` is active
 */
export function checkMemory(options: TrainerOptions): void {
  const { model, maxMemory } = options
  if (maxMemory === undefined) return
  const { parts } = estimateMemory(model, countsOf(model.graph), options)
  // The graph is there already, and so are the parameters, in one kind of memory or the other.
  const estimate = totals({
    ...parts,
    process: Math.max(0, parts.process - parts.parameters),
    interactions: 0,
    graph: 0,
  })
  if (estimate.peakBytes <= maxMemory) return
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
  const named = Object.entries(estimate.parts).map(([name, bytes]) => `${name} ${megabytes(bytes)}`)
  throw new TrainingTooLargeError(
    `maxMemory: got ${megabytes(maxMemory)}; the training would take ${megabytes(estimate.peakBytes)} (${named.join(', ')}). Allow more, take a smaller embeddingDim or batchSize, fewer layers, graphSampling, or let trainWithin of @gnnrec/out-of-core go over to files by itself (fit: 'auto').`,
    estimate,
  )
}
