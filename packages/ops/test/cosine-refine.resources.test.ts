import { defaultRuntime, KernelRuntime } from '@gnnrec/graph/kernels'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { cosineRefine, type NodeTensors } from '../src/index.js'
import { asymmetric, gradients, loss, random, tensors } from './cosine-refine-support.js'
import {
  activateBackend,
  describeEachBackend,
  expectNoLeak,
  memoryInUse,
} from './support/describe-each-backend.js'
import { randomDense, randomSparse, toTensor } from './support.js'

describeEachBackend('cosineRefine', () => {
  const { operator } = asymmetric()
  const e = random('e', 4)
  const weights = random('weights', 4)

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
