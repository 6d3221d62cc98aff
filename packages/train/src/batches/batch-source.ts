import {
  BatchIterator,
  type BipartiteGraph,
  type EpochBatch,
  InvalidOptionsError,
  type Rng,
  samplers,
} from '@gnnrec/graph'
import type { SampledPropagation } from '@gnnrec/models'
import type { drawByKernels } from '@gnnrec/ops'
import type { ResolvedTraining } from '../options/training-loop-options.js'
import type { ResolvedGraphSampling } from './graph-sampling-options.js'
import { otherItemsOf } from './other-items.js'

/** A source of the batches of a training. Any batch can be made without those before it. */
export interface BatchSource {
  /** Number of batches of an epoch. */
  readonly stepsPerEpoch: number
  /** Number of draws that were skipped so far. */
  readonly skippedDraws: number
  /** Yields the batches of an epoch from a step on. */
  epoch(
    epoch: number,
    options: { startStep: number },
  ): Iterable<EpochBatch> | AsyncIterable<EpochBatch>
  /** Does the work that the first batch needs. */
  prepare?(options: { readonly signal: AbortSignal }): Promise<void>
  /** Ends threads and frees memory. */
  close?(): Promise<void>
}

/** The data that batches are drawn from and the way to draw them; plain data except for the graph. */
export interface BatchSettings
  extends Pick<
    ResolvedTraining,
    'batchSize' | 'sampling' | 'negativesPerPositive' | 'negatives' | 'graphSampling'
  > {
  readonly graph: BipartiteGraph
  /** Propagation of the model; needed with `graphSampling`. */
  readonly propagation?: SampledPropagation | undefined
  /** Name of the model class, for error messages. */
  readonly architecture: string
}

/**
 * Makes the batches of a graph, each with a part of the graph to propagate over if the settings say so.
 *
 * @param byKernels - `drawByKernels`; left out by threads, which have no backend
 * @throws InvalidOptionsError when the settings do not fit the model or the graph
 * @throws InvalidInteractionsError when no user has both a train item and a negative
 */
export function batchSource(
  settings: BatchSettings,
  rng: Rng,
  byKernels?: typeof drawByKernels,
): BatchSource {
  const { graph, batchSize, sampling, negativesPerPositive, negatives, propagation } = settings
  const batches = new BatchIterator(graph, {
    batchSize,
    strategy: sampling,
    negativesPerPositive,
    negatives,
    rng,
  })
  const draws = byKernels?.(batches)
  const closing = draws && { close: async () => draws.release() }
  if (!settings.graphSampling || !propagation) return Object.assign(batches, closing)
  const parts = { ...settings, graphSampling: settings.graphSampling, propagation }
  const stream = rng.fork('graph')
  const around = aroundSampler(parts, stream)
  if (around) {
    const { usesNegatives } = propagation
    const otherItems = otherItemsOf(propagation)
    const options = { sampler: around, usesNegatives, ...(otherItems && { otherItems }) }
    return Object.assign(new samplers.AroundBatches(batches, options), closing)
  }
  const sampler = subgraphSampler(parts, stream)
  const source = new samplers.SubgraphBatches(graph, {
    sampler,
    batchSize,
    strategy: sampling,
    negativesPerPositive,
    negatives,
    rng: stream,
  })
  return Object.assign(source, { prepare: sampler.prepare.bind(sampler) })
}

interface SampledSettings extends BatchSettings {
  readonly graphSampling: ResolvedGraphSampling
  readonly propagation: SampledPropagation
}

/** Makes the sampler of the graph around a batch; returns undefined for methods that draw subgraphs. */
function aroundSampler(
  { graph, architecture, graphSampling: settings, propagation }: SampledSettings,
  rng: Rng,
): samplers.AroundSampler | undefined {
  const { steps, regularization } = propagation
  const checkHops = (option: string, hops: readonly unknown[]) => {
    if (hops.length === steps) return
    throw new InvalidOptionsError(
      `graphSampling.${option}: got ${hops.length}; expected ${steps}, one for each propagation step of ${architecture}, the hop next to the batch first.`,
    )
  }
  const common = { regularization, rng }
  switch (settings.method) {
    case 'neighbours': {
      const { fanOuts } = settings
      checkHops('fanOuts', fanOuts)
      return new samplers.NeighbourSampler(graph, { ...common, fanOuts })
    }
    case 'layers': {
      const { layerSizes } = settings
      checkHops('layerSizes', layerSizes)
      return new samplers.LayerSampler(graph, { ...common, layerSizes })
    }
    case 'walk-neighbours': {
      const { method: _, ...options } = settings
      checkHops('neighbours', options.neighbours)
      return new samplers.WalkNeighbourSampler(graph, { ...common, ...options })
    }
    default:
      return undefined
  }
}

function subgraphSampler(
  { graph, graphSampling: settings, propagation }: SampledSettings,
  rng: Rng,
): samplers.SubgraphSampler {
  const { steps, regularization } = propagation
  const common = { steps, regularization, rng }
  switch (settings.method) {
    case 'clusters': {
      const { clusters, clustersPerStep } = settings
      return new samplers.ClusterSampler(graph, { ...common, clusters, clustersPerStep })
    }
    case 'walk-subgraphs': {
      const { roots, walkLength, countedSubgraphs } = settings
      return new samplers.WalkSubgraphSampler(graph, {
        ...common,
        roots,
        walkLength,
        countedSubgraphs,
      })
    }
    default:
      throw new Error(`${settings.method} draws no subgraphs.`)
  }
}
