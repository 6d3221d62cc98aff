import { existsSync, readFileSync } from 'node:fs'
import { Rng } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { alignment, directAu, uniformity } from '../../src/losses/direct-au.js'
import { unitRows } from '../../src/losses/unit-rows.js'
import { describeEachBackend } from '../support/backends.js'
import { expectClose, largest } from '../support/compare.js'
import type { FixtureTensor } from '../support/fixtures.js'
import { graphOf, smallGraph } from '../support/graphs.js'

interface Diagnostics {
  readonly entries: { name: string; X: FixtureTensor; expected: { uniformity: number } }[]
  readonly alignmentUniformity: {
    users: FixtureTensor
    items: FixtureTensor
    batch: { users: number[]; positives: number[] }
    gamma: number
    expected: {
      alignment: number
      uniformityUsers: number
      uniformityItems: number
      directAU: number
    }
  }[]
}

const copy = new URL('direct-au-values.json', import.meta.url)
const origin = new URL('../../../../../shared/fixtures/smoothing/diagnostics.json', import.meta.url)
const diagnostics: Diagnostics = JSON.parse(readFileSync(copy, 'utf8'))

const matrix = ({ data, shape }: FixtureTensor) => tf.tensor2d(data, shape as [number, number])
const read = (make: () => tf.Tensor): number => tf.tidy(() => make().dataSync()[0] as number)

const randomRows = (count: number, dim: number, name: string): number[][] => {
  const rng = Rng.fromSeed(name)
  return Array.from({ length: count }, () =>
    Array.from({ length: dim }, () => 2 * rng.uniform() - 1),
  )
}

const uniformityOf = (rows: number[][]) => read(() => uniformity(tf.tensor2d(rows)))
const alignmentOf = (x: number[][], y: number[][]) =>
  read(() => alignment(tf.tensor2d(x), tf.tensor2d(y)))
const uniformityGradient = (rows: number[][]): number[] =>
  tf.tidy(() => [
    ...tf
      .grad((x) => uniformity(x as tf.Tensor2D))(tf.tensor2d(rows))
      .dataSync(),
  ])

/** Turns the plane of the first two coordinates, then that of the last two. */
const rotate = (rows: number[][]): number[][] => {
  const turn = (row: number[], a: number, b: number, angle: number): number[] => {
    const [x, y] = [row[a] as number, row[b] as number]
    const turned = [...row]
    turned[a] = Math.cos(angle) * x - Math.sin(angle) * y
    turned[b] = Math.sin(angle) * x + Math.cos(angle) * y
    return turned
  }
  return rows.map((row) => turn(turn(row, 0, 1, 0.7), row.length - 2, row.length - 1, -2))
}

it('has its part of the reference values unchanged', ({ skip }) => {
  skip(!existsSync(origin), 'the folder shared is not beside the checkout')
  const all: Diagnostics = JSON.parse(readFileSync(origin, 'utf8'))
  expect(all).toMatchObject(diagnostics)
  expect(all.entries.length).toBe(diagnostics.entries.length)
})

describeEachBackend('alignment and uniformity', () => {
  for (const [place, given] of diagnostics.alignmentUniformity.entries()) {
    it(`have the reference values of batch ${place}`, () => {
      const { batch, gamma, expected } = given
      const terms = tf.tidy(() => {
        const gathered = (table: FixtureTensor, rows: number[]) =>
          tf.gather(matrix(table), tf.tensor1d(rows, 'int32'))
        const parts = directAu(gamma, 'cosine').terms({
          users: gathered(given.users, batch.users),
          positives: gathered(given.items, batch.positives),
          negatives: tf.zeros([0, 1]),
          negativesPerPositive: 0,
          indices: {
            users: Int32Array.from(batch.users),
            positives: Int32Array.from(batch.positives),
            negatives: new Int32Array(0),
          },
          graph: graphOf(smallGraph),
        })
        return Object.fromEntries(
          Object.entries(parts).map(([name, { value, weight }]) => [
            name,
            { value: value.dataSync()[0] as number, weight },
          ]),
        )
      })
      expect(Object.keys(terms)).toEqual(['alignment', 'userUniformity', 'itemUniformity'])
      expect(terms['alignment']?.value).toBeCloseTo(expected.alignment, 5)
      expect(terms['userUniformity']?.value).toBeCloseTo(expected.uniformityUsers, 5)
      expect(terms['itemUniformity']?.value).toBeCloseTo(expected.uniformityItems, 5)
      const total = Object.values(terms).reduce((sum, { value, weight }) => sum + value * weight, 0)
      expect(total).toBeCloseTo(expected.directAU, 5)
    })
  }

  for (const { name, X, expected } of diagnostics.entries) {
    it(`have the reference uniformity of ${name}`, () => {
      expect(read(() => uniformity(matrix(X)))).toBeCloseTo(expected.uniformity, 5)
    })
  }

  it('are 0 for one repeated direction', () => {
    const rows = [
      [1, 2, -1],
      [2, 4, -2],
      [0.5, 1, -0.5],
    ]
    expect(uniformityOf(rows)).toBeCloseTo(0, 6)
    expect(alignmentOf(rows, rows)).toBe(0)
  })

  it('reach their other ends for opposite directions', () => {
    const [east, west] = [
      [1, 0],
      [-3, 0],
    ] as [number[], number[]]
    expect(uniformityOf([east, west])).toBeCloseTo(-8, 5)
    expect(alignmentOf([east], [west])).toBe(4)
  })

  it('of orthogonal directions are -4 and 2', () => {
    const axes = [
      [1, 0, 0],
      [0, 2, 0],
      [0, 0, 3],
    ]
    expect(uniformityOf(axes)).toBeCloseTo(-4, 6)
    expect(alignmentOf([[1, 0]], [[0, 5]])).toBeCloseTo(2, 6)
  })

  it('have no pair in one row, whose uniformity is 0', () => {
    expect(uniformityOf([[1, 2]])).toBe(0)
  })

  it('do not change when all rows are rotated or each is scaled', () => {
    const [x, y] = [randomRows(6, 4, 'x'), randomRows(6, 4, 'y')]
    const scaled = x.map((row, r) => row.map((value) => value * (r + 0.5)))
    const plain = [uniformityOf(x), alignmentOf(x, y)]
    expectClose([uniformityOf(rotate(x)), alignmentOf(rotate(x), rotate(y))], plain, 2e-6)
    expectClose([uniformityOf(scaled), alignmentOf(scaled, y)], plain, 2e-6)
    expect(Math.abs(alignmentOf(rotate(x), y) - (plain[1] as number))).toBeGreaterThan(0.1)
  })

  it('have gradients across each row, as lengths do not matter', () => {
    const rows = randomRows(5, 3, 'gradient')
    const gradient = uniformityGradient(rows)
    expect(largest(gradient)).toBeGreaterThan(0.1)
    for (const [r, row] of rows.entries()) {
      const along = row.reduce((sum, value, c) => sum + value * (gradient[3 * r + c] as number), 0)
      expect(along).toBeCloseTo(0, 5)
    }
  })

  it('are exact for a batch far larger than a thread’s share of rows', () => {
    const rows = randomRows(300, 5, 'many')
    const units = rows.map((row) => row.map((value) => value / Math.hypot(...row)))
    let sum = 0
    for (let i = 0; i < 300; i++) {
      for (let j = 0; j < i; j++) {
        const squares = units[i]?.map((value, c) => (value - (units[j]?.[c] as number)) ** 2) ?? []
        sum += Math.exp(-2 * squares.reduce((a, b) => a + b))
      }
    }
    expect(uniformityOf(rows)).toBeCloseTo(Math.log(sum / ((300 * 299) / 2)), 5)
  })

  it('are NaN where a row is', () => {
    expect(
      uniformityOf([
        [1, Number.NaN],
        [1, 0],
      ]),
    ).toBeNaN()
    expect(alignmentOf([[1, Number.NaN]], [[1, 0]])).toBeNaN()
  })
})

describeEachBackend('rows of length 1', () => {
  const evaluate = (rows: number[][], cotangent: number[][]) =>
    tf.tidy(() => {
      const given = tf.tensor2d(rows)
      const gradient = tf.grad((x) =>
        tf.sum(tf.mul(unitRows(x as tf.Tensor2D), tf.tensor2d(cotangent))),
      )(given)
      return { unit: [...unitRows(given).dataSync()], gradient: [...gradient.dataSync()] }
    })

  it('keep a row of zeros, without a gradient for it', () => {
    const { unit, gradient } = evaluate(
      [
        [0, 0],
        [3, 4],
      ],
      [
        [1, 1],
        [1, 0],
      ],
    )
    expectClose(unit, [0, 0, 0.6, 0.8], 1e-7)
    // (g - u (u · g)) / ‖x‖ for the other.
    expectClose(gradient, [0, 0, 0.64 / 5, -0.48 / 5], 1e-7)
  })

  it('are right for very short and very long rows', () => {
    const { unit, gradient } = evaluate(
      [
        [3e-9, 4e-9],
        [3e15, 4e15],
      ],
      [
        [0, 1],
        [0, 1],
      ],
    )
    expectClose(unit, [0.6, 0.8, 0.6, 0.8], 1e-6)
    for (const value of gradient) expect(value).toSatisfy(Number.isFinite)
  })

  it('are zero below the floor', () => {
    const { unit, gradient } = evaluate([[1e-13, 0]], [[0, 1]])
    expect(unit).toEqual([0, 0])
    expect(gradient).toEqual([0, 0])
  })

  it('keep a NaN', () => {
    expect(evaluate([[Number.NaN, 1]], [[1, 1]]).unit).toEqual([Number.NaN, Number.NaN])
  })
})
