import { InvalidOptionsError, type Rng } from '@gnnrec/graph'
import { drawByKernels } from '@gnnrec/ops'
import type { ResolvedTraining } from '../options/training-loop-options.js'
import { AheadBatches } from './ahead-batches.js'
import { type BatchSource, batchSource } from './batch-source.js'

/**
 * Makes the source of batches that the options of a training ask for.
 *
 * @param drawsByKernels - true to draw by kernels, which keep a copy of the lists of users' items
 * @throws SampledGraphUnsupportedError when the model needs the whole graph
 * @throws InvalidOptionsError when the options do not fit the model or its graph, or Node.js threads are missing
 * @throws InvalidInteractionsError when no user has both a train item and a negative
 */
export function batchesOf(
  settings: ResolvedTraining,
  rng: Rng,
  drawsByKernels: boolean,
): BatchSource {
  const { model, graphSampling, sampleAhead } = settings
  const batches = {
    graph: model.graph,
    architecture: model.architecture,
    batchSize: settings.batchSize,
    sampling: settings.sampling,
    negativesPerPositive: settings.negativesPerPositive,
    negatives: settings.negatives,
    ...(graphSampling && { graphSampling, propagation: propagationOf(model) }),
  }
  if (!sampleAhead) return batchSource(batches, rng, drawsByKernels ? drawByKernels : undefined)
  if (graphSampling) return new AheadBatches(batches, rng)
  throw new InvalidOptionsError(
    'sampleAhead: got true without graphSampling; there is no sample of the graph to draw ahead.',
  )
}

function propagationOf(model: ResolvedTraining['model']) {
  if (model.sampledPropagation) return model.sampledPropagation()
  throw new InvalidOptionsError(
    `graphSampling: this training of ${model.architecture} propagates over the whole graph; leave it out.`,
  )
}
