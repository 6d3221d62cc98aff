import type { GraphSamplingSettings } from '../batches/graph-sampling-options.js'
import { defaultTraining, type TrainingLoopOptions } from '../options/training-loop-options.js'
import type { GraphCounts } from './graph-counts.js'

/** Returns an upper bound of the share of all nodes that a step propagates over; 1 without `graphSampling`. */
export function sampledShare(
  {
    graphSampling,
    batchSize = defaultTraining.batchSize,
    negativesPerPositive = defaultTraining.negativesPerPositive,
  }: Pick<TrainingLoopOptions, 'graphSampling' | 'batchSize' | 'negativesPerPositive'>,
  { users, items }: GraphCounts,
): number {
  if (graphSampling === undefined) return 1
  const batchNodes = batchSize * (2 + negativesPerPositive)
  return Math.min(1, sampledNodes(graphSampling, batchNodes, users + items) / (users + items))
}

function sampledNodes(
  settings: GraphSamplingSettings,
  batchNodes: number,
  allNodes: number,
): number {
  switch (settings.method) {
    case 'neighbours':
      return reachedNodes(settings.fanOuts, batchNodes)
    case 'walk-neighbours':
      return reachedNodes(settings.neighbours, batchNodes)
    case 'layers':
      return batchNodes + 2 * settings.layerSizes.reduce((total, size) => total + size, 0)
    case 'clusters':
      return (allNodes * settings.clustersPerStep) / settings.clusters
    case 'walk-subgraphs':
      return settings.roots * (1 + (settings.walkLength ?? 2))
  }
}

function reachedNodes(fanOuts: readonly (number | 'all')[], batchNodes: number): number {
  let last = batchNodes
  let all = batchNodes
  for (const fanOut of fanOuts) {
    last *= fanOut === 'all' ? Number.POSITIVE_INFINITY : fanOut
    all += last
  }
  return all
}
