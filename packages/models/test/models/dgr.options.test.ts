import { InvalidOptionsError } from '@gnnrec/graph'
import { expect, it } from 'vitest'
import { Dgr } from '../../src/dgr/dgr.js'
import type { DgrOptions } from '../../src/dgr/dgr-options.js'
import { describeEachBackend } from '../support/backends.js'
import { expectClose } from '../support/compare.js'
import { batch, dense, prepared } from '../support/dgr.js'
import { graphOf, owned, smallGraph } from '../support/graphs.js'
import { memoryInUse } from '../support/memory.js'
import { batchOf, evaluateLoss } from '../support/training.js'

describeEachBackend('options of DGR', () => {
  const graph = graphOf(smallGraph)
  const wrong: [object, ...string[]][] = [
    [{ layers: -1 }, 'layers: got -1'],
    [{ layers: 2.5 }, 'layers: got 2.5'],
    [{ desmoothing: [0.1, 1.1] }, 'desmoothing: got [0.1,1.1]', 'expected 3 numbers'],
    [{ desmoothing: [], layers: 1 }, 'desmoothing: got []', 'expected 1 numbers'],
    [{ desmoothing: [0.1, -1, 0] }, 'desmoothing.1: got -1'],
    [{ desmoothing: [0.1, -1.5, 0] }, 'desmoothing.1: got -1.5'],
    [{ desmoothing: [0.1, Number.NaN, 0] }, 'desmoothing.1: got NaN'],
    [{ desmoothing: [0.1, Number.POSITIVE_INFINITY, 0] }, 'desmoothing.1: got Infinity'],
    [{ desmoothing: 0.1 }, 'desmoothing: got 0.1'],
    [{ projection: 'half' }, 'projection: got "half"'],
    [{ neighbourWeight: -1e-2 }, 'neighbourWeight: got -0.01'],
    [{ marginalWeight: Number.NaN }, 'marginalWeight: got NaN'],
    [{ marginalWeight: -1 }, 'marginalWeight: got -1'],
    [{ neighbours: 0 }, 'neighbours: got 0'],
    [{ neighbours: 1.5 }, 'neighbours: got 1.5'],
    [{ neighbors: 10 }, "'neighbors'", "did you mean 'neighbours'"],
    [{ marginal: 'unbounded' }, 'marginal: got "unbounded"'],
    [{ regularization: 'l2' }, 'regularization: got "l2"'],
    [{ l2Convention: 'mean-squares' }, 'l2Convention: got "mean-squares"', "'layer-zero'"],
    [{ regularization: 'layer-zero', l2Convention: 'squares' }, 'l2Convention: got "squares"'],
    [{ layerWeights: [1] }, "'layerWeights'"],
    [{ embeddingDim: 0, l2Weight: -1 }, 'embeddingDim: got 0', 'l2Weight: got -1'],
    [{ loss: { name: 'bpr', reduction: 'product' } }, 'loss.reduction: got "product"'],
  ]
  it.each(wrong)('%j are refused by name', (options, ...parts) => {
    const before = memoryInUse()
    const make = () => new Dgr(graph, options)
    expect(make).toThrow(InvalidOptionsError)
    for (const part of ['Invalid options for dgr', ...parts]) expect(make).toThrow(part)
    expect(memoryInUse()).toEqual(before)
  })

  it('are those of the official code by default', () => {
    expect(owned(new Dgr(graph)).options).toEqual({
      embeddingDim: 64,
      layers: 3,
      desmoothing: [0.1, 1.1, 0],
      projection: 'official',
      neighbourWeight: 1e-2,
      marginalWeight: 5e-6,
      neighbours: 10,
      marginal: 'paper',
      initialization: 'xavier-uniform',
      initialDeviation: 0.1,
      seed: 0,
      regularization: 'official',
      l2Weight: 1e-4,
      loss: { name: 'bpr', reduction: 'mean', itemBias: false },
    })
  })

  it('take out nothing after two layers by default, and have the L2 of the others on layer 0', () => {
    const coefficients = [0, 1, 2, 5].map(
      (layerCount) => owned(new Dgr(graph, { layers: layerCount })).options['desmoothing'],
    )
    expect(coefficients).toEqual([[], [0.1], [0.1, 1.1], [0.1, 1.1, 0, 0, 0]])
    const { options } = owned(new Dgr(graph, { regularization: 'layer-zero' }))
    expect(options['l2Convention']).toBe('mean-squares')
  })

  it('choose the ranking loss', async () => {
    const read = async (loss: DgrOptions['loss']) => {
      const model = await prepared(dense, { neighbours: 2, ...(loss && { loss }) })
      return { ...evaluateLoss(model, batch), names: Object.keys(model.parameters()) }
    }
    const [mean, sum] = [await read(undefined), await read({ name: 'bpr', reduction: 'sum' })]
    expectClose([sum.terms['bpr'] as number], [7 * (mean.terms['bpr'] as number)], 1e-5)
    expect(sum.terms['positiveNeighbours']).toBe(mean.terms['positiveNeighbours'])
    const biased = await read({ name: 'bpr', itemBias: true })
    expect(biased.names).toEqual(['userEmbeddings', 'itemEmbeddings', 'itemBias'])
  })

  it('choose what L2 on layer 0 is', async () => {
    const conventions = ['mean-squares', 'sum-squares', 'mean-norms'] as const
    const values: number[] = []
    for (const l2Convention of conventions) {
      const model = await prepared(dense, { regularization: 'layer-zero', l2Convention })
      values.push(evaluateLoss(model, batch).terms['l2'] as number)
    }
    expectClose([values[1] as number], [7 * (values[0] as number)], 1e-5)
    expect(values[2]).not.toBe(values[0])
  })
})

describeEachBackend('the neighbour terms of DGR', () => {
  const options = { neighbours: 2, embeddingDim: 4 }

  it('grow with the batch, as BPR does not', async () => {
    const model = await prepared(dense, options)
    const twice = batchOf(
      [...batch.users, ...batch.users],
      [...batch.positives, ...batch.positives],
      [...batch.negatives, ...batch.negatives],
    )
    const [one, two] = [evaluateLoss(model, batch).terms, evaluateLoss(model, twice).terms]
    for (const name of ['positiveNeighbours', 'marginalNeighbours']) {
      expect(one[name]).not.toBe(0)
      expectClose([two[name] as number], [2 * (one[name] as number)], 1e-5)
    }
    expectClose([two['bpr'] as number], [one['bpr'] as number], 1e-6)
  })

  it('are there for their weights alone', async () => {
    const names = async (neighbourWeight: number, marginalWeight: number) => {
      const model = await prepared(dense, { ...options, neighbourWeight, marginalWeight })
      return Object.keys(evaluateLoss(model, batch).terms)
    }
    expect(await names(1, 1)).toEqual(['bpr', 'l2', 'positiveNeighbours', 'marginalNeighbours'])
    expect(await names(1, 0)).toEqual(['bpr', 'l2', 'positiveNeighbours'])
    expect(await names(0, 1)).toEqual(['bpr', 'l2', 'marginalNeighbours'])
    expect(await names(0, 0)).toEqual(['bpr', 'l2'])
  })

  it('are 0 for a batch whose positive nobody met', async () => {
    const model = await prepared(dense, options)
    const { total, terms } = evaluateLoss(model, batchOf([0], [4], [1]))
    expect(terms['positiveNeighbours']).toBeCloseTo(0, 10)
    expect(terms['marginalNeighbours']).toBeCloseTo(0, 10)
    expectClose([total], [(terms['bpr'] as number) + 1e-4 * (terms['l2'] as number)], 1e-6)
  })

  it('stay finite for scores of several hundred', async () => {
    for (const marginal of ['paper', 'bounded'] as const) {
      const model = await prepared(dense, {
        ...options,
        marginal,
        initialization: 'normal',
        initialDeviation: 30,
        neighbourWeight: 1,
        marginalWeight: 1,
      })
      const { terms, gradients } = evaluateLoss(model, batch)
      for (const values of [Object.values(terms), ...Object.values(gradients)]) {
        expect([...values].every(Number.isFinite)).toBe(true)
      }
      expect(Math.abs(terms['marginalNeighbours'] as number)).toBeGreaterThan(50)
    }
  })
})
