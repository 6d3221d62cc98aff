import type { GraphModel } from '@gnnrec/models'
import type { Tensor } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

/**
 * Names the first tensor with a NaN or an infinity in the order in which a step computes them:
 * parameters, layers, final embeddings, parts of the loss, gradients.
 */
export async function nameFirstNonFinite(
  model: GraphModel,
  lossTerms: Readonly<Record<string, number>>,
  gradients: Readonly<Record<string, Tensor>>,
): Promise<string> {
  for (const [name, parameter] of Object.entries(model.parameters())) {
    if (await isBad(parameter)) return `the parameter '${name}'`
  }
  const layers = tf.tidy(() => model.layerOutputs())
  const final = tf.tidy(() => model.forward())
  try {
    for (const [layer, { users, items }] of layers.entries()) {
      if (await isBad(users)) return `layer ${layer} of the users`
      if (await isBad(items)) return `layer ${layer} of the items`
    }
    if (await isBad(final.users)) return 'the final embeddings of the users'
    if (await isBad(final.items)) return 'the final embeddings of the items'
  } finally {
    tf.dispose([layers, final])
  }
  for (const [name, value] of Object.entries(lossTerms)) {
    if (!Number.isFinite(value)) return `the loss term '${name}'`
  }
  for (const [name, gradient] of Object.entries(gradients)) {
    if (await isBad(gradient)) return `the gradient of '${name}'`
  }
  return 'the weighted sum of the loss terms'
}

async function isBad(tensor: Tensor): Promise<boolean> {
  return !(await tensor.data<'float32'>()).every(Number.isFinite)
}
