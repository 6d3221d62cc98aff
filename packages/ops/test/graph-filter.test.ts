import { InvalidOptionsError, ShapeMismatchError } from '@gnnrec/graph'
import { defaultRuntime, KernelRuntime } from '@gnnrec/graph/kernels'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it, vi } from 'vitest'
import { type BipartiteOperator, graphFilter, type NodeTensors, spmm } from '../src/index.js'
import {
  activateBackend,
  describeEachBackend,
  expectNoLeak,
  memoryInUse,
} from './support/describe-each-backend.js'
import {
  type Dense,
  differences,
  expectClose,
  inner,
  product,
  randomDense,
  randomSparse,
  toDense,
  toTensor,
} from './support.js'

const [userTotal, itemTotal, dims] = [7, 5, 4]

interface Operator {
  readonly operator: BipartiteOperator
  readonly toUsers: Dense
  readonly toItems: Dense
}

/** Blocks with nothing in common but their shape. */
function asymmetric(): Operator {
  const [toUsers, toItems] = [
    randomSparse('to users', userTotal, itemTotal, 0.6),
    randomSparse('to items', itemTotal, userTotal, 0.6),
  ]
  return {
    operator: { toUsers: toUsers.matrix, toItems: toItems.matrix },
    toUsers: toUsers.dense,
    toItems: toItems.dense,
  }
}

/** Σ_l weights[l] · Âˡ · [users; items] in float64. */
function reference(
  { toUsers, toItems }: Operator,
  users: Dense,
  items: Dense,
  weights: readonly number[],
) {
  const scaled = (x: Dense, weight: number) => x.map((row) => row.map((value) => weight * value))
  const plus = (a: Dense, b: Dense) => a.map((row, r) => row.map((value, c) => value + b[r][c]))
  let layer = { users, items }
  let sum = { users: scaled(users, weights[0]), items: scaled(items, weights[0]) }
  for (const weight of weights.slice(1)) {
    layer = { users: product(toUsers, layer.items), items: product(toItems, layer.users) }
    sum = {
      users: plus(sum.users, scaled(layer.users, weight)),
      items: plus(sum.items, scaled(layer.items, weight)),
    }
  }
  return sum
}

const layerWeights: number[][] = [
  [0.5, 0.5],
  [0, 1],
  [0.25, -0.5, 2],
  [0.25, 0.25, 0.25, 0.25],
  [1, 0.5, 0.25, 0.125, 0.0625],
  [0, 0, 0, 0, 1],
]

describeEachBackend('graphFilter', () => {
  const subject = asymmetric()
  const { operator } = subject
  const users = randomDense('users', userTotal, dims)
  const items = randomDense('items', itemTotal, dims)

  describe.each(layerWeights.map((weights) => [weights]))('with weights %j', (weights) => {
    it('is the weighted sum of the layers', () => {
      tf.tidy(() => {
        const out = graphFilter(
          operator,
          { users: toTensor(users), items: toTensor(items) },
          weights,
        )
        const expected = reference(subject, users, items, weights)
        expectClose(out.users, expected.users, 1e-5)
        expectClose(out.items, expected.items, 1e-5)
      })
    })

    it('equals the sum written out with spmm, in values and gradients', () => {
      const dense = {
        users: randomDense('du', userTotal, dims),
        items: randomDense('di', itemTotal, dims),
      }
      const loss = (out: { users: tf.Tensor; items: tf.Tensor }) =>
        tf.add(
          tf.sum(tf.mul(toTensor(dense.users), tf.square(out.users))),
          tf.sum(tf.mul(toTensor(dense.items), tf.square(out.items))),
        )
      const layered = (u: tf.Tensor, i: tf.Tensor) => {
        let [layerUsers, layerItems] = [u as tf.Tensor2D, i as tf.Tensor2D]
        let [sumUsers, sumItems] = [tf.mul(u, weights[0]), tf.mul(i, weights[0])]
        for (const weight of weights.slice(1)) {
          ;[layerUsers, layerItems] = [
            spmm(operator.toUsers, layerItems),
            spmm(operator.toItems, layerUsers),
          ]
          sumUsers = tf.add(sumUsers, tf.mul(layerUsers, weight))
          sumItems = tf.add(sumItems, tf.mul(layerItems, weight))
        }
        return { users: sumUsers, items: sumItems }
      }
      const filtered = (u: tf.Tensor, i: tf.Tensor) =>
        graphFilter(operator, { users: u as tf.Tensor2D, items: i as tf.Tensor2D }, weights)
      tf.tidy(() => {
        const inputs = [toTensor(users), toTensor(items)]
        const fast = tf.grads((u, i) => loss(filtered(u, i)))(inputs)
        const slow = tf.grads((u, i) => loss(layered(u, i)))(inputs)
        expectClose(fast[0], toDense(slow[0]), 1e-5)
        expectClose(fast[1], toDense(slow[1]), 1e-5)
      })
    })

    it('has the transposed operator as its adjoint', () => {
      const y = {
        users: randomDense('yu', userTotal, dims),
        items: randomDense('yi', itemTotal, dims),
      }
      const adjoint = {
        toUsers: operator.toItems.transpose(),
        toItems: operator.toUsers.transpose(),
      }
      tf.tidy(() => {
        const x = { users: toTensor(users), items: toTensor(items) }
        const forward = graphFilter(operator, x, weights)
        const backward = graphFilter(
          adjoint,
          { users: toTensor(y.users), items: toTensor(y.items) },
          weights,
        )
        const left = inner(toDense(forward.users), y.users) + inner(toDense(forward.items), y.items)
        const right = inner(users, toDense(backward.users)) + inner(items, toDense(backward.items))
        expect(Math.abs(left - right)).toBeLessThan(1e-5 * (1 + Math.abs(left)))
      })
    })

    it('has the gradient of central differences in float64', () => {
      const c = {
        users: randomDense('cu', userTotal, dims),
        items: randomDense('ci', itemTotal, dims),
      }
      const sigmoid = (x: Dense) => x.map((row) => row.map((value) => 1 / (1 + Math.exp(-value))))
      const plainLoss = () => {
        const out = reference(subject, users, items, weights)
        return inner(c.users, sigmoid(out.users)) + inner(c.items, sigmoid(out.items))
      }
      const expected = [differences(users, plainLoss), differences(items, plainLoss)]
      tf.tidy(() => {
        const [dUsers, dItems] = tf.grads((u, i) => {
          const x = { users: u as tf.Tensor2D, items: i as tf.Tensor2D }
          const out = graphFilter(operator, x, weights)
          return tf.add(
            tf.sum(tf.mul(toTensor(c.users), tf.sigmoid(out.users))),
            tf.sum(tf.mul(toTensor(c.items), tf.sigmoid(out.items))),
          )
        })([toTensor(users), toTensor(items)])
        expectClose(dUsers, expected[0], 2e-4)
        expectClose(dItems, expected[1], 2e-4)
      })
    })
  })

  const weights = [0.25, 0.25, 0.25, 0.25]

  it.each(['users', 'items'] as const)('gives the gradient where only %s are trained', (side) => {
    const start = { users: toTensor(users), items: toTensor(items) }
    const loss = (x: typeof start) => {
      const out = graphFilter(operator, x, weights)
      return tf.add(tf.sum(tf.square(out.users)), tf.sum(tf.square(out.items)))
    }
    const alone = () =>
      tf.tidy(() => tf.grad((own) => loss({ ...start, [side]: own as tf.Tensor2D }))(start[side]))
    const together = () =>
      tf.grads((u, i) => loss({ users: u as tf.Tensor2D, items: i as tf.Tensor2D }))([
        start.users,
        start.items,
      ])
    // The first time, the inputs move to kernel memory.
    tf.dispose(together())
    const before = memoryInUse()
    const both = together()
    const own = alone()
    expect(own.dataSync()).toEqual(both[side === 'users' ? 0 : 1].dataSync())
    tf.dispose([...both, own])
    // The gradient of the other side waits for a claim that never comes, until the next one.
    const waiting = memoryInUse()
    expect(waiting.tensors).toBe(before.tensors + 1)
    for (let i = 0; i < 5; i++) alone().dispose()
    expect(memoryInUse()).toEqual(waiting)
    tf.dispose(together())
    expect(memoryInUse()).toEqual(before)
    tf.dispose([start.users, start.items])
  })

  it('serves two filters in one loss, the second on the output of the first', () => {
    const inputs = [toTensor(users), toTensor(items)]
    const gradient = () =>
      tf.grads((u, i) => {
        const x = { users: u as tf.Tensor2D, items: i as tf.Tensor2D }
        const first = graphFilter(operator, x, [0.5, 0.5])
        const second = graphFilter(operator, first, [0.5, 0, 0.5])
        return tf.add(tf.sum(tf.square(second.users)), tf.sum(first.items))
      })(inputs)
    expectNoLeak(() => tf.dispose(gradient()))
    const plainLoss = () => {
      const first = reference(subject, users, items, [0.5, 0.5])
      const second = reference(subject, first.users, first.items, [0.5, 0, 0.5])
      return inner(second.users, second.users) + first.items.flat().reduce((a, b) => a + b, 0)
    }
    const [dUsers, dItems] = gradient()
    expectClose(dUsers, differences(users, plainLoss), 2e-4)
    expectClose(dItems, differences(items, plainLoss), 2e-4)
    tf.dispose([...inputs, dUsers, dItems])
  })

  it('leaves nothing behind when both sides are trained', () => {
    const table = { users: tf.variable(toTensor(users)), items: tf.variable(toTensor(items)) }
    expectNoLeak(() => {
      const { value, grads } = tf.variableGrads(() => {
        const out = graphFilter(operator, table as unknown as NodeTensors, weights)
        return tf.add(tf.sum(tf.square(out.users)), tf.sum(out.items)) as tf.Scalar
      }, [table.users, table.items])
      value.dispose()
      tf.dispose(grads)
    })
    tf.dispose([table.users, table.items])
  })

  it.each([
    ['users of another count', [userTotal + 1, dims], [itemTotal, dims]],
    ['items of another count', [userTotal, dims], [itemTotal - 1, dims]],
    ['dimensions that differ', [userTotal, dims], [itemTotal, dims + 1]],
  ])('refuses %s', (_name, userShape, itemShape) => {
    tf.tidy(() => {
      const x = {
        users: tf.zeros(userShape as [number, number]),
        items: tf.zeros(itemShape as [number, number]),
      }
      expect(() => graphFilter(operator, x as NodeTensors, weights)).toThrow(ShapeMismatchError)
    })
  })

  it('refuses blocks that do not fit each other, and integers', () => {
    tf.tidy(() => {
      const x = { users: tf.zeros([userTotal, dims]), items: tf.zeros([itemTotal, dims]) } as const
      const typed = x as unknown as { users: tf.Tensor2D; items: tf.Tensor2D }
      const wrong = {
        toUsers: operator.toUsers,
        toItems: randomSparse('wrong', itemTotal, 6).matrix,
      }
      expect(() => graphFilter(wrong, typed, weights)).toThrow(/blocks of 7 × 5 and 5 × 6/)
      const integers = { ...typed, items: tf.zeros([itemTotal, dims], 'int32') as tf.Tensor2D }
      expect(() => graphFilter(operator, integers, weights)).toThrow(/items.*got int32/)
    })
  })

  it.each([[[]], [[1]], [[1, NaN]], [[Infinity, 1]]])('refuses the weights %j', (wrong) => {
    tf.tidy(() => {
      const x = { users: toTensor(users), items: toTensor(items) }
      expect(() => graphFilter(operator, x, wrong)).toThrow(InvalidOptionsError)
    })
  })
})

describe('graphFilter on simd, out of memory', () => {
  it.each([1, 2, 3, 4, 5, 6])('gives back what it made before product %i', async (failing) => {
    await activateBackend('simd')
    const { operator } = asymmetric()
    const x = {
      users: tf.ones([userTotal, dims]),
      items: tf.ones([itemTotal, dims]),
    } as NodeTensors
    const run = () => tf.dispose(Object.values(graphFilter(operator, x, [1, 1, 1, 1])))
    run()
    const before = memoryInUse()
    const runtime = defaultRuntime()
    let calls = 0
    const allocate = vi.spyOn(runtime, 'allocate').mockImplementation((bytes) => {
      if (++calls === failing) throw new Error('full')
      return KernelRuntime.prototype.allocate.call(runtime, bytes)
    })
    expect(run).toThrow('full')
    allocate.mockRestore()
    expect(memoryInUse()).toEqual(before)
    run()
    expect(memoryInUse()).toEqual(before)
    tf.dispose([x.users, x.items])
  })
})
