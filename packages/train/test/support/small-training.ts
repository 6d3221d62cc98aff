import { BipartiteGraph } from '@gnnrec/graph'
import { BprMf, LightGcn } from '@gnnrec/models'
import type { TrainerOptions } from '../../src/index.js'
import { randomSplit } from './splits.js'

/** A split on which an epoch of {@link smallOptions} has 4 steps. */
export const smallSplit = randomSplit({ seed: 5, users: 40, items: 30, perUser: 5 })
const smallGraph = BipartiteGraph.fromInteractions(smallSplit.train)

/** A model that draws in every step. */
export function smallModel(): LightGcn {
  return new LightGcn(smallGraph, { embeddingDim: 8, layers: 1, edgeDropout: 0.2 })
}

/** A model of another architecture. */
export function otherModel(): BprMf {
  return new BprMf(smallGraph, { embeddingDim: 8 })
}

export const smallOptions = {
  split: smallSplit,
  epochs: 3,
  batchSize: 60,
  learningRate: 0.01,
  sampling: 'user-uniform',
  metrics: ['ndcg@5'],
  handleInterrupt: false,
  progress: 'none',
} as const satisfies Omit<TrainerOptions, 'model'>
