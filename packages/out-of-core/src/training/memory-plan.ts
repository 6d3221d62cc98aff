import type { BipartiteGraph } from '@gnnrec/graph'
import { MemoryLimitError } from '../errors.js'
import { type BlockLayout, layoutFor, smallestCapacity } from '../operator/block-layout.js'

/** Division of a limit of memory. */
export interface MemoryPlan {
  readonly layout: BlockLayout
  /** Bytes for blocks. */
  readonly capacity: number
}

/** Sizes that decide how much memory a step takes besides blocks. */
export interface StepSizes {
  readonly batchSize: number
  /** Number of items of a sample. */
  readonly itemsPerSample: number
  /** Number of further pairs of rows that the loss of a sample looks at. */
  readonly pairsPerSample: number
  /** True when the loss compares all samples of a batch with each other. */
  readonly comparesAll: boolean
  readonly embeddingDim: number
}

/** Rows of tensors for each node of a batch: final and regularized rows, gradients, sums and copies. */
const rowsPerNode = 10
/** Rows of tensors for each further pair: both rows with gradients, and the sum of gradients of the item. */
const rowsPerPair = 6
/** Number of matrices [batch, batch] that a loss within the batch keeps at once. */
const batchMatrices = 5

/**
 * Divides a limit of memory.
 *
 * @throws MemoryLimitError with the smallest limit that could be met
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

/** Computes the memory with which all blocks stay in memory, so that more would not be used. */
function most({
  userCount,
  itemCount,
  edgeCount,
  columns,
}: Parameters<typeof layoutFor>[0]): number {
  const block = 4 * Math.max(userCount, itemCount) * columns
  return Math.min(3 * 2 ** 30, 2 ** 26 + 60 * block + 16 * edgeCount)
}
