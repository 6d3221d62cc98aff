import type { Batch } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { explainingMemory } from './out-of-device-memory.js'
import { releaseTape } from './release-tape.js'

/** Loss and gradients of one batch, or the means of several, each counted by its samples. */
export interface BatchGradients {
  readonly loss: number
  readonly lossTerms: Readonly<Record<string, number>>
  /** By parameter; those that the loss does not reach are left out. */
  readonly gradients: Record<string, Tensor>
}

/**
 * The forward and backward pass of a batch on the parameters as they stand.
 *
 * @throws OutOfMemoryError when the backend's device has too little memory
 */
export async function batchGradients(model: GraphModel, batch: Batch): Promise<BatchGradients> {
  return explainingMemory(() => computeGradients(model, batch))
}

async function computeGradients(model: GraphModel, batch: Batch): Promise<BatchGradients> {
  const parameters = model.parameters()
  let terms: Readonly<Record<string, Scalar>> = {}
  let total: Scalar | undefined
  let grads: tf.NamedTensorMap
  try {
    const found = tf.variableGrads(() => {
      const loss = model.lossTerms(batch, { training: true })
      total = loss.total
      terms = loss.terms
      for (const term of Object.values(terms)) tf.keep(term)
      return loss.total
    }, Object.values(parameters))
    total = found.value
    grads = found.grads
  } catch (error) {
    tf.dispose([total ?? [], terms])
    releaseTape()
    throw error
  }
  try {
    const loss = await read(total)
    const lossTerms: Record<string, number> = {}
    for (const [name, term] of Object.entries(terms)) lossTerms[name] = await read(term)
    const gradients: Record<string, Tensor> = {}
    for (const [name, variable] of Object.entries(parameters)) {
      const gradient: Tensor | undefined = grads[variable.name]
      if (gradient !== undefined) gradients[name] = gradient
    }
    return { loss, lossTerms, gradients }
  } finally {
    tf.dispose([total, terms])
  }
}

async function read(scalar: Scalar): Promise<number> {
  return (await scalar.data())[0]
}

/** Adds `share` times what a batch gave to a sum, and disposes of its gradients. */
export function addBatch(
  sum: BatchGradients | undefined,
  batch: BatchGradients,
  share: number,
): BatchGradients {
  const lossTerms: Record<string, number> = { ...sum?.lossTerms }
  for (const [name, value] of Object.entries(batch.lossTerms)) {
    lossTerms[name] = (lossTerms[name] ?? 0) + share * value
  }
  const gradients = sum?.gradients ?? {}
  for (const [name, gradient] of Object.entries(batch.gradients)) {
    const before: Tensor | undefined = gradients[name]
    gradients[name] = tf.tidy(() => {
      const scaled = tf.mul(gradient, share)
      return before ? tf.add(before, scaled) : scaled
    })
    tf.dispose(before ? [gradient, before] : [gradient])
  }
  return { loss: (sum?.loss ?? 0) + share * batch.loss, lossTerms, gradients }
}
