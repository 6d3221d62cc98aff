import { rowCount, type Split } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { estimateTrainingMemory, type TrainingMemory } from '@gnnrec/train'
import * as tf from '@tensorflow/tfjs-core'
import type { ResolvedTrainWithinOptions } from './fit-options.js'

/** Bytes for garbage between collections, compiled code, and lists while ranking. */
const reservedBytes = 60e6
/** Distance in bytes from the limit at which garbage is collected. */
const collectionMargin = 45e6
/** Bytes of an interaction in the lists of each user's items, temporary arrays included. */
const bytesPerInteraction = 16
/** Bytes for the scores of the users that an evaluation ranks at once. */
const scoreBytes = 32e6
/** Bytes of an item for guards: the scores of 32 users. */
const guardBytesPerItem = 128

/** Estimates the resident memory of a training in files without its blocks, the present process included. */
export function besidesBlocks({ split, training }: ResolvedTrainWithinOptions): number {
  const { metrics = [], earlyStopping, guards } = training
  const isJudged = metrics.length > 0 || earlyStopping !== undefined
  return (
    process.memoryUsage.rss() -
    freeKernelMemory() +
    reservedBytes +
    bytesPerInteraction * rowCount(split.train) +
    (isJudged ? scoreBytes : 0) +
    (guards === false ? 0 : guardBytesPerItem * split.train.items.size)
  )
}

/** Computes the kernel memory that was allocated before, is free now, and can be used for blocks. */
function freeKernelMemory(): number {
  if (tf.getBackend() !== 'simd') return 0
  const { memoryBytes, usedBytes } = defaultRuntime().statistics
  return memoryBytes - usedBytes
}

/** Estimates what the training would take in memory; the interactions are there already. */
export function memoryEstimate(options: ResolvedTrainWithinOptions): TrainingMemory {
  const { split, model, folder } = options
  const training = { ...options.training, checkpoint: folder }
  const { parts, peakBytes, kernelBytes } = estimateTrainingMemory({
    graph: countsOf(split),
    model,
    training,
  })
  return {
    parts: { ...parts, interactions: 0 },
    peakBytes: peakBytes - parts.interactions,
    kernelBytes,
  }
}

function countsOf({ train }: Split) {
  return { users: train.users.size, items: train.items.size, edges: rowCount(train) }
}

/**
 * Makes a function to call after every step, which collects garbage when the process is near its limit. By itself V8
 * keeps tens of megabytes of dead arrays, and more on a busy machine.
 */
export async function garbageCollector(limit: number): Promise<() => void> {
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([
    import('node:v8'),
    import('node:vm'),
  ])
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  return () => {
    if (process.memoryUsage.rss() > limit - collectionMargin) collect()
  }
}
