import { InvalidOptionsError, ShapeMismatchError } from '@gnnrec/graph'
import { defaultRuntime, KernelRuntime } from '@gnnrec/graph/kernels'
import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { type BipartiteOperator, loopedStep, type NodeTensors, spmm } from '../src/index.js'
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
  toTensor,
} from './support.js'

const [userTotal, itemTotal, dims] = [7, 5, 4]

type Sides = { users: Dense; items: Dense }

/** Blocks with nothing in common but their shape. */
function asymmetric(): { operator: BipartiteOperator; toUsers: Dense; toItems: Dense } {
  const toUsers = randomSparse('to users', userTotal, itemTotal, 0.6)
  const toItems = randomSparse('to items', itemTotal, userTotal, 0.6)
  return {
    operator: { toUsers: toUsers.matrix, toItems: toItems.matrix },
    toUsers: toUsers.dense,
    toItems: toItems.dense,
  }
}

const sides = (name: string, dim: number): Sides => ({
  users: randomDense(`${name} users`, userTotal, dim),
  items: randomDense(`${name} items`, itemTotal, dim),
})

const tensors = ({ users, items }: Sides): NodeTensors => ({
  users: toTensor(users),
  items: toTensor(items),
})

const loops = { users: randomDense('l', 1, userTotal)[0], items: randomDense('m', 1, itemTotal)[0] }
const loopTensors = () => ({ users: tf.tensor1d(loops.users), items: tf.tensor1d(loops.items) })

describeEachBackend('loopedStep', () => {
  const subject = asymmetric()
  const { operator } = subject

  /** (1 - share) (Â + diag(loops)) x + share · base in float64. */
  function reference(x: Sides, base: Sides, share: number): Sides {
    const side = (matrix: Dense, other: Dense, own: Dense, scales: number[], added: Dense) =>
      product(matrix, other).map((row, r) =>
        row.map((value, c) => (1 - share) * (value + scales[r] * own[r][c]) + share * added[r][c]),
      )
    return {
      users: side(subject.toUsers, x.items, x.users, loops.users, base.users),
      items: side(subject.toItems, x.users, x.items, loops.items, base.items),
    }
  }

  it('is the dense product with loops, and a share of the base', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 3, 4, 17, 32, 64),
        fc.constantFrom(0, 0.3, 1),
        (dim, share) => {
          const [x, base] = [sides('x', dim), sides('base', dim)]
          tf.tidy(() => {
            const residual = { base: tensors(base), share }
            const step = loopedStep(operator, loopTensors(), tensors(x), residual)
            const expected = reference(x, base, share)
            expectClose(step.users, expected.users)
            expectClose(step.items, expected.items)
          })
        },
      ),
    )
  })

  it('without loops is spmm, number by number', () => {
    tf.tidy(() => {
      const x = tensors(sides('x', dims))
      const none = { users: tf.zeros([userTotal]), items: tf.zeros([itemTotal]) } as {
        users: tf.Tensor1D
        items: tf.Tensor1D
      }
      const step = loopedStep(operator, none, x)
      // Without entries a row is 0 times what it has, which may be -0.
      const read = (tensor: tf.Tensor) => tensor.dataSync().map((value) => value + 0)
      expect(read(step.users)).toEqual(read(spmm(operator.toUsers, x.items)))
      expect(read(step.items)).toEqual(read(spmm(operator.toItems, x.users)))
    })
  })

  const [x, base, weights] = [sides('x', dims), sides('base', dims), sides('w', dims)]
  const sigmoid = (value: number) => 1 / (1 + Math.exp(-value))
  const plainLoss = (share: number) => {
    const step = reference(x, base, share)
    const part = (side: keyof Sides) =>
      inner(
        weights[side],
        step[side].map((row) => row.map(sigmoid)),
      )
    return part('users') + part('items')
  }
  const loss = (step: NodeTensors) => {
    const part = (side: keyof Sides) =>
      tf.sum(tf.mul(toTensor(weights[side]), tf.sigmoid(step[side])))
    return tf.add(part('users'), part('items')) as tf.Scalar
  }

  it.each([0, 0.3, 1])('has the gradient of central differences with a share of %f', (share) => {
    const plain = () => plainLoss(share)
    const expected = [x.users, x.items, base.users, base.items].map((at) => differences(at, plain))
    const given = [x.users, x.items, base.users, base.items].map(toTensor)
    expectNoLeak(() => {
      tf.tidy(() => {
        const gradients = tf.grads((u, i, bu, bi) => {
          const residual = { base: { users: bu, items: bi } as NodeTensors, share }
          return loss(
            loopedStep(operator, loopTensors(), { users: u, items: i } as NodeTensors, residual),
          )
        })(given)
        for (const [place, gradient] of gradients.entries()) {
          const largest = Math.max(...expected[place].flat().map(Math.abs))
          if (largest === 0) expect(Math.max(...gradient.dataSync())).toBe(0)
          else expectClose(gradient, expected[place], 2e-4)
        }
      })
    })
    tf.dispose(given)
  })

  it('sums both gradients where the base is what it acts on', () => {
    const plain = () => {
      const step = reference(x, x, 0.3)
      return inner(step.users, step.users)
    }
    const expected = [differences(x.users, plain), differences(x.items, plain)]
    tf.tidy(() => {
      const gradients = tf.grads((u, i) => {
        const own = { users: u, items: i } as NodeTensors
        const residual = { base: own, share: 0.3 }
        return tf.sum(tf.square(loopedStep(operator, loopTensors(), own, residual).users))
      })([toTensor(x.users), toTensor(x.items)])
      expectClose(gradients[0], expected[0], 2e-4)
      expectClose(gradients[1], expected[1], 2e-4)
    })
  })

  it('has a gradient where one side is trained', () => {
    const plain = () => plainLoss(0)
    const expected = differences(x.items, plain)
    const users = toTensor(x.users)
    expectNoLeak(() => {
      tf.tidy(() => {
        const gradient = tf.grad((i) =>
          loss(loopedStep(operator, loopTensors(), { users, items: i } as NodeTensors)),
        )(toTensor(x.items))
        expectClose(gradient, expected, 2e-4)
      })
    })
    users.dispose()
  })

  it('frees an operator that serves one step after its gradient', () => {
    const before = memoryInUse()
    const single = { ...asymmetric().operator, singleUse: true }
    tf.tidy(() => {
      tf.grad((u) => {
        const nodes = { users: u as tf.Tensor2D, items: toTensor(x.items) }
        return loss(loopedStep(single, loopTensors(), nodes))
      })(toTensor(x.users))
    })
    for (const block of [single.toUsers, single.toItems]) block.transpose().dispose()
    expect(memoryInUse()).toEqual(before)
  })

  it.each([-0.1, 1.1, Number.NaN])('refuses a share of %d', (share) => {
    tf.tidy(() => {
      const compute = () =>
        loopedStep(operator, loopTensors(), tensors(x), { base: tensors(base), share })
      expect(compute).toThrow(InvalidOptionsError)
      expect(compute).toThrow(/loopedStep: got a share of/)
    })
  })

  it('refuses nodes, loops and a base of another shape or type', () => {
    tf.tidy(() => {
      const [nodes, ones] = [tensors(x), loopTensors()]
      const refuse = (message: RegExp, ...given: Parameters<typeof loopedStep>) => {
        const compute = () => loopedStep(...given)
        expect(compute).toThrow(ShapeMismatchError)
        expect(compute).toThrow(message)
      }
      const longer = tf.zeros([userTotal + 1]) as tf.Tensor1D
      const integers = tf.zeros([itemTotal], 'int32') as tf.Tensor1D
      const wider = { ...nodes, items: tf.zeros([itemTotal, dims + 1]) as tf.Tensor2D }
      refuse(/loopedStep \(items\)/, operator, ones, wider)
      refuse(/\(loops of users\)/, operator, { ...ones, users: longer }, nodes)
      refuse(/\(loops of items\).*int32/, operator, { ...ones, items: integers }, nodes)
      refuse(/\(base of items\)/, operator, ones, nodes, { base: wider, share: 0.5 })
      const turned = { toUsers: operator.toUsers, toItems: operator.toUsers }
      refuse(/transposed shape/, turned, ones, nodes)
    })
  })
})

describe('loopedStep on simd, out of memory', () => {
  it('gives back what it made, forward and back', async () => {
    await activateBackend('simd')
    const { operator } = asymmetric()
    const x = tensors(sides('x', dims))
    const own = loopTensors()
    const run = () =>
      tf.tidy(() => {
        tf.grads((users, items) => {
          return loopedStep(operator, own, { users, items } as NodeTensors).users
        })([x.users, x.items])
      })
    run()
    // Not the tensors: tfjs leaves clones of what it saved behind when a gradient fails.
    const bytesBefore = memoryInUse().kernelBytes
    const runtime = defaultRuntime()
    let failures = 0
    for (let failing = 1; ; failing++) {
      let calls = 0
      const allocate = vi.spyOn(runtime, 'allocate').mockImplementation((bytes) => {
        if (++calls === failing) throw new Error('full')
        return KernelRuntime.prototype.allocate.call(runtime, bytes)
      })
      try {
        run()
      } catch (error) {
        expect((error as Error).message).toBe('full')
        failures++
      }
      allocate.mockRestore()
      expect(memoryInUse().kernelBytes).toBe(bytesBefore)
      if (calls < failing) break
    }
    // 2 products forward and 2 back.
    expect(failures).toBeGreaterThanOrEqual(4)
    tf.dispose([x.users, x.items, own.users, own.items])
  })
})
