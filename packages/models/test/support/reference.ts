import type { Batch } from '@gnnrec/graph'
import { expect } from 'vitest'
import type { GraphModel } from '../../src/index.js'
import { largest, largestDifference } from './compare.js'
import { type EdgeList, entriesOf } from './graphs.js'
import { evaluateLoss, weightValues } from './training.js'

// Forward-only losses in float64, dense and slow, written apart from the sources: what the gradients
// of the models are checked against.

/** Parameters by name, row-major. */
export type Parameters64 = Readonly<Record<string, Float64Array>>

/** Values of all nodes, users first. */
export interface Nodes64 {
  readonly values: Float64Array
  readonly userCount: number
  readonly dim: number
}

/** [users; items] from the two tables of free embeddings. */
export function layerZero64(parameters: Parameters64, userCount: number): Nodes64 {
  const { userEmbeddings = new Float64Array(), itemEmbeddings = new Float64Array() } = parameters
  const values = Float64Array.from([...userEmbeddings, ...itemEmbeddings])
  return { values, userCount, dim: userEmbeddings.length / userCount }
}

/** Â = D^{-1/2} A D^{-1/2}, dense; isolated nodes have zero rows. */
export function symmetricOperator64(list: EdgeList): Float64Array {
  const { users, items } = list
  const nodes = users + items
  const operator = new Float64Array(nodes * nodes)
  for (const [user, item, value] of entriesOf(list)) {
    operator[user * nodes + users + item] = value
    operator[(users + item) * nodes + user] = value
  }
  const degrees = Array.from({ length: nodes }, (_, node) =>
    operator.subarray(node * nodes, (node + 1) * nodes).reduce((sum, value) => sum + value, 0),
  )
  return operator.map((value, place) => {
    const [row, column] = [Math.floor(place / nodes), place % nodes]
    return value === 0
      ? 0
      : value / Math.sqrt((degrees[row] as number) * (degrees[column] as number))
  })
}

/** operator · x. */
export function multiply64(operator: Float64Array, x: Nodes64): Nodes64 {
  const { dim, userCount } = x
  const nodes = x.values.length / dim
  const values = new Float64Array(nodes * dim)
  for (let row = 0; row < nodes; row++) {
    for (let column = 0; column < nodes; column++) {
      const weight = operator[row * nodes + column] as number
      for (let c = 0; c < dim; c++) {
        values[row * dim + c]! += weight * (x.values[column * dim + c] as number)
      }
    }
  }
  return { values, userCount, dim }
}

/** Σ_l weights[l] · operatorˡ · x. */
export function filter64(operator: Float64Array, x: Nodes64, weights: readonly number[]): Nodes64 {
  const sum = new Float64Array(x.values.length)
  let layer = x
  for (const [l, weight] of weights.entries()) {
    if (l > 0) layer = multiply64(operator, layer)
    for (let i = 0; i < sum.length; i++) sum[i]! += weight * (layer.values[i] as number)
  }
  return { ...x, values: sum }
}

/** The score of a user and an item. */
export function score64(nodes: Nodes64, user: number, item: number): number {
  const [left, right] = [row64(nodes, user), row64(nodes, nodes.userCount + item)]
  return left.reduce((sum, value, c) => sum + value * (right[c] as number), 0)
}

/** Mean of softplus(s⁻ - s⁺) over samples and their negatives. */
export function bpr64(nodes: Nodes64, batch: Batch): number {
  const perPositive = batch.negatives.length / batch.users.length
  let sum = 0
  for (const [place, negative] of batch.negatives.entries()) {
    const sample = Math.floor(place / perPositive)
    const [user, positive] = [batch.users[sample] as number, batch.positives[sample] as number]
    sum += softplus64(score64(nodes, user, negative) - score64(nodes, user, positive))
  }
  return sum / batch.negatives.length
}

/** ½/B · Σ ‖row‖² over the rows of a batch, with repetition. */
export function batchL264(layerZero: Nodes64, { users, positives, negatives }: Batch): number {
  const items = [...positives, ...negatives].map((item) => layerZero.userCount + item)
  let sum = 0
  for (const node of [...users, ...items]) {
    for (const value of row64(layerZero, node)) sum += value * value
  }
  return sum / 2 / users.length
}

export function softplus64(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
}

/**
 * Checks the gradient of every parameter, at its present value, against central differences of the
 * reference: an error of at most 2e-4 of the largest gradient.
 */
export async function expectGradients(
  model: GraphModel,
  batch: Batch,
  reference: (parameters: Parameters64) => number,
): Promise<void> {
  const { total, gradients } = evaluateLoss(model, batch)
  const parameters = Object.fromEntries(
    Object.entries(await weightValues(model)).map(([name, v]) => [name, Float64Array.from(v)]),
  )
  const loss = reference(parameters)
  expect(Math.abs(total - loss)).toBeLessThanOrEqual(2e-5 * Math.abs(loss))
  const expected = centralDifferences(reference, parameters)
  const most = Math.max(...Object.values(expected).map(largest))
  expect(most).toBeGreaterThan(0)
  expect(Object.keys(gradients)).toEqual(Object.keys(expected))
  for (const [name, gradient] of Object.entries(gradients)) {
    const error = largestDifference(gradient, expected[name] as Float64Array) / most
    expect(error, `gradient of ${name}`).toBeLessThanOrEqual(2e-4)
  }
}

function centralDifferences(
  loss: (parameters: Parameters64) => number,
  parameters: Parameters64,
): Record<string, Float64Array> {
  const step = 1e-5
  const at = (name: string, index: number, shift: number) => {
    const moved = Float64Array.from(parameters[name] as Float64Array)
    moved[index]! += shift
    return loss({ ...parameters, [name]: moved })
  }
  return Object.fromEntries(
    Object.entries(parameters).map(([name, values]) => [
      name,
      values.map((_, index) => (at(name, index, step) - at(name, index, -step)) / (2 * step)),
    ]),
  )
}

export function row64({ values, dim }: Nodes64, node: number): Float64Array {
  return values.subarray(node * dim, (node + 1) * dim)
}
