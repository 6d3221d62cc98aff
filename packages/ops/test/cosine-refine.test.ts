import { InvalidOptionsError, ShapeMismatchError } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { cosineRefine, type NodeTensors, rowDot, scaleRows, spmm } from '../src/index.js'
import {
  asymmetric,
  gradients,
  itemCount,
  random,
  reference,
  sigmoid,
  tensors,
  userCount,
  zeros,
} from './cosine-refine-support.js'
import { describeEachBackend } from './support/describe-each-backend.js'
import {
  type Dense,
  differences,
  expectClose,
  inner,
  product,
  randomSparse,
  toDense,
  toTensor,
  transpose,
} from './support.js'

describeEachBackend('cosineRefine', () => {
  const blocks = asymmetric()
  const { operator } = blocks

  // 4 columns fill a vector, 7 leave some over, 34 fill the blocks of the sparse product.
  describe.each([4, 7, 34])('with rows of %i', (dim) => {
    const e = random('e', dim)
    const weights = random('weights', dim)

    it.each([1, 2, 3, 4])('is the sum of %i refined layers', (layers) => {
      tf.tidy(() => {
        const out = cosineRefine(operator, tensors(e), layers)
        const expected = reference(blocks, e, layers)
        expectClose(out.users, expected.users, 1e-5)
        expectClose(out.items, expected.items, 1e-5)
      })
    })

    // Of the widest rows there are too many numbers to move one by one.
    it.each(dim < 10 ? [1, 2, 3, 4] : [])(
      'has the gradient of central differences: %i layers',
      (layers) => {
        const plainLoss = () => {
          const out = reference(blocks, e, layers)
          return inner(weights.users, sigmoid(out.users)) + inner(weights.items, sigmoid(out.items))
        }
        tf.tidy(() => {
          const [users, items] = gradients(e, weights, (x) => cosineRefine(operator, x, layers))
          expectClose(users, differences(e.users, plainLoss), 2e-4)
          expectClose(items, differences(e.items, plainLoss), 2e-4)
        })
      },
    )

    it('equals the layers written out, in values and gradients', () => {
      const refined = (y: tf.Tensor2D, own: tf.Tensor2D) => {
        const squares = tf.add(tf.mul(rowDot(y, y), rowDot(own, own)), 1e-30)
        return scaleRows(tf.div(rowDot(y, own), tf.sqrt(squares)), y)
      }
      const layer = (x: NodeTensors, own: NodeTensors) => ({
        users: refined(spmm(operator.toUsers, x.items), own.users),
        items: refined(spmm(operator.toItems, x.users), own.items),
      })
      const writtenOut = (own: NodeTensors) => {
        const first = layer(own, own)
        const second = layer(first, own)
        return {
          users: tf.add<tf.Tensor2D>(first.users, second.users),
          items: tf.add<tf.Tensor2D>(first.items, second.items),
        }
      }
      tf.tidy(() => {
        const [fast, slow] = [cosineRefine(operator, tensors(e), 2), writtenOut(tensors(e))]
        expectClose(fast.users, toDense(slow.users), 1e-5)
        expectClose(fast.items, toDense(slow.items), 1e-5)
        const quick = gradients(e, weights, (x) => cosineRefine(operator, x, 2))
        const plain = gradients(e, weights, writtenOut)
        for (const side of [0, 1]) expectClose(quick[side], toDense(plain[side]), 1e-5)
      })
    })
  })

  const e = random('e', 4)
  const weights = random('weights', 4)

  it('gives rows without entries zeros, and zeros as gradient of what only they reach', () => {
    tf.tidy(() => {
      const out = cosineRefine(operator, tensors(e), 3)
      expect(toDense(out.users)[1]).toEqual([0, 0, 0, 0])
      expect(toDense(out.items)[1]).toEqual([0, 0, 0, 0])
      // A loss of the row of user 1 alone, which is 0 whatever the embeddings.
      const only = e.users.map((row, r) => (r === 1 ? row : zeros(row)))
      const both = tf.grads((users, items) => {
        const x = { users: users as tf.Tensor2D, items: items as tf.Tensor2D }
        return tf.sum(tf.mul(toTensor(only), cosineRefine(operator, x, 3).users))
      })
      const { users, items } = tensors(e)
      for (const gradient of both([users, items])) {
        expect([...gradient.dataSync()].every((value) => value === 0)).toBe(true)
      }
    })
  })

  it('takes the cosine of tiny rows with the floor, in values and gradients', () => {
    const tiny = (rows: Dense) => rows.map((row) => row.map((value) => Math.fround(1e-5 * value)))
    const small = { users: tiny(e.users), items: tiny(e.items) }
    const dot = (a: number[], b: number[]) => a.reduce((sum, value, c) => sum + value * b[c], 0)
    const y = product(blocks.toUsers, small.items)
    tf.tidy(() => {
      const [users, items] = tf.grads((u, i) => {
        const x = { users: u as tf.Tensor2D, items: i as tf.Tensor2D }
        const out = cosineRefine(operator, x, 1)
        expectClose(out.users, reference(blocks, small, 1).users, 1e-5)
        return tf.sum(tf.mul(toTensor(weights.users), out.users))
      })([toTensor(small.users), toTensor(small.items)])
      // Under the floor, a = y · e / 1e-8: central differences would leave that region.
      const through = y.map((row, r) => dot(row, weights.users[r]) / 1e-8)
      const dY = y.map((row, r) => {
        const a = dot(row, small.users[r]) / 1e-8
        return row.map((_, c) => a * weights.users[r][c] + through[r] * small.users[r][c])
      })
      expectClose(
        users,
        y.map((row, r) => row.map((value) => value * through[r])),
        1e-4,
      )
      expectClose(items, product(transpose(blocks.toUsers), dY), 1e-4)
    })
  })

  it('stays finite where layer 0 has rows of zeros', () => {
    const gaps = {
      users: e.users.map((row, r) => (r % 2 === 0 ? zeros(row) : row)),
      items: e.items.map(zeros),
    }
    tf.tidy(() => {
      const { users, items } = cosineRefine(operator, tensors(gaps), 3)
      const found = gradients(gaps, weights, (x) => cosineRefine(operator, x, 3))
      for (const tensor of [users, items, ...found]) {
        expect([...tensor.dataSync()].every(Number.isFinite)).toBe(true)
      }
    })
  })

  it('refuses a second derivative', () => {
    tf.tidy(() => {
      const { users, items } = tensors(e)
      const first = tf.grad((u) => {
        const out = cosineRefine(operator, { users: u as tf.Tensor2D, items }, 1)
        return tf.sum(tf.square(out.users))
      })
      expect(() => tf.grad((u) => tf.sum(tf.square(first(u))))(users)).toThrow('second derivative')
    })
  })

  it.each([
    ['users of another count', [userCount + 1, 4], [itemCount, 4]],
    ['items of another count', [userCount, 4], [itemCount - 1, 4]],
    ['dimensions that differ', [userCount, 4], [itemCount, 5]],
  ])('refuses %s', (_name, userShape, itemShape) => {
    tf.tidy(() => {
      const x = {
        users: tf.zeros(userShape as [number, number]),
        items: tf.zeros(itemShape as [number, number]),
      }
      expect(() => cosineRefine(operator, x as NodeTensors, 2)).toThrow(ShapeMismatchError)
    })
  })

  it('refuses blocks that do not fit each other, and integers', () => {
    tf.tidy(() => {
      const x = tensors(e)
      const wrong = {
        toUsers: operator.toUsers,
        toItems: randomSparse('wrong', itemCount, 6).matrix,
      }
      expect(() => cosineRefine(wrong, x, 2)).toThrow(/blocks of 7 × 5 and 5 × 6/)
      const integers = { ...x, items: tf.zeros([itemCount, 4], 'int32') as tf.Tensor2D }
      expect(() => cosineRefine(operator, integers, 2)).toThrow(/items.*got int32/)
    })
  })

  it.each([0, -1, 1.5, Number.NaN, 257, 1e9])('refuses %d layers', (layers) => {
    tf.tidy(() => {
      const refine = () => cosineRefine(operator, tensors(e), layers)
      expect(refine).toThrow(InvalidOptionsError)
      expect(refine).toThrow(`got layers ${layers}; expected an integer in 1..256`)
    })
  })
})
