import { OutOfMemoryError } from '@gnnrec/graph'

/** Words of TensorFlow and browsers for too little memory of a device. */
const saysSo = /\bOOM\b|RESOURCE_EXHAUSTED|failed to allocate|[Oo]ut of (?:device |GPU )?memory/

/**
 * Runs a part of a training step.
 *
 * @throws OutOfMemoryError when a backend's own operators fail because the device has too little memory
 */
export async function explainingMemory<Result>(compute: () => Promise<Result>): Promise<Result> {
  try {
    return await compute()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (error instanceof OutOfMemoryError || !saysSo.test(message)) throw error
    throw new OutOfMemoryError(
      `The backend's device has too little memory for a step of this training; the model is as it was before the step. Use smaller batches (accumulateSteps makes up for them) or embeddings, graphSampling, or the backend 'simd'. The backend says: ${message}`,
      { cause: error },
    )
  }
}
