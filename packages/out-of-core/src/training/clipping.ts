import * as tf from '@tensorflow/tfjs-core'
import type { BlockCache } from '../cache/block-cache.js'
import { sides } from '../operator/sides.js'
import { type Gradients, squaredNorms } from './gradients.js'

/**
 * Brings every number of the gradients into -limit..limit, in place; tensors are replaced in their record.
 *
 * @returns whether one was outside
 */
export async function clipGradients(
  cache: BlockCache,
  found: Gradients,
  limit: number,
): Promise<boolean> {
  const before = await normOf(cache, found)
  for (const side of sides) {
    const table = found.tables[side]
    for (let block = 0; block < table.blockCount; block++) {
      table.withValues(block, 'change', (values) => clip(values, limit))
    }
  }
  for (const [name, gradient] of Object.entries(found.gradients)) {
    found.gradients[name] = tf.clipByValue(gradient, -limit, limit)
    gradient.dispose()
  }
  return (await normOf(cache, found)) < before
}

/** NaN stays, for the check of the norm to find. */
function clip(values: Float32Array, limit: number): void {
  for (let at = 0; at < values.length; at++) {
    const value = values[at]
    if (value > limit) values[at] = limit
    else if (value < -limit) values[at] = -limit
  }
}

async function normOf(cache: BlockCache, found: Gradients): Promise<number> {
  const squares = await squaredNorms(cache, found)
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0))
}
