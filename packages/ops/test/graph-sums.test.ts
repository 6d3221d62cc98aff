import { InvalidOptionsError, ShapeMismatchError } from '@gnnrec/graph'
import { defaultRuntime, KernelRuntime } from '@gnnrec/graph/kernels'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it, vi } from 'vitest'
import {
  type BipartiteOperator,
  gatherRows,
  graphFilter,
  graphSums,
  type NodeRows,
  type NodeTensors,
} from '../src/index.js'
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
const weight = 0.3
const userRows = [3, 0, 3, 6]
const itemRows = [4, 2, 2, 2, 0, 1]

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

/** The rows of S_1..S_layers in float64. */
function reference(
  { toUsers, toItems }: { toUsers: Dense; toItems: Dense },
  x: { users: Dense; items: Dense },
  layers: number,
): { users: Dense; items: Dense }[] {
  const plus = (a: Dense, b: Dense) => a.map((row, r) => row.map((v, c) => v + b[r][c]))
  const scaled = (a: Dense) => a.map((row) => row.map((value) => weight * value))
  let layer = x
  let sum = x
  return Array.from({ length: layers }, () => {
    layer = { users: product(toUsers, layer.items), items: product(toItems, layer.users) }
    sum = { users: plus(sum.users, layer.users), items: plus(sum.items, layer.items) }
    return {
      users: scaled(userRows.map((row) => sum.users[row])),
      items: scaled(itemRows.map((row) => sum.items[row])),
    }
  })
}

const rowTensors = (): NodeRows => ({
  users: tf.tensor1d(userRows, 'int32'),
  items: tf.tensor1d(itemRows, 'int32'),
})

describeEachBackend('graphSums', () => {
  const subject = asymmetric()
  const { operator } = subject
  const users = randomDense('users', userTotal, dims)
  const items = randomDense('items', itemTotal, dims)
  const nodes = () => ({ users: toTensor(users), items: toTensor(items) })

  describe.each([1, 2, 3, 4])('of %i layers', (layers) => {
    const settings = { layers, weight }

    it('are rows of the sums', () => {
      tf.tidy(() => {
        const sums = graphSums(operator, nodes(), settings, rowTensors())
        const expected = reference(subject, { users, items }, layers)
        expect(sums).toHaveLength(layers)
        for (const [place, sum] of sums.entries()) {
          expectClose(sum.users, expected[place].users, 1e-6)
          expectClose(sum.items, expected[place].items, 1e-6)
        }
      })
    })

    it('end with graphFilter, in the same bytes', () => {
      tf.tidy(() => {
        const weights = new Array<number>(layers + 1).fill(weight)
        const filtered = graphFilter(operator, nodes(), weights)
        const rows = rowTensors()
        const last = graphSums(operator, nodes(), settings, rows)[layers - 1]
        for (const side of ['users', 'items'] as const) {
          const expected = gatherRows(filtered[side], rows[side])
          expect(last[side].dataSync()).toEqual(expected.dataSync())
        }
      })
    })

    it('have the gradient of central differences in float64', () => {
      const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
      const c = reference(
        subject,
        { users: randomDense('cu', userTotal, dims), items: randomDense('ci', itemTotal, dims) },
        layers,
      )
      const plainLoss = () => {
        const sums = reference(subject, { users, items }, layers)
        return sums.reduce((total, sum, place) => {
          const part = (side: 'users' | 'items') =>
            inner(
              c[place][side],
              sum[side].map((row) => row.map(sigmoid)),
            )
          return total + part('users') + part('items')
        }, 0)
      }
      const expected = [differences(users, plainLoss), differences(items, plainLoss)]
      tf.tidy(() => {
        const gradients = tf.grads((u, i) => {
          const x = { users: u, items: i } as NodeTensors
          const parts = graphSums(operator, x, settings, rowTensors()).flatMap((sum, place) =>
            (['users', 'items'] as const).map((side) =>
              tf.sum(tf.mul(toTensor(c[place][side]), tf.sigmoid(sum[side]))),
            ),
          )
          return tf.addN(parts)
        })([toTensor(users), toTensor(items)])
        expectClose(gradients[0], expected[0], 2e-4)
        expectClose(gradients[1], expected[1], 2e-4)
      })
    })
  })

  const settings = { layers: 3, weight }

  it('have a gradient where only some sums are used, or one side is trained', () => {
    const plainLoss = () => {
      const sums = reference(subject, { users, items }, 3)
      return inner(sums[1].users, sums[1].users)
    }
    const expected = differences(items, plainLoss)
    const start = { x: nodes(), rows: rowTensors() }
    expectNoLeak(() => {
      const gradient = tf.grad((i) => {
        const x = { users: start.x.users, items: i as tf.Tensor2D }
        return tf.sum(tf.square(graphSums(operator, x, settings, start.rows)[1].users))
      })(start.x.items)
      expectClose(gradient, expected, 2e-4)
      gradient.dispose()
    })
    tf.dispose(Object.values(start.x))
    tf.dispose(Object.values(start.rows))
  })

  it('leave nothing behind when both sides are trained', () => {
    const table = { users: tf.variable(toTensor(users)), items: tf.variable(toTensor(items)) }
    const rows = rowTensors()
    expectNoLeak(() => {
      const { value, grads } = tf.variableGrads(() => {
        const sums = graphSums(operator, table as unknown as NodeTensors, settings, rows)
        return tf.addN(sums.map((sum) => tf.sum(sum.items))) as tf.Scalar
      }, [table.users, table.items])
      tf.dispose([value, grads])
    })
    tf.dispose([table.users, table.items, rows.users, rows.items])
  })

  it('free an operator that serves one step after its gradient', () => {
    const before = memoryInUse()
    const single = { ...asymmetric().operator, singleUse: true }
    tf.tidy(() => {
      tf.grad((u) => {
        const x = { users: u as tf.Tensor2D, items: toTensor(items) }
        return tf.sum(graphSums(single, x, settings, rowTensors())[2].users)
      })(toTensor(users))
    })
    for (const block of [single.toUsers, single.toItems]) block.transpose().dispose()
    expect(memoryInUse()).toEqual(before)
  })

  it.each([
    [{ layers: 0, weight: 1 }, 'layers 0'],
    [{ layers: 257, weight: 1 }, 'layers 257'],
    [{ layers: 1e9, weight: 1 }, 'layers 1000000000'],
    [{ layers: 1.5, weight: 1 }, 'layers 1.5'],
    [{ layers: Number.NaN, weight: 1 }, 'layers NaN'],
    [{ layers: 2, weight: Number.NaN }, 'weight NaN'],
    [{ layers: 2, weight: Number.POSITIVE_INFINITY }, 'weight Infinity'],
  ])('refuse the settings %j', (wrong, named) => {
    tf.tidy(() => {
      const compute = () => graphSums(operator, nodes(), wrong, rowTensors())
      expect(compute).toThrow(InvalidOptionsError)
      expect(compute).toThrow(`graphSums: got ${named}`)
    })
  })

  it('refuse nodes and rows of another shape or type', () => {
    tf.tidy(() => {
      const refuse = (x: NodeTensors, rows: NodeRows, message: RegExp) => {
        const compute = () => graphSums(operator, x, settings, rows)
        expect(compute).toThrow(ShapeMismatchError)
        expect(compute).toThrow(message)
      }
      const [x, rows] = [nodes(), rowTensors()]
      const wider = tf.zeros([itemTotal, dims + 1]) as tf.Tensor2D
      refuse({ ...x, users: tf.zeros([userTotal + 1, dims]) }, rows, /graphSums \(users\)/)
      refuse({ ...x, items: wider }, rows, /graphSums \(items\)/)
      const floats = tf.tensor1d(userRows)
      refuse(x, { ...rows, users: floats }, /graphSums \(rows of users\).*float32/)
      const matrix = tf.zeros([2, 1], 'int32') as unknown as tf.Tensor1D
      refuse(x, { ...rows, items: matrix }, /graphSums \(rows of items\)/)
    })
  })

  it.each([-1, itemTotal])('refuse the row %i', (row) => {
    const before = memoryInUse()
    tf.tidy(() => {
      const rows = { ...rowTensors(), items: tf.tensor1d([0, row], 'int32') }
      expect(() => graphSums(operator, nodes(), settings, rows)).toThrow(`${row}`)
    })
    expect(memoryInUse()).toEqual(before)
  })
})

describe('graphSums on simd, out of memory', () => {
  it('gives back what it made, forward and back', async () => {
    await activateBackend('simd')
    const { operator } = asymmetric()
    const x = tf.tidy(() => ({
      users: tf.ones([userTotal, dims]),
      items: tf.ones([itemTotal, dims]),
    }))
    const rows = rowTensors()
    const run = () =>
      tf.tidy(() => {
        tf.grads((users, items) => {
          const settings = { layers: 3, weight }
          const sums = graphSums(operator, { users, items } as NodeTensors, settings, rows)
          return sums[2].users
        })([x.users, x.items])
      })
    run()
    // Not the tensors: tfjs leaves clones of the saved indices behind when a gradient fails.
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
    // 3 steps of 2 products and 2 gathers forward; 6 tables and 6 products back.
    expect(failures).toBeGreaterThanOrEqual(24)
    tf.dispose([x.users, x.items, rows.users, rows.items])
  })
})
