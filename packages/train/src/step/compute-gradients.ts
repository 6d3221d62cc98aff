import type { Batch } from '@gnnrec/graph'
import type { BatchGradients, TrainingPort } from '../loop/training-port.js'
import { explainingMemory } from './out-of-device-memory.js'
import { releaseTape } from './release-tape.js'

/**
 * Computes loss and gradients of a batch.
 *
 * @throws OutOfMemoryError when the backend's device has too little memory
 */
export async function computeGradients(
  port: TrainingPort,
  batch: Batch,
  signal: AbortSignal,
): Promise<BatchGradients> {
  try {
    return await explainingMemory(() => port.computeGradients(batch, signal))
  } catch (error) {
    releaseTape()
    throw error
  }
}
