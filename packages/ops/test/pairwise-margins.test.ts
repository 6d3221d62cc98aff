import { ShapeMismatchError } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { gatherRows, globalNorm, pairwiseMargins, rowDot } from '../src/index.js'
import { describeEachBackend, expectNoLeak } from './support/describe-each-backend.js'
import { randomDense, toTensor } from './support.js'

describeEachBackend('pairwiseMargins', () => {
  /** Repeated rows, a row that is positive and negative, and rows that are not met. */
  const rows = { userRows: [0, 2, 2, 4, 0], positives: [1, 1, 3, 6, 6], negatives: [6, 3, 1, 0, 6] }
  const samples = (columns: number) => ({
    users: toTensor(randomDense('users', 5, columns)),
    items: toTensor(randomDense('items', 7, columns)),
    userRows: tf.tensor1d(rows.userRows, 'int32'),
    positives: tf.tensor1d(rows.positives, 'int32'),
    negatives: tf.tensor1d(rows.negatives, 'int32'),
  })
  type Samples = ReturnType<typeof samples>

  /** By copies of the rows. */
  const plain = ({ users, items, userRows, positives, negatives }: Samples) => {
    const [p, i, j] = [
      gatherRows(users, userRows),
      gatherRows(items, positives),
      gatherRows(items, negatives),
    ]
    const squares = tf.addN([p, i, j].map((own) => rowDot(own, own)))
    return { margins: tf.sub<tf.Tensor1D>(rowDot(p, j), rowDot(p, i)), squares }
  }
  const gradients = (of: typeof plain, given: Samples) => {
    const outer = tf.tensor1d([0.5, -1, 2, 0.25, 3])
    const loss = (users: tf.Tensor, items: tf.Tensor): tf.Scalar => {
      const { margins, squares } = of({ ...given, users, items } as Samples)
      return tf.add(tf.sum(tf.mul(tf.softplus(margins), outer)), tf.mul(tf.sum(squares), 0.3))
    }
    return tf.grads((users, items) => loss(users, items))([given.users, given.items])
  }
  const expectAlike = (got: tf.Tensor, expected: tf.Tensor) => {
    expect(got.shape).toEqual(expected.shape)
    const values = expected.dataSync<'float32'>()
    const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1)
    got.dataSync().forEach((value, place) => {
      expect(value / scale).toBeCloseTo(values[place] / scale, 6)
    })
  }

  it('gives gradients with the norm of all their numbers, to the bit, where few rows have any', () => {
    tf.tidy(() => {
      const row = (name: string, count: number) => toTensor(randomDense(name, count, 8))
      const given = { ...samples(8), users: row('users', 200), items: row('items', 300) }
      for (const gradient of gradients(pairwiseMargins, given)) {
        // What a copy is made of is not known.
        const copy = tf.tensor2d(gradient.dataSync<'float32'>(), gradient.shape as [number, number])
        expect(globalNorm([gradient])).toBe(globalNorm([copy]))
        expect(globalNorm([gradient])).toBeGreaterThan(0)
      }
    })
  })

  it.each([1, 3, 4, 6, 17, 64])(
    'equals what copies of the rows give, with %i columns',
    (columns) => {
      tf.tidy(() => {
        const given = samples(columns)
        const [got, expected] = [pairwiseMargins(given), plain(given)]
        expectAlike(got.margins, expected.margins)
        expectAlike(got.squares, expected.squares)
        const own = gradients(pairwiseMargins, given)
        gradients(plain, given).forEach((gradient, side) => {
          expectAlike(own[side], gradient)
        })
      })
    },
  )

  it('has a gradient where only one of the two is asked for', () => {
    tf.tidy(() => {
      const given = samples(4)
      const of = (make: typeof plain) =>
        tf.grad((items) => tf.sum(make({ ...given, items: items as tf.Tensor2D }).margins))(
          given.items,
        )
      expectAlike(of(pairwiseMargins), of(plain))
    })
  })

  it('frees what it makes', () => {
    const given = samples(4)
    expectNoLeak(() => tf.dispose(tf.tidy(() => gradients(pairwiseMargins, given))))
    tf.dispose(given)
  })

  it('rejects rows of different counts and tables of different widths', () => {
    tf.tidy(() => {
      const given = samples(4)
      const short = tf.tensor1d([1], 'int32')
      expect(() => pairwiseMargins({ ...given, positives: short })).toThrow(ShapeMismatchError)
      const narrow = toTensor(randomDense('items', 7, 3))
      expect(() => pairwiseMargins({ ...given, items: narrow })).toThrow(ShapeMismatchError)
    })
  })
})
