import { defaultRuntime, KernelRuntime } from '@gnnrec/tfjs-backend-simd/kernels'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { InvalidOptionsError, ShapeMismatchError } from '../../src/errors.js'
import {
  type BipartiteOperator,
  cosineRefine,
  type NodeTensors,
  rowDot,
  scaleRows,
  spmm,
} from '../../src/ops.js'
import {
  activateBackend,
  describeEachBackend,
  expectNoLeak,
  memoryInUse,
} from '../support/describe-each-backend.js'
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
  transpose,
} from './support.js'

const [USERS, ITEMS] = [7, 5]

interface Blocks {
  readonly operator: BipartiteOperator
  readonly toUsers: Dense
  readonly toItems: Dense
}

/** Blocks with nothing in common but their shape; user 1 and item 1 have no entries. */
function asymmetric(): Blocks {
  const toUsers = randomSparse('to users', USERS, ITEMS, 0.6)
  const toItems = randomSparse('to items', ITEMS, USERS, 0.6)
  return {
    operator: { toUsers: toUsers.matrix, toItems: toItems.matrix },
    ...{ toUsers: toUsers.dense, toItems: toItems.dense },
  }
}

interface Nodes {
  readonly users: Dense
  readonly items: Dense
}

/** The sum of layers 1..layers in float64. */
function reference({ toUsers, toItems }: Blocks, e: Nodes, layers: number): Nodes {
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

const zeros = (row: number[]) => row.map(() => 0)

function refine(products: Dense, e: Dense): Dense {
  return products.map((y, r) => {
    const dot = (a: number[], b: number[]) => a.reduce((sum, value, c) => sum + value * b[c], 0)
    const norms = Math.sqrt(dot(y, y) * dot(e[r], e[r]))
    return y.map((value) => (value * dot(y, e[r])) / Math.max(norms, 1e-8))
  })
}

const random = (name: string, dim: number): Nodes => ({
  users: randomDense(`${name} users`, USERS, dim),
  items: randomDense(`${name} items`, ITEMS, dim),
})

const tensors = ({ users, items }: Nodes): NodeTensors => ({
  users: toTensor(users),
  items: toTensor(items),
})

const sigmoid = (x: Dense) => x.map((row) => row.map((value) => 1 / (1 + Math.exp(-value))))

/** Σ weight · σ(output), whose gradient with respect to the output is the same in no two places. */
function loss(out: NodeTensors, weights: Nodes): tf.Scalar {
  return tf.add(
    tf.sum(tf.mul(toTensor(weights.users), tf.sigmoid(out.users))),
    tf.sum(tf.mul(toTensor(weights.items), tf.sigmoid(out.items))),
  )
}

function gradients(
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

  it.each(['users', 'items'] as const)('gives the gradient where only %s are trained', (side) => {
    const start = tensors(e)
    const alone = () =>
      tf.tidy(() =>
        tf.grad((own) =>
          loss(cosineRefine(operator, { ...start, [side]: own as tf.Tensor2D }, 3), weights),
        )(start[side]),
      )
    const both = tf.tidy(() => gradients(e, weights, (x) => cosineRefine(operator, x, 3)))
    const own = alone()
    expect(own.dataSync()).toEqual(both[side === 'users' ? 0 : 1].dataSync())
    tf.dispose([...both, own])
    expectNoLeak(() => alone().dispose())
    tf.dispose([start.users, start.items])
  })

  it('leaves nothing behind, with a gradient and without', () => {
    const table = { users: tf.variable(toTensor(e.users)), items: tf.variable(toTensor(e.items)) }
    const x = table as unknown as NodeTensors
    expectNoLeak(() => {
      const { value, grads } = tf.variableGrads(() => {
        const out = cosineRefine(operator, x, 4)
        return tf.add(tf.sum(tf.square(out.users)), tf.sum(out.items)) as tf.Scalar
      }, [table.users, table.items])
      tf.dispose([value, grads])
      tf.dispose(Object.values(cosineRefine(operator, x, 4)))
    })
    tf.dispose([table.users, table.items])
  })

  it('frees what a single-use operator holds, after the gradient', () => {
    const { operator: own } = asymmetric()
    const before = memoryInUse()
    const found = tf.tidy(() =>
      gradients(e, weights, (x) => cosineRefine({ ...own, singleUse: true }, x, 2)),
    )
    tf.dispose(found)
    expect(memoryInUse()).toEqual(before)
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
    ['users of another count', [USERS + 1, 4], [ITEMS, 4]],
    ['items of another count', [USERS, 4], [ITEMS - 1, 4]],
    ['dimensions that differ', [USERS, 4], [ITEMS, 5]],
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
      const wrong = { toUsers: operator.toUsers, toItems: randomSparse('wrong', ITEMS, 6).matrix }
      expect(() => cosineRefine(wrong, x, 2)).toThrow(/blocks of 7 × 5 and 5 × 6/)
      const integers = { ...x, items: tf.zeros([ITEMS, 4], 'int32') as tf.Tensor2D }
      expect(() => cosineRefine(operator, integers, 2)).toThrow(/items.*got int32/)
    })
  })

  it.each([0, -1, 1.5, Number.NaN])('refuses %d layers', (layers) => {
    tf.tidy(() => {
      const refine = () => cosineRefine(operator, tensors(e), layers)
      expect(refine).toThrow(InvalidOptionsError)
      expect(refine).toThrow(`got layers ${layers}; expected an integer >= 1`)
    })
  })
})

describe('cosineRefine on simd', () => {
  afterAll(() => activateBackend('simd'))

  it('gives the same bytes for 1, 2, 3 and 4 threads', async () => {
    const [users, items, dim] = [1100, 900, 33]
    const toUsers = randomSparse('many', users, items, 0.01).matrix
    const operator = { toUsers, toItems: toUsers.transpose() }
    const e = {
      users: randomDense('many users', users, dim),
      items: randomDense('many items', items, dim),
    }
    const weights = {
      users: randomDense('weights', users, dim),
      items: randomDense('more', items, dim),
    }
    await activateBackend('simd')
    const all: Float32Array[][] = []
    for (const threads of [1, 2, 3, 4]) {
      await defaultRuntime().setThreads(threads)
      all.push(
        tf.tidy(() => {
          const out = cosineRefine(operator, tensors(e), 3)
          const found = gradients(e, weights, (x) => cosineRefine(operator, x, 3))
          return [out.users, out.items, ...found].map((tensor) => tensor.dataSync<'float32'>())
        }),
      )
    }
    for (const other of all.slice(1)) expect(other).toEqual(all[0])
    toUsers.dispose()
  })

  describe('out of memory', () => {
    const runtime = defaultRuntime()

    /** Tensors and bytes left behind by a computation whose allocation `failing` fails. */
    function leftBehind(failing: number, compute: () => void) {
      const before = memoryInUse()
      let calls = 0
      const allocate = vi.spyOn(runtime, 'allocate').mockImplementation((bytes) => {
        if (++calls === failing) throw new Error('full')
        return KernelRuntime.prototype.allocate.call(runtime, bytes)
      })
      expect(compute).toThrow('full')
      allocate.mockRestore()
      const after = memoryInUse()
      const [tensors, kernelBytes] = [
        after.tensors - before.tensors,
        after.kernelBytes - before.kernelBytes,
      ]
      return { tensors, kernelBytes }
    }

    const { operator } = asymmetric()

    it.each([1, 2, 3, 4, 5, 6, 7, 8])(
      'gives back what it made before table %i',
      async (failing) => {
        await activateBackend('simd')
        const x = tensors(random('e', 4))
        const forward = () => tf.dispose(Object.values(cosineRefine(operator, x, 3)))
        forward()
        expect(leftBehind(failing, forward)).toEqual({ tensors: 0, kernelBytes: 0 })
        forward()
        tf.dispose(Object.values(x))
      },
    )

    it('gives back what it made for the gradient', async () => {
      await activateBackend('simd')
      const x = tensors(random('e', 4))
      let allocations = 0
      const backward = () => {
        const both = tf.grads((users, items) => {
          const own = { users: users as tf.Tensor2D, items: items as tf.Tensor2D }
          const out = cosineRefine(operator, own, 3)
          return tf.add(tf.sum(out.users), tf.sum(out.items))
        })
        tf.dispose(both([x.users, x.items]))
      }
      backward()
      const allocate = vi.spyOn(runtime, 'allocate')
      backward()
      allocations = allocate.mock.calls.length
      allocate.mockRestore()
      // The last ten tables are the gradient's own. tfjs keeps what a failed gradient saved: the
      // same each time, wherever it fails.
      const left = Array.from({ length: 10 }, (_, n) => leftBehind(allocations - n, backward))
      for (const one of left) expect(one).toEqual(left[0])
      tf.dispose(Object.values(x))
    })
  })
})
