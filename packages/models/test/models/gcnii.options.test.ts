import { InvalidOptionsError } from '@gnnrec/graph'
import { expect, it } from 'vitest'
import { Gcnii } from '../../src/gcnii/gcnii.js'
import type { GcniiOptions } from '../../src/gcnii/gcnii-options.js'
import { describeEachBackend } from '../support/backends.js'
import { largest, sameBytes } from '../support/compare.js'
import { graphOf, owned, smallGraph } from '../support/graphs.js'
import { memoryInUse } from '../support/memory.js'
import { batchOf, evaluateLoss, layers, output, weightValues } from '../support/training.js'

describeEachBackend('options of Gcnii', () => {
  const graph = graphOf(smallGraph)
  const wrong: [object, ...string[]][] = [
    [{ layers: -1 }, 'layers: got -1'],
    [{ layers: 2.5 }, 'layers: got 2.5'],
    [{ layers: Number.NaN }, 'layers: got NaN'],
    [{ variant: 'gcn' }, 'variant: got "gcn"'],
    [{ variant: true }, 'variant: got true'],
    [{ initialResidual: -0.1 }, 'initialResidual: got -0.1'],
    [{ initialResidual: 1.1 }, 'initialResidual: got 1.1'],
    [{ initialResidual: Number.NaN }, 'initialResidual: got NaN'],
    [{ identityDecay: -1 }, 'identityDecay: got -1'],
    [{ identityDecay: Number.NaN }, 'identityDecay: got NaN'],
    [{ identityDecay: Number.POSITIVE_INFINITY }, 'identityDecay: got Infinity'],
    [{ layerResidual: 1 }, 'layerResidual: got 1'],
    [{ activation: 'tanh' }, 'activation: got "tanh"'],
    [{ head: true }, 'head: got true'],
    [{ dropout: 1 }, 'dropout: got 1'],
    [{ dropout: -0.1 }, 'dropout: got -0.1'],
    [{ dropout: Number.NaN }, 'dropout: got NaN'],
    [{ droput: 0.1 }, "'droput'", "did you mean 'dropout'"],
    [{ lambda: 0.5 }, "'lambda'"],
    [{ embeddingDim: 0, l2Weight: -1 }, 'embeddingDim: got 0', 'l2Weight: got -1'],
  ]
  it.each(wrong)('%j are refused by name', (options, ...parts) => {
    const before = memoryInUse()
    const create = () => new Gcnii(graph, options)
    expect(create).toThrow(InvalidOptionsError)
    for (const part of ['Invalid options for gcnii', ...parts]) expect(create).toThrow(part)
    expect(memoryInUse()).toEqual(before)
  })

  it('have defaults, and include the ends of their ranges', () => {
    expect(owned(new Gcnii(graph)).options).toEqual({
      embeddingDim: 64,
      layers: 4,
      variant: 'gcnii',
      initialResidual: 0.1,
      layerResidual: false,
      identityDecay: 0.5,
      activation: 'relu',
      head: 'linear',
      dropout: 0,
      initialization: 'normal',
      initialDeviation: 0.1,
      seed: 0,
      l2Weight: 1e-4,
      l2Convention: 'mean-squares',
      loss: { name: 'bpr', reduction: 'mean', itemBias: false },
    })
    for (const initialResidual of [0, 1]) {
      const ends = { embeddingDim: 1, layers: 0, initialResidual, identityDecay: 0, dropout: 0 }
      expect(owned(new Gcnii(graph, ends)).options).toMatchObject(ends)
    }
  })

  it('name the parameters', () => {
    const lines = (options: GcniiOptions) =>
      owned(new Gcnii(graph, { embeddingDim: 4, layers: 2, ...options }))
        .describe()
        .tensors.map(({ name, role, shape }) => `${name} ${role} ${shape}`)
    const tables = ['userEmbeddings embeddings 7,4', 'itemEmbeddings embeddings 5,4']
    const head = ['head.weight dense 4,4', 'head.bias dense 4']
    expect(lines({})).toEqual([
      ...tables,
      ...['conv.0.weight dense 4,4', 'conv.1.weight dense 4,4'],
      ...head,
    ])
    expect(lines({ head: 'linear-without-bias', layers: 0 })).toEqual([...tables, head[0]])
    expect(lines({ head: 'none', variant: 'gcnii*' })).toEqual([
      ...tables,
      ...['conv.0.weight dense 8,4', 'conv.1.weight dense 8,4'],
    ])
  })

  it('draw every W_l from U(±1/√d), each of its own, and the head as the identity', async () => {
    for (const variant of ['gcnii', 'gcnii*'] as const) {
      const weights = await weightValues(owned(new Gcnii(graph, { variant, layers: 3 })))
      const maps = [0, 1, 2].map((l) => weights[`conv.${l}.weight`] as Float32Array)
      for (const [place, values] of maps.entries()) {
        expect(largest(values)).toBeLessThanOrEqual(1 / 8)
        expect(largest(values)).toBeGreaterThan(0.99 / 8)
        const deviation = Math.hypot(...values) / Math.sqrt(values.length)
        expect(Math.abs(deviation * 8 * Math.sqrt(3) - 1)).toBeLessThan(0.05)
        for (const other of maps.slice(0, place)) expect(sameBytes(values, other)).toBe(false)
      }
      const head = weights['head.weight'] as Float32Array
      expect(head.every((value, i) => value === (i % 65 === 0 ? 1 : 0))).toBe(true)
      expect(largest(weights['head.bias'] as Float32Array)).toBe(0)
    }
  })

  it('have a head that starts as the identity', () => {
    const options = { embeddingDim: 4, layers: 2, seed: 1 }
    const withHead = owned(new Gcnii(graph, options))
    const without = owned(new Gcnii(graph, { ...options, head: 'none' }))
    expect(output(withHead)).toEqual(output(without))
    expect(layers(withHead)).toHaveLength(3)
  })

  it('choose the ranking loss, with negatives and without', () => {
    const batch = batchOf([0, 1], [1, 2], [4, 0])
    for (const variant of ['gcnii', 'gcnii*'] as const) {
      const read = (loss: NonNullable<GcniiOptions['loss']>) =>
        evaluateLoss(owned(new Gcnii(graph, { variant, loss })), batch)
      expect(Object.keys(read({ name: 'bpr', itemBias: true }).gradients)).toContain('itemBias')
      const { total, gradients } = read({ name: 'direct-au' })
      expect(Number.isFinite(total)).toBe(true)
      expect(largest(gradients['conv.0.weight'] as Float32Array)).toBeGreaterThan(0)
    }
  })
})
