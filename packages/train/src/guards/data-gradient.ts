import { type Batch, yieldToEventLoop } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import { globalNorm } from '@gnnrec/ops'
import type { Tensor } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { batchGradients } from '../step/batch-gradients.js'
import { swapped } from './probe-batch.js'

/** The norms of the two parts of a gradient. */
export interface DataGradient {
  /** Norm of the part whose sign changes when positives and negatives exchange their roles. */
  readonly data: number
  /** Norm of the part that does not change, such as that of a regularizer. */
  readonly rest: number
}

/**
 * Splits the gradient of a batch into the part that changes when positives and negatives are exchanged, and the
 * rest. Any loss must depend on which items are the positives; a regularizer does not.
 */
export async function measureDataGradient(model: GraphModel, batch: Batch): Promise<DataGradient> {
  const { gradients: own } = await batchGradients(model, batch)
  try {
    await yieldToEventLoop()
    const { gradients: other } = await batchGradients(model, swapped(batch))
    try {
      await yieldToEventLoop()
      return {
        data: 0.5 * (await normOf(own, other, (a, b) => tf.sub(a, b))),
        rest: 0.5 * (await normOf(own, other, (a, b) => tf.add(a, b))),
      }
    } finally {
      tf.dispose(other)
    }
  } finally {
    tf.dispose(own)
  }
}

type Gradients = Readonly<Record<string, Tensor>>

async function normOf(
  own: Gradients,
  other: Gradients,
  combine: (a: Tensor, b: Tensor) => Tensor,
): Promise<number> {
  let squares = 0
  for (const name of new Set([...Object.keys(own), ...Object.keys(other)])) {
    const [a, b]: (Tensor | undefined)[] = [own[name], other[name]]
    // A parameter that the loss does not depend on has no gradient.
    squares += tf.tidy(() => globalNorm([a && b ? combine(a, b) : ((a ?? b) as Tensor)]) ** 2)
    await yieldToEventLoop()
  }
  return Math.sqrt(squares)
}
