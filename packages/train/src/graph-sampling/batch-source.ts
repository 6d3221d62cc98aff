import {
  AroundBatches,
  type AroundSampler,
  BatchIterator,
  ClusterSampler,
  type EpochBatch,
  InvalidOptionsError,
  LayerSampler,
  NeighbourSampler,
  type Rng,
  SubgraphBatches,
  type SubgraphSampler,
  WalkNeighbourSampler,
  WalkSubgraphSampler,
} from '@gnnrec/graph'
import type { GraphModel, SampledPropagation } from '@gnnrec/models'
import type { ResolvedTrainerOptions } from '../trainer-options.js'
import type { ResolvedGraphSampling } from './graph-sampling-options.js'

/** Where a training has its batches from; any batch can be made without those before it. */
export interface BatchSource {
  /** Batches of an epoch. */
  readonly stepsPerEpoch: number
  /** Draws that were skipped so far. */
  readonly skippedDraws: number
  epoch(epoch: number, options: { startStep: number }): Iterable<EpochBatch>
  /** Computes what is needed before the first batch. */
  prepare?(options: { readonly signal: AbortSignal }): Promise<void>
}

/**
 * Batches of the model's graph, with a part of it to propagate over if the settings say so.
 *
 * @throws SampledGraphUnsupportedError when the model needs the whole graph
 * @throws InvalidOptionsError when the settings do not fit the model or its graph
 * @throws InvalidInteractionsError when no user has both a train item and a negative
 */
export function batchSource(settings: ResolvedTrainerOptions, rng: Rng): BatchSource {
  const { model, batchSize, sampling, negativesPerPositive, negatives, graphSampling } = settings
  const batches = new BatchIterator(model.graph, {
    ...{ batchSize, strategy: sampling, negativesPerPositive, negatives, rng },
  })
  if (!graphSampling) return batches
  const propagation = model.sampledPropagation()
  const stream = rng.fork('graph')
  const around = aroundSampler(model, graphSampling, propagation, stream)
  if (around) {
    const { usesNegatives } = propagation
    return new AroundBatches(batches, { sampler: around, usesNegatives })
  }
  const sampler = subgraphSampler(model, graphSampling, propagation, stream)
  const source = new SubgraphBatches(model.graph, {
    ...{ sampler, batchSize, strategy: sampling, negativesPerPositive, negatives, rng: stream },
  })
  return Object.assign(source, { prepare: sampler.prepare.bind(sampler) })
}

/** The sampler of the graph around a batch; undefined for methods that draw subgraphs. */
function aroundSampler(
  model: GraphModel,
  settings: ResolvedGraphSampling,
  { steps, regularization }: SampledPropagation,
  rng: Rng,
): AroundSampler | undefined {
  const checkHops = (option: string, hops: readonly unknown[]) => {
    if (hops.length === steps) return
    throw new InvalidOptionsError(
      `graphSampling.${option}: got ${hops.length}; expected ${steps}, one for each propagation step of ${model.architecture}, the hop next to the batch first.`,
    )
  }
  const { graph } = model
  const common = { regularization, rng }
  switch (settings.method) {
    case 'neighbours': {
      const { fanOuts } = settings
      checkHops('fanOuts', fanOuts)
      return new NeighbourSampler(graph, { ...common, fanOuts })
    }
    case 'layers': {
      const { layerSizes } = settings
      checkHops('layerSizes', layerSizes)
      return new LayerSampler(graph, { ...common, layerSizes })
    }
    case 'walk-neighbours': {
      const { method: _, ...options } = settings
      checkHops('neighbours', options.neighbours)
      return new WalkNeighbourSampler(graph, { ...common, ...options })
    }
    default:
      return undefined
  }
}

function subgraphSampler(
  { graph }: GraphModel,
  settings: ResolvedGraphSampling,
  { steps, regularization }: SampledPropagation,
  rng: Rng,
): SubgraphSampler {
  const common = { steps, regularization, rng }
  switch (settings.method) {
    case 'clusters': {
      const { clusters, clustersPerStep } = settings
      return new ClusterSampler(graph, { ...common, clusters, clustersPerStep })
    }
    case 'walk-subgraphs': {
      const { roots, walkLength, countedSubgraphs } = settings
      return new WalkSubgraphSampler(graph, { ...common, roots, walkLength, countedSubgraphs })
    }
    default:
      throw new Error(`${settings.method} draws no subgraphs.`)
  }
}
