import { InvalidOptionsError } from '@gnnrec/graph'
import type * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { GroupShuffle } from '../../src/group-shuffle/group-shuffle.js'
import type { GroupShuffleOptions } from '../../src/group-shuffle/group-shuffle-options.js'
import { BprMf } from '../../src/index.js'
import { describeEachBackend } from '../support/backends.js'
import { expectClose, sameBytes } from '../support/compare.js'
import { graphOf, owned, smallGraph } from '../support/graphs.js'
import { memoryInUse } from '../support/memory.js'
import { batchOf, evaluateLoss, output, weightValues } from '../support/training.js'

describeEachBackend('options of GroupShuffle', () => {
  const graph = graphOf(smallGraph)
  const wrong: [object, ...string[]][] = [
    [{ layers: -1 }, 'layers: got -1'],
    [{ layers: 1.5 }, 'layers: got 1.5'],
    [{ blockSize: 0 }, 'blockSize: got 0'],
    [{ blockSize: 2.5 }, 'blockSize: got 2.5'],
    [{ blockSize: 10 }, 'blockSize: got 10', 'a divisor of embeddingDim, which is 64'],
    [{ embeddingDim: 20 }, 'blockSize: got undefined', 'embeddingDim, which is 20; 8 is none'],
    [{ embeddingDim: 12, layers: 0 }, 'blockSize', 'which is 12'],
    [{ initialResidual: -0.1 }, 'initialResidual: got -0.1'],
    [{ initialResidual: 1.1 }, 'initialResidual: got 1.1'],
    [{ initialResidual: Number.NaN }, 'initialResidual: got NaN'],
    [{ factors: 3 }, 'factors: got 3'],
    [{ orthogonalMap: 'householder' }, 'orthogonalMap: got "householder"'],
    [{ shuffle: 'sorted' }, 'shuffle: got "sorted"'],
    [{ blockDeviation: -1 }, 'blockDeviation: got -1'],
    [{ blockDeviation: Number.POSITIVE_INFINITY }, 'blockDeviation: got Infinity'],
    [{ dropout: 1 }, 'dropout: got 1'],
    [{ dropout: -0.5 }, 'dropout: got -0.5'],
    [{ blocksize: 8 }, "'blocksize'", "did you mean 'blockSize'"],
    [{ alpha: 0.1 }, "'alpha'"],
    [{ l2Weight: -1, seed: null }, 'l2Weight: got -1', 'seed: got null'],
  ]
  it.each(wrong)('%j are refused by name', (options, ...parts) => {
    const before = memoryInUse()
    const create = () => new GroupShuffle(graph, options)
    expect(create).toThrow(InvalidOptionsError)
    for (const part of ['Invalid options for group-shuffle', ...parts]) {
      expect(create).toThrow(part)
    }
    expect(memoryInUse()).toEqual(before)
  })

  it('have defaults, and include the ends of their ranges', () => {
    expect(owned(new GroupShuffle(graph)).options).toEqual({
      embeddingDim: 64,
      layers: 3,
      blockSize: 8,
      initialResidual: 0.1,
      factors: 2,
      orthogonalMap: 'cayley',
      shuffle: 'stride',
      blockDeviation: 0,
      dropout: 0,
      seed: 0,
      l2Weight: 1e-4,
      initialization: 'normal',
      initialDeviation: 0.1,
      l2Convention: 'mean-squares',
      loss: { name: 'bpr', reduction: 'mean', itemBias: false },
    })
    const ends = { embeddingDim: 3, blockSize: 1, layers: 1, initialResidual: 1, dropout: 0 }
    expect(evaluateLoss(owned(new GroupShuffle(graph, ends)), batchOf([0], [1], [2])).total).toBe(
      evaluateLoss(owned(new BprMf(graph, { embeddingDim: 3 })), batchOf([0], [1], [2])).total,
    )
  })

  it('name the parameters and buffers', () => {
    const lines = (options: GroupShuffleOptions) =>
      owned(new GroupShuffle(graph, { embeddingDim: 8, blockSize: 4, layers: 2, ...options }))
        .describe()
        .tensors.map(({ name, role, shape }) => `${name} ${role} ${shape}`)
    const tables = ['userEmbeddings embeddings 7,8', 'itemEmbeddings embeddings 5,8']
    expect(lines({})).toEqual([
      ...tables,
      ...['layer.0.left dense 2,4,4', 'layer.0.right dense 2,4,4'],
      ...['layer.1.left dense 2,4,4', 'layer.1.right dense 2,4,4'],
    ])
    expect(lines({ factors: 1, shuffle: 'random' })).toEqual([
      ...tables,
      ...['layer.0.block dense 2,4,4', 'layer.1.block dense 2,4,4'],
      ...['layer.0.permutation buffer 8', 'layer.1.permutation buffer 8'],
    ])
  })

  it('set the deviation of the first K, each of its own', async () => {
    const model = owned(new GroupShuffle(graph, { blockDeviation: 0.3 }))
    const { userEmbeddings: _, itemEmbeddings: __, ...blocks } = await weightValues(model)
    const all = Object.values(blocks)
    expect(all).toHaveLength(6)
    for (const [place, values] of all.entries()) {
      const deviation = Math.hypot(...values) / Math.sqrt(values.length)
      expect(Math.abs(deviation / 0.3 - 1)).toBeLessThan(0.15)
      for (const other of all.slice(0, place)) expect(sameBytes(values, other)).toBe(false)
    }
    const still = await weightValues(owned(new GroupShuffle(graph)))
    expect(still['layer.2.right']?.every((value) => value === 0)).toBe(true)
  })

  it('choose the ranking loss', () => {
    const batch = batchOf([0, 1], [1, 2], [4, 0])
    const read = (loss: GroupShuffleOptions['loss']) =>
      evaluateLoss(owned(new GroupShuffle(graph, { ...(loss && { loss }) })), batch)
    const [mean, sum] = [read(undefined), read({ name: 'bpr', reduction: 'sum' })]
    expectClose([sum.terms['bpr'] as number], [2 * (mean.terms['bpr'] as number)], 1e-6)
    const biased = read({ name: 'bpr', itemBias: true })
    expect(Object.keys(biased.gradients)).toContain('itemBias')
  })
})

describeEachBackend('tables of all nodes in GroupShuffle', () => {
  it('are there for terms that ask for them', () => {
    class WithTerm extends GroupShuffle {
      seen: number[] = []

      protected override weightedTerms(...given: Parameters<GroupShuffle['weightedTerms']>) {
        const [forward] = given as unknown as [{ tables: { users: tf.Tensor } }]
        this.seen = [...forward.tables.users.dataSync()]
        return super.weightedTerms(...given)
      }
    }
    const model = owned(new WithTerm(graphOf(smallGraph), { blockDeviation: 0.5 }))
    evaluateLoss(model, batchOf([0], [1], [2]))
    expect(model.seen).toEqual([...output(model).users])
  })
})
