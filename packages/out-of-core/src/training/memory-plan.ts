import type { BipartiteGraph } from '@gnnrec/graph'
import { MemoryLimitError } from '../errors.js'
import { type BlockLayout, layoutFor, smallestCapacity } from '../operator/block-layout.js'

/** What a limit of memory is shared out to, in bytes. */
export interface MemoryPlan {
  readonly layout: BlockLayout
  /** For blocks. */
  readonly capacity: number
}

/** What decides how much a step takes besides blocks. */
export interface StepSizes {
  readonly batchSize: number
  /** Items of a sample. */
  readonly itemsPerSample: number
  /** Pairs of rows that the loss looks at besides, of a sample. */
  readonly pairsPerSample: number
  /** Whether the loss compares all samples of a batch with each other. */
  readonly comparesAll: boolean
  readonly embeddingDim: number
}

/** Rows of a batch in tensors: final and regularised, with gradients, sums and copies to read them. */
const rowsPerNode = 10
/** Rows of a further pair: both, with gradients, and its item with the sum of its gradients. */
const rowsPerPair = 6
/** Matrices of batch × batch that a loss within the batch keeps at once. */
const batchMatrices = 5

/**
 * Shares a limit out.
 *
 * @throws MemoryLimitError with the smallest that could be met
 */
export function planMemory(
  { userCount, itemCount, edgeCount }: BipartiteGraph,
  step: StepSizes,
  maxMemory: number,
): MemoryPlan {
  const { batchSize, itemsPerSample, pairsPerSample, comparesAll, embeddingDim } = step
  const nodes = 4 * (userCount + itemCount + 2 * Math.max(userCount, itemCount))
  const rowsPerSample = rowsPerNode * (1 + itemsPerSample) + rowsPerPair * pairsPerSample
  const rows = batchSize * rowsPerSample * embeddingDim * 4
  const matrices = comparesAll ? batchMatrices * 4 * batchSize ** 2 : 0
  const besides = nodes + rows + matrices
  const sizes = { userCount, itemCount, edgeCount, columns: embeddingDim }
  const smallest = besides + smallestCapacity(sizes)
  if (maxMemory < smallest) {
    throw new MemoryLimitError(
      `maxMemory: got ${maxMemory} bytes; the smallest that could do is ${smallest}: ${smallest - besides} for blocks, ${rows + matrices} for a batch of ${batchSize}, ${nodes} for ${userCount + itemCount} nodes. Allow more, or train in smaller batches.`,
      smallest,
    )
  }
  const capacity = Math.min(maxMemory - besides, most(sizes))
  return { layout: layoutFor(sizes, capacity), capacity }
}

/** With so much, everything stays in memory; what is never used is not taken. */
function most({
  userCount,
  itemCount,
  edgeCount,
  columns,
}: Parameters<typeof layoutFor>[0]): number {
  const block = 4 * Math.max(userCount, itemCount) * columns
  return Math.min(3 * 2 ** 30, 2 ** 26 + 60 * block + 16 * edgeCount)
}
