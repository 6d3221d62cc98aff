import { Rng, type SparseMatrix } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { LightGcn } from '../../src/index.js'
import { dropEdges } from '../../src/light-gcn/edge-dropout.js'
import { describeEachBackend } from '../support/backends.js'
import { expectSameBytes, sameBytes } from '../support/compare.js'
import { graphOf, owned, randomGraph, smallGraph } from '../support/graphs.js'
import { memoryInUse } from '../support/memory.js'
import { batchOf, evaluateLoss, output, trainSteps } from '../support/training.js'

const batch = batchOf([0, 1, 3], [1, 2, 0], [4, 0, 1])

describe('dropEdges', () => {
  const graph = graphOf(randomGraph({ users: 200, items: 150, degree: 20 }))
  const toUsers = graph.biadjacency()
  const operator = { toUsers, toItems: toUsers.transpose() }
  const rate = 0.3
  const dropped = dropEdges(operator, rate, Rng.fromSeed(0))
  const keptOf = ({ values }: SparseMatrix) => Array.from(values, (value) => value !== 0)

  it('keeps 1 - rate of the entries and divides them by it', () => {
    for (const side of ['toUsers', 'toItems'] as const) {
      const kept = keptOf(dropped[side])
      const share = kept.filter(Boolean).length / kept.length
      // Four standard errors.
      expect(Math.abs(share - 0.7)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / kept.length))
      const whole = operator[side].values
      const expected = whole.map((value, entry) => (kept[entry] ? value / (1 - rate) : 0))
      expect(dropped[side].values).toEqual(expected)
    }
  })

  it('draws the two directions apart', () => {
    const forth = keptOf(dropped.toUsers)
    const back = keptOf(dropped.toItems.transpose())
    const both = forth.filter((kept, entry) => kept && back[entry]).length / forth.length
    expect(Math.abs(both - 0.49)).toBeLessThan(4 * Math.sqrt((0.49 * 0.51) / forth.length))
  })

  it('shares the pattern', () => {
    expect(dropped.toUsers.columnIndices).toBe(toUsers.columnIndices)
  })
})

describeEachBackend('edge dropout', (backend) => {
  const options = { embeddingDim: 8, layers: 2, edgeDropout: 0.4 }
  const make = (more: object = {}) =>
    owned(new LightGcn(graphOf(smallGraph), { ...options, ...more }))

  it('gives the whole graph’s embeddings on average', () => {
    const model = make({ layers: 1, initialDeviation: 1 })
    const whole = output(model)
    const draws = 600
    const sums = { users: new Float64Array(7 * 8), items: new Float64Array(5 * 8) }
    const squares = { users: new Float64Array(7 * 8), items: new Float64Array(5 * 8) }
    for (let draw = 0; draw < draws; draw++) {
      const once = output(model, { training: true })
      for (const side of ['users', 'items'] as const) {
        for (const [place, value] of once[side].entries()) {
          sums[side][place]! += value
          squares[side][place]! += value * value
        }
      }
    }
    let varying = 0
    for (const side of ['users', 'items'] as const) {
      for (const [place, expected] of whole[side].entries()) {
        const mean = (sums[side][place] as number) / draws
        const variance = (squares[side][place] as number) / draws - mean * mean
        const error = Math.sqrt(Math.max(variance, 0) / draws)
        expect(Math.abs(mean - expected)).toBeLessThanOrEqual(4.5 * error + 1e-6)
        if (error > 1e-4) varying++
      }
    }
    // All nodes but the two isolated ones.
    expect(varying).toBe(10 * 8)
  })

  it('leaves evaluation alone', () => {
    const plain = make({ edgeDropout: 0 })
    const model = make()
    const read = (of: LightGcn, training?: boolean) =>
      tf.tidy(
        () => of.lossTerms(batch, training === undefined ? {} : { training }).total.dataSync()[0],
      )
    expectSameBytes(output(model), output(plain))
    expect(read(model, false)).toBe(read(plain, false))
    expect(read(model, true)).not.toBe(read(plain, true))
    expectSameBytes(output(model), output(plain))
    expectSameBytes(output(plain, { training: true }), output(plain))
  })

  it('draws anew each step and epoch, the same again for the same epoch', () => {
    const losses = (model: LightGcn, epoch: number, seed: number) => {
      model.beginEpoch(epoch, Rng.fromSeed(seed))
      return [0, 1, 2].map(() => evaluateLoss(model, batch).total)
    }
    const model = make()
    const third = losses(model, 3, 0)
    expect(new Set(third).size).toBe(3)
    const others = [losses(model, 4, 0), losses(model, 3, 1)]
    expect(new Set([...third, ...others.flat()]).size).toBe(9)
    for (let step = 0; step < 4; step++) output(model, { training: true })
    expect(losses(model, 3, 0)).toEqual(third)
    // Nor does what another model drew, or its seed, matter.
    const other = make()
    other.beginEpoch(0, Rng.fromSeed(9))
    evaluateLoss(other, batch)
    expect(losses(other, 3, 0)).toEqual(third)
  })

  it('draws by the seed of the model until an epoch begins', () => {
    const first = (seed: number) => sameTables(make({ seed }))
    const sameTables = (model: LightGcn) => {
      const { users } = output(model, { training: true })
      return { users, whole: output(model).users }
    }
    expect(sameBytes(first(1).users, first(1).users)).toBe(true)
    expect(sameBytes(first(1).users, first(1).whole)).toBe(false)
  })

  it('leaks nothing over many steps, and frees everything', () => {
    const before = memoryInUse()
    const graph = graphOf(randomGraph({ users: 50, items: 40, degree: 5 }))
    const model = new LightGcn(graph, options)
    trainSteps(model, { steps: 2 })
    const soon = memoryInUse()
    trainSteps(model, { steps: 60 })
    expect(memoryInUse()).toEqual(soon)
    if (backend === 'simd') expect(soon.kernelBytes).toBeGreaterThan(before.kernelBytes)
    model.dispose()
    graph.dispose()
    expect(memoryInUse()).toEqual(before)
  })
})
