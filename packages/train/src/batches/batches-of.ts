import { InvalidOptionsError, type Rng } from '@gnnrec/graph'
import { drawByKernels } from '@gnnrec/ops'
import type { ResolvedTrainerOptions } from '../options/trainer-options.js'
import { AheadBatches } from './ahead-batches.js'
import { type BatchSource, batchSource } from './batch-source.js'

/**
 * Makes the source of batches that the options of a training ask for.
 *
 * @throws SampledGraphUnsupportedError when the model needs the whole graph
 * @throws InvalidOptionsError when the options do not fit the model or its graph, or Node.js threads are missing
 * @throws InvalidInteractionsError when no user has both a train item and a negative
 */
export function batchesOf(options: ResolvedTrainerOptions, rng: Rng): BatchSource {
  const { model, batchSize, sampling, negativesPerPositive, negatives } = options
  const { graphSampling, sampleAhead } = options
  const { graph, architecture } = model
  const settings = {
    graph,
    architecture,
    batchSize,
    sampling,
    negativesPerPositive,
    negatives,
    ...(graphSampling && { graphSampling, propagation: model.sampledPropagation() }),
  }
  if (!sampleAhead) return batchSource(settings, rng, drawByKernels)
  if (graphSampling) return new AheadBatches(settings, rng)
  throw new InvalidOptionsError(
    'sampleAhead: got true without graphSampling; there is no sample of the graph to draw ahead.',
  )
}
