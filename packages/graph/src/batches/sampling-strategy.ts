import * as z from 'zod/mini'
import { InvalidOptionsError } from '../errors.js'
import type { BipartiteGraph } from '../matrices/bipartite-graph.js'

/** The names of all {@link SamplingStrategy | strategies}, for schemas of options. */
export const samplingStrategies = [
  'user-uniform',
  'interaction-shuffle',
  'interaction-weighted',
] as const

/** The way an epoch chooses pairs of users and items, as `BatchIterator` describes. */
export type SamplingStrategy = (typeof samplingStrategies)[number]

export const samplingStrategySchema = z._default(z.enum(samplingStrategies), 'user-uniform')

/** @throws InvalidOptionsError when a strategy needs weights that a graph lacks */
export function checkStrategy(
  owner: string,
  strategy: SamplingStrategy,
  { isWeighted }: BipartiteGraph,
): void {
  if (strategy !== 'interaction-weighted' || isWeighted) return
  throw new InvalidOptionsError(
    `${owner}: strategy: got 'interaction-weighted' for a graph without weights; make it with BipartiteGraph.fromInteractions(table, { weights: 'counts' }), or draw pairs by 'interaction-shuffle'.`,
  )
}
