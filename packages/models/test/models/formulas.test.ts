import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { BprMf, LightGcn, losses } from '../../src/index.js'
import { describeEachBackend } from '../support/backends.js'
import { expectClose, largest } from '../support/compare.js'
import { graphOf, owned, smallGraph } from '../support/graphs.js'
import { softplus64 } from '../support/reference.js'
import { batchOf, evaluateLoss, setWeights, weightValues } from '../support/training.js'

const dim = 3
const rowOf = (table: Float32Array, row: number) => [...table.slice(row * dim, (row + 1) * dim)]
const dot = (a: number[], b: number[]) => a.reduce((sum, x, c) => sum + x * (b[c] as number), 0)

/** Rows of a table of which at least one value is not exactly 0. */
const touchedRows = (table: Float32Array) =>
  Array.from({ length: table.length / dim }, (_, row) => row).filter(
    (row) => largest(rowOf(table, row)) > 0,
  )

describeEachBackend('closed forms', () => {
  it('of loss and gradient of one triple', async () => {
    const l2Weight = 0.3
    const model = owned(
      new BprMf(graphOf(smallGraph), { embeddingDim: dim, initialDeviation: 1, l2Weight }),
    )
    const weights = await weightValues(model)
    const p = rowOf(weights['userEmbeddings'] as Float32Array, 2)
    const i = rowOf(weights['itemEmbeddings'] as Float32Array, 3)
    const j = rowOf(weights['itemEmbeddings'] as Float32Array, 1)
    const { total, terms, gradients } = evaluateLoss(model, batchOf([2], [3], [1]))
    const margin = dot(p, i) - dot(p, j)
    const l2 = (dot(p, p) + dot(i, i) + dot(j, j)) / 2
    expect(terms['bpr']).toBeCloseTo(softplus64(-margin), 5)
    expect(terms['l2']).toBeCloseTo(l2, 5)
    expect(total).toBeCloseTo(softplus64(-margin) + l2Weight * l2, 5)
    const pull = 1 / (1 + Math.exp(margin))
    const { userEmbeddings, itemEmbeddings } = gradients as Record<string, Float32Array>
    const expected = {
      p: p.map((x, c) => -pull * ((i[c] as number) - (j[c] as number)) + l2Weight * x),
      i: i.map((x, c) => -pull * (p[c] as number) + l2Weight * x),
      j: j.map((x, c) => pull * (p[c] as number) + l2Weight * x),
    }
    expectClose(rowOf(userEmbeddings as Float32Array, 2), expected.p, 1e-5)
    expectClose(rowOf(itemEmbeddings as Float32Array, 3), expected.i, 1e-5)
    expectClose(rowOf(itemEmbeddings as Float32Array, 1), expected.j, 1e-5)
    expect(touchedRows(userEmbeddings as Float32Array)).toEqual([2])
    expect(touchedRows(itemEmbeddings as Float32Array)).toEqual([1, 3])
  })

  it('of the gradient of the L2 term: count/B times the row, exactly 0 outside the batch', async () => {
    const model = owned(
      new LightGcn(graphOf(smallGraph), { embeddingDim: dim, layers: 2, initialDeviation: 1 }),
    )
    const batch = batchOf([0, 3, 0, 6], [1, 0, 1, 1], [3, 3, 2, 2])
    const variables = Object.values(model.parameters())
    const { value, grads } = tf.variableGrads(
      () => model.lossTerms(batch, { training: true }).terms['l2'] as tf.Scalar,
      variables,
    )
    const counts = { userEmbeddings: [2, 0, 0, 1, 0, 0, 1], itemEmbeddings: [1, 3, 2, 2, 0] }
    const weights = await weightValues(model)
    for (const [name, rowCounts] of Object.entries(counts)) {
      const gradient = grads[model.parameters()[name]?.name as string]?.dataSync() as Float32Array
      const table = weights[name] as Float32Array
      const expected = table.map((x, place) => ((rowCounts[Math.floor(place / dim)] ?? 0) / 4) * x)
      expectClose(gradient, expected, 1e-6)
      const inBatch = rowCounts.flatMap((count, row) => (count > 0 ? [row] : []))
      expect(touchedRows(gradient)).toEqual(inBatch)
    }
    tf.dispose([value, grads])
  })

  it('of a plain gradient step of BprMf, which moves only rows of the batch', async () => {
    const model = owned(new BprMf(graphOf(smallGraph), { embeddingDim: dim, l2Weight: 0.1 }))
    const before = await weightValues(model)
    const optimizer = tf.train.sgd(0.5)
    const batch = batchOf([1, 4, 1], [2, 1, 1], [0, 0, 3])
    optimizer.minimize(() => model.loss(batch), false, Object.values(model.parameters()))
    optimizer.dispose()
    const after = await weightValues(model)
    const moved = (name: string) => {
      const table = before[name] as Float32Array
      return touchedRows((after[name] as Float32Array).map((x, i) => x - (table[i] as number)))
    }
    expect(moved('userEmbeddings')).toEqual([1, 4])
    expect(moved('itemEmbeddings')).toEqual([0, 1, 2, 3])
  })

  it('of BPR in both tails', () => {
    tf.tidy(() => {
      const values = [0, 100, -100].map((margin) => {
        const loss = losses.bpr(tf.tensor1d([margin]), tf.tensor1d([0]))
        return loss.dataSync()[0] as number
      })
      expectClose(values, [Math.log(2), 0, 100], 1e-5)
      expect(values[1]).toBeGreaterThanOrEqual(0)
    })
  })

  it('of the mean over several negatives', () => {
    tf.tidy(() => {
      const loss = losses.bpr(tf.tensor1d([1, -1]), tf.tensor1d([0, 2, 3, 0.5, 1, -2]))
      const margins = [-1, 1, 2, 1.5, 2, -1]
      const expected = margins.reduce((sum, margin) => sum + softplus64(margin), 0) / 6
      expect(loss.dataSync()[0]).toBeCloseTo(expected, 5)
    })
  })

  it('of the L2 term', () => {
    tf.tidy(() => {
      const rows = [tf.tensor2d([[1, 2]]), tf.tensor2d([[3, 0]]), tf.tensor2d([[0, -4]])]
      expect(losses.l2(rows, 2).dataSync()[0]).toBeCloseTo((5 + 9 + 16) / 4, 6)
    })
  })

  it('of scores that do not change when users and items turn alike', async () => {
    const graph = graphOf(smallGraph)
    const batch = batchOf([0, 1, 6], [1, 2, 3], [4, 0, 0])
    const angle = 0.7
    const [c, s] = [Math.cos(angle), Math.sin(angle)]
    /** Turns columns 0 and 2 of every row. */
    const turn = (table: Float32Array) =>
      table.map((x, place) => {
        const column = place % dim
        if (column === 0) return c * x - s * (table[place + 2] as number)
        return column === 2 ? s * (table[place - 2] as number) + c * x : x
      })
    for (const layers of [0, 2]) {
      const model = owned(new LightGcn(graph, { embeddingDim: dim, layers, initialDeviation: 1 }))
      const before = evaluateLoss(model, batch)
      const weights = await weightValues(model)
      setWeights(
        model,
        Object.fromEntries(Object.entries(weights).map(([name, table]) => [name, turn(table)])),
      )
      const after = evaluateLoss(model, batch)
      expect(after.total).toBeCloseTo(before.total, 5)
      for (const [name, gradient] of Object.entries(before.gradients)) {
        expectClose(after.gradients[name] as Float32Array, turn(gradient), 1e-5)
      }
    }
  })
})
