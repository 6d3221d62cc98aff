import { InvalidOptionsError } from '@gnnrec/graph'
import { expect, it } from 'vitest'
import { Gcnii } from '../../src/gcnii/gcnii.js'
import { BprMf } from '../../src/index.js'
import { describeEachBackend } from '../support/backends.js'
import { expectSameBytes } from '../support/compare.js'
import { describeFixtures } from '../support/fixture-suite.js'
import { graphOf, owned, randomGraph, smallGraph } from '../support/graphs.js'
import { expectFlatMemory } from '../support/memory.js'
import {
  batchOf,
  evaluateLoss,
  layers,
  output,
  trainSteps,
  weightValues,
} from '../support/training.js'

describeFixtures({
  model: 'gcnii',
  count: 9,
  terms: { bpr: 'bpr', regularisation: 'l2' },
  create: (graph, { params, trainable }) =>
    new Gcnii(graph, {
      embeddingDim: params['dim'] as number,
      layers: params['layers'] as number,
      initialResidual: params['alpha'] as number,
      identityDecay: params['lambda'] as number,
      activation: params['activation'] as 'relu' | 'identity',
      head: !trainable.includes('head.weight')
        ? 'none'
        : trainable.includes('head.bias')
          ? 'linear'
          : 'linear-without-bias',
      l2Weight: params['decay'] as number,
    }),
})

describeEachBackend('Gcnii', () => {
  it('without layers and head is BprMf, to the bit', () => {
    const graph = graphOf(smallGraph)
    const options = { embeddingDim: 6, l2Weight: 0, seed: 3 }
    const gcnii = owned(new Gcnii(graph, { ...options, layers: 0, head: 'none' }))
    const bprMf = owned(new BprMf(graph, options))
    expectSameBytes(output(gcnii), output(bprMf))
    const batch = batchOf([0, 1, 3], [1, 2, 0], [4, 0, 3])
    const [own, other] = [evaluateLoss(gcnii, batch), evaluateLoss(bprMf, batch)]
    expect(own.total).toBe(other.total)
    expectSameBytes(own.gradients, other.gradients)
  })

  it('has the head of a linear map that starts as the identity', () => {
    const graph = graphOf(smallGraph)
    const options = { embeddingDim: 4, layers: 2, seed: 1 }
    const withHead = owned(new Gcnii(graph, options))
    const without = owned(new Gcnii(graph, { ...options, head: 'none' }))
    expect(output(withHead)).toEqual(output(without))
    expect(layers(withHead)).toHaveLength(3)
  })

  it('saves and loads all its weights', async () => {
    const model = owned(new Gcnii(graphOf(smallGraph), { embeddingDim: 4, layers: 2 }))
    trainSteps(model, { steps: 3 })
    const files: Record<string, Uint8Array> = {}
    await model.save(files)
    const loaded = owned(await Gcnii.load(files))
    expectSameBytes(await weightValues(loaded), await weightValues(model))
    expectSameBytes(output(loaded), output(model))
  })

  it('leaves no tensor behind', async () => {
    await expectFlatMemory(
      randomGraph({ users: 30, items: 20, degree: 4 }),
      (graph) => new Gcnii(graph, { embeddingDim: 4, layers: 2 }),
    )
  })

  it('refuses options out of range', () => {
    const graph = graphOf(smallGraph)
    for (const wrong of [
      { layers: -1 },
      { initialResidual: 1.1 },
      { identityDecay: -1 },
      { activation: 'tanh' },
      { head: true },
      { lambda: 0.5 },
    ]) {
      expect(() => new Gcnii(graph, wrong as never)).toThrow(InvalidOptionsError)
    }
  })
})
