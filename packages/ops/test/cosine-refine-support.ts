import * as tf from '@tensorflow/tfjs-core'
import type { BipartiteOperator, NodeTensors } from '../src/index.js'
import { type Dense, product, randomDense, randomSparse, toTensor } from './support.js'

export const userCount = 7
export const itemCount = 5

export interface Blocks {
  readonly operator: BipartiteOperator
  readonly toUsers: Dense
  readonly toItems: Dense
}

/** Blocks with nothing in common but their shape; user 1 and item 1 have no entries. */
export function asymmetric(): Blocks {
  const toUsers = randomSparse('to users', userCount, itemCount, 0.6)
  const toItems = randomSparse('to items', itemCount, userCount, 0.6)
  return {
    operator: { toUsers: toUsers.matrix, toItems: toItems.matrix },
    toUsers: toUsers.dense,
    toItems: toItems.dense,
  }
}

export interface Nodes {
  readonly users: Dense
  readonly items: Dense
}

/** The sum of layers 1..layers in float64. */
export function reference({ toUsers, toItems }: Blocks, e: Nodes, layers: number): Nodes {
  let x = e
  const sum = { users: e.users.map(zeros), items: e.items.map(zeros) }
  for (let layer = 0; layer < layers; layer++) {
    x = {
      users: refine(product(toUsers, x.items), e.users),
      items: refine(product(toItems, x.users), e.items),
    }
    for (const side of ['users', 'items'] as const) {
      x[side].forEach((row, r) => {
        row.forEach((value, c) => {
          sum[side][r][c] += value
        })
      })
    }
  }
  return sum
}

export const zeros = (row: number[]) => row.map(() => 0)

function refine(products: Dense, e: Dense): Dense {
  return products.map((y, r) => {
    const dot = (a: number[], b: number[]) => a.reduce((sum, value, c) => sum + value * b[c], 0)
    const norms = Math.sqrt(dot(y, y) * dot(e[r], e[r]))
    return y.map((value) => (value * dot(y, e[r])) / Math.max(norms, 1e-8))
  })
}

export const random = (name: string, dim: number): Nodes => ({
  users: randomDense(`${name} users`, userCount, dim),
  items: randomDense(`${name} items`, itemCount, dim),
})

export const tensors = ({ users, items }: Nodes): NodeTensors => ({
  users: toTensor(users),
  items: toTensor(items),
})

export const sigmoid = (x: Dense) => x.map((row) => row.map((value) => 1 / (1 + Math.exp(-value))))

/** Σ weight · σ(output), whose gradient with respect to the output is the same in no two places. */
export function loss(out: NodeTensors, weights: Nodes): tf.Scalar {
  return tf.add(
    tf.sum(tf.mul(toTensor(weights.users), tf.sigmoid(out.users))),
    tf.sum(tf.mul(toTensor(weights.items), tf.sigmoid(out.items))),
  )
}

export function gradients(
  e: Nodes,
  weights: Nodes,
  compute: (x: NodeTensors) => NodeTensors,
): [tf.Tensor, tf.Tensor] {
  const both = tf.grads((users, items) =>
    loss(compute({ users: users as tf.Tensor2D, items: items as tf.Tensor2D }), weights),
  )
  const { users, items } = tensors(e)
  return both([users, items]) as [tf.Tensor, tf.Tensor]
}
