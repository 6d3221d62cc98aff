import { InvalidOptionsError, ShapeMismatchError } from '@gnnrec/graph'
import { defaultRuntime, KernelRuntime } from '@gnnrec/graph/kernels'
import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import {
  gatherRows,
  graphFilter,
  graphFilterRows,
  type NodeRows,
  type NodeTensors,
} from '../src/index.js'
import {
  activateBackend,
  describeEachBackend,
  expectNoLeak,
  memoryInUse,
} from './support/describe-each-backend.js'
import { randomDense, randomSparse, toTensor } from './support.js'

const [userTotal, itemTotal, dims] = [17, 13, 36]

/** Blocks with nothing in common but their shape. */
const operator = {
  toUsers: randomSparse('to users', userTotal, itemTotal, 0.6).matrix,
  toItems: randomSparse('to items', itemTotal, userTotal, 0.6).matrix,
}

const nodes = (name: string): NodeTensors => ({
  users: toTensor(randomDense(`${name} users`, userTotal, dims)),
  items: toTensor(randomDense(`${name} items`, itemTotal, dims)),
})

const rowsOf = (users: readonly number[], items: readonly number[]): NodeRows => ({
  users: tf.tensor1d([...users], 'int32'),
  items: tf.tensor1d([...items], 'int32'),
})

/** The same by way of all nodes. */
function gathered(x: NodeTensors, weights: readonly number[], rows: NodeRows): NodeTensors {
  const all = graphFilter(operator, x, weights)
  return { users: gatherRows(all.users, rows.users), items: gatherRows(all.items, rows.items) }
}

const layerWeights: number[][] = [
  [0.5, 0.5],
  [0, 1],
  [0.25, -0.5, 2],
  [0, 1 / 3, 1 / 3, 1 / 3],
  [1, 0.5, 0.25, 0.125, 0.0625],
]

describeEachBackend('graphFilterRows', () => {
  it.each(layerWeights.map((weights) => [weights]))(
    'has the bytes of rows of the whole filter, in values and gradients, with weights %j',
    (weights) => {
      // Few rows, whose gradient is mostly zeros, and many.
      const indices = (count: number) =>
        fc.oneof(
          ...[3, 2 * count].map((maxLength) =>
            fc.array(fc.nat(count - 1), { minLength: 1, maxLength }),
          ),
        )
      fc.assert(
        fc.property(indices(userTotal), indices(itemTotal), (users, items) => {
          tf.tidy(() => {
            const rows = rowsOf(users, items)
            const x = nodes('x')
            const upstream = nodes('upstream')
            const both = [graphFilterRows, null].map((direct) => {
              const filter = (at: NodeTensors) =>
                direct ? direct(operator, at, weights, rows) : gathered(at, weights, rows)
              const values = filter(x)
              const gradients = tf.grads((u, i) => {
                const out = filter({ users: u as tf.Tensor2D, items: i as tf.Tensor2D })
                return tf.add(
                  tf.sum(tf.mul(tf.square(out.users), gatherRows(upstream.users, rows.users))),
                  tf.sum(tf.mul(tf.square(out.items), gatherRows(upstream.items, rows.items))),
                )
              })([x.users, x.items])
              return [values.users, values.items, ...gradients].map((tensor) => tensor.dataSync())
            })
            expect(both[0]).toEqual(both[1])
          })
        }),
        { numRuns: 20 },
      )
    },
  )

  it('gives the gradient where one side is trained only, and leaves nothing behind', () => {
    const rows = rowsOf([3, 3, 0], [5, 1])
    const x = nodes('x')
    const loss = (at: NodeTensors) => {
      const out = graphFilterRows(operator, at, [0.5, 0.25, 0.25], rows)
      return tf.add(tf.sum(tf.square(out.users)), tf.sum(tf.square(out.items))) as tf.Scalar
    }
    const table = { users: tf.variable(x.users), items: tf.variable(x.items) }
    const both = tf.variableGrads(() => loss(table as unknown as NodeTensors))
    const alone = tf.tidy(() =>
      tf
        .grad((own) => loss({ ...x, items: own as tf.Tensor2D }))(x.items)
        .dataSync(),
    )
    expect(Object.values(both.grads)[1].dataSync()).toEqual(alone)
    tf.dispose([both.value, both.grads])
    expectNoLeak(() => {
      const { value, grads } = tf.variableGrads(() => loss(table as unknown as NodeTensors))
      tf.dispose([value, grads])
    })
    tf.dispose([x.users, x.items, table.users, table.items, rows.users, rows.items])
  })

  it('refuses what it cannot do, saying what it got', () => {
    tf.tidy(() => {
      const x = nodes('x')
      const call = (rows: NodeRows, weights: readonly number[] = [0.5, 0.5]) =>
        graphFilterRows(operator, x, weights, rows)
      expect(() => call(rowsOf([0, userTotal], [0]))).toThrow(InvalidOptionsError)
      expect(() => call(rowsOf([0], [-1]))).toThrow(
        /row index -1 at place 0; expected one of 0\.\.12/,
      )
      expect(() => call(rowsOf([0], [0]), [1])).toThrow(InvalidOptionsError)
      expect(() => call(rowsOf([0], [0]), [1, Number.NaN])).toThrow(
        /graphFilterRows: got weights\[1\] = NaN; expected 2\.\.257 finite/,
      )
      const floats = { users: tf.tensor1d([0]), items: tf.tensor1d([0]) }
      expect(() => call(floats)).toThrow(ShapeMismatchError)
    })
  })
})

describe('graphFilterRows on simd, out of memory', () => {
  it('gives back what it made before each of its allocations', async () => {
    await activateBackend('simd')
    const x = nodes('x')
    const rows = rowsOf([1, 4, 1], [0, 2])
    const run = () => tf.dispose(Object.values(graphFilterRows(operator, x, [1, 1, 1, 1], rows)))
    run()
    const before = memoryInUse()
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
        break
      } catch (error) {
        expect((error as Error).message).toContain('full')
        failures++
      } finally {
        allocate.mockRestore()
      }
      expect(memoryInUse()).toEqual(before)
    }
    expect(failures).toBeGreaterThan(5)
    expect(memoryInUse()).toEqual(before)
    tf.dispose([x.users, x.items, rows.users, rows.items])
  })
})
