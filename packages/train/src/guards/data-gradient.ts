import { type Batch, yieldToEventLoop } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import { globalNorm } from '@gnnrec/ops'
import type { Tensor } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { batchGradients } from '../step/batch-gradients.js'
import { swapped } from './probe-batch.js'

/** Norms of the two parts of a gradient. */
export interface DataGradient {
  /** Of the part that turns round when positives and negatives exchange their roles. */
  readonly data: number
  /** Of the part that stays, such as that of a regulariser. */
  readonly rest: number
}

/**
 * Splits the gradient of a batch by what an exchange of positives and negatives does to it. Whatever
 * the loss, it must depend on which items are the positives; a regulariser does not.
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
    // A loss that does not reach a parameter has no gradient for it.
    squares += tf.tidy(() => globalNorm([a && b ? combine(a, b) : ((a ?? b) as Tensor)]) ** 2)
    await yieldToEventLoop()
  }
  return Math.sqrt(squares)
}
