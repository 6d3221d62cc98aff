import * as tf from '@tensorflow/tfjs-core'
import type { GraphModel } from '../graph-model.js'
import { check, checkFinite } from './check.js'
import { itemCount, userCount } from './test-graph.js'
import { batchesOf, lossOf, train, variablesOf } from './train-steps.js'

export async function checkShapes(model: GraphModel): Promise<void> {
  const all = tf.tidy(() => [model.forward(), ...model.layerOutputs()])
  for (const [at, { users, items }] of all.entries()) {
    const what = at === 0 ? 'forward()' : `layer ${at - 1}`
    const shapes = `${what}: got users [${users.shape}] and items [${items.shape}]`
    check(users.shape[0] === userCount && items.shape[0] === itemCount, shapes)
    check(users.shape[1] === items.shape[1], shapes)
    checkFinite(users.dataSync(), `${what} of users`)
    checkFinite(items.dataSync(), `${what} of items`)
  }
  check(all.length > 1, 'layerOutputs() gives no layer')
  tf.dispose(all.flatMap(({ users, items }) => [users, items]))
}

export async function checkDescription(model: GraphModel): Promise<void> {
  const described = model.describe()
  const parameters = Object.entries(model.parameters())
  const count = parameters.reduce((sum, [, { size }]) => sum + size, 0)
  check(
    described.parameterCount === count && described.parameterBytes === 4 * count,
    `describe() says ${described.parameterCount} parameters; there are ${count}`,
  )
  for (const [name, { shape }] of parameters) {
    const found = described.tensors.find((tensor) => tensor.name === name)?.shape
    check(String(found) === String(shape), `describe() says [${found}] of ${name}, not [${shape}]`)
  }
}

export async function checkLoss(model: GraphModel): Promise<void> {
  if (variablesOf(model).length === 0) return
  const [batch] = batchesOf(model, 1)
  const { total, terms } = model.lossTerms(batch, { training: false })
  const parts = Object.values(terms)
  checkFinite(
    [total, ...parts].map((scalar) => scalar.dataSync()[0]),
    'loss',
  )
  check(total.size === 1 && parts.length > 0, 'lossTerms() gives no scalar and terms')
  const [inTerms, alone] = [total.dataSync()[0], lossOf(model, batch)]
  check(inTerms === alone, `lossTerms() gives ${inTerms}, loss() ${alone}`)
  tf.dispose([total, ...parts])
}

/** Compares the gradient's norm with the slope of the loss along the gradient. */
export async function checkGradient(model: GraphModel): Promise<void> {
  const variables = variablesOf(model)
  if (variables.length === 0) return
  train(model, 5)
  const [batch] = batchesOf(model, 1)
  const { value, grads } = tf.variableGrads(() => model.loss(batch, { training: false }), variables)
  const norm = Math.sqrt(
    Object.values(grads).reduce(
      (sum, gradient) => sum + tf.tidy(() => tf.sum(tf.square(gradient)).dataSync()[0]),
      0,
    ),
  )
  check(norm > 0, 'the gradient is zero')
  const move = (distance: number) => {
    for (const variable of variables) {
      const gradient = grads[variable.name]
      if (!gradient) continue
      tf.tidy(() => variable.assign(tf.add(variable, tf.mul(gradient, distance / norm))))
    }
  }
  const distance = 0.02
  move(distance)
  const above = lossOf(model, batch)
  move(-2 * distance)
  const below = lossOf(model, batch)
  const slope = (above - below) / (2 * distance)
  tf.dispose([value, ...Object.values(grads)])
  check(
    Math.abs(slope - norm) < 0.02 * norm + 1e-4,
    `the loss rises by ${slope} along the gradient, whose norm is ${norm}`,
  )
}
