import { type Batch, yieldToEventLoop } from '@gnnrec/graph'
import type { TrainingPort } from '../loop/training-port.js'
import { computeGradients } from '../step/compute-gradients.js'
import { swapped } from './probe-batch.js'

/** The norms of the two parts of a gradient. */
export interface DataGradient {
  /** Norm of the part whose sign changes when positives and negatives exchange their roles. */
  readonly data: number
  /** Norm of the part that does not change, such as that of a regularizer. */
  readonly rest: number
  /** Loss of the batch. */
  readonly loss: number
  /** Loss of the batch with positives and negatives exchanged. */
  readonly swappedLoss: number
}

/**
 * Splits the gradient of a batch into the part that changes when positives and negatives are exchanged, and the
 * rest. Any loss must depend on which items are the positives; a regularizer does not.
 */
export async function measureDataGradient(
  port: TrainingPort,
  batch: Batch,
  signal: AbortSignal,
): Promise<DataGradient> {
  const { gradients: own, loss } = await computeGradients(port, batch, signal)
  try {
    await yieldToEventLoop()
    const { gradients: other, loss: swappedLoss } = await computeGradients(
      port,
      swapped(batch),
      signal,
    )
    try {
      await yieldToEventLoop()
      return {
        data: 0.5 * Math.sqrt(await own.combinedSquares(other, -1)),
        rest: 0.5 * Math.sqrt(await own.combinedSquares(other, 1)),
        loss,
        swappedLoss,
      }
    } finally {
      other.dispose()
    }
  } finally {
    own.dispose()
  }
}

/** Smallest share of the gradient that must depend on the data. */
const smallestShare = 1e-5

/** Returns true when a gradient depends on the data; NaN is reported by the check of every step. */
export function dependsOnData({ data, rest }: DataGradient): boolean {
  return !(data <= smallestShare * rest)
}
