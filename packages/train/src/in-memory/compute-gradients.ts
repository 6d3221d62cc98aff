import type { Batch } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { TensorGradients } from './tensor-gradients.js'

/** Runs the forward and the backward pass of a batch at the present parameters. */
export async function computeGradients(model: GraphModel, batch: Batch) {
  const parameters = model.parameters()
  let terms: Readonly<Record<string, Scalar>> = {}
  let total: Scalar | undefined
  let found: tf.NamedTensorMap
  try {
    const { value, grads } = tf.variableGrads(() => {
      const loss = model.lossTerms(batch, { training: true })
      total = loss.total
      terms = loss.terms
      for (const term of Object.values(terms)) tf.keep(term)
      return loss.total
    }, Object.values(parameters))
    total = value
    found = grads
  } catch (error) {
    tf.dispose([total ?? [], terms])
    throw error
  }
  try {
    const loss = await read(total)
    const lossTerms: Record<string, number> = {}
    for (const [name, term] of Object.entries(terms)) lossTerms[name] = await read(term)
    const tensors: Record<string, Tensor> = {}
    for (const [name, variable] of Object.entries(parameters)) {
      const gradient: Tensor | undefined = found[variable.name]
      if (gradient !== undefined) tensors[name] = gradient
    }
    return { loss, lossTerms, gradients: new TensorGradients(tensors) }
  } finally {
    tf.dispose([total, terms])
  }
}

async function read(scalar: Scalar): Promise<number> {
  return (await scalar.data())[0]
}
