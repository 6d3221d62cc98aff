import { type Batch, InvalidOptionsError, Rng, truncatedSvd } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import { describe, expect, it, vi } from 'vitest'
import { NotPreparedError, SvdGcn, type SvdGcnOptions } from '../../src/index.js'
import { describeEachBackend } from '../support/backends.js'
import { expectClose, expectSameBytes, largest, sameBytes } from '../support/compare.js'
import {
  blockGraph,
  type Edge,
  type EdgeList,
  graphOf,
  owned,
  randomGraph,
  smallGraph,
} from '../support/graphs.js'
import { expectFlatMemory } from '../support/memory.js'
import { expectGradients } from '../support/reference.js'
import { svdGcnLoss64 } from '../support/reference-svd-gcn.js'
import {
  batchOf,
  evaluateLoss,
  layers,
  output,
  setWeights,
  trainSteps,
  weightValues,
} from '../support/training.js'

const list = randomGraph({ users: 30, items: 25, degree: 4 })
const small = { variant: 'M', rank: 5, embeddingDim: 4 } as const

/** SvdGcn whose pairs can be seen. */
class Observed extends SvdGcn {
  pairsOf(batch: Batch) {
    return this.drawPairs(batch, { training: true })
  }
}

async function prepared(of: EdgeList, options: SvdGcnOptions): Promise<Observed> {
  const model = owned(new Observed(graphOf(of), options))
  await model.prepare()
  return model
}

const trained = ['B', 'U', 'I', 'M'] as const

describeEachBackend('SvdGcn', () => {
  it('asks for prepare before its first use, and says so', async () => {
    for (const options of [{ rank: 3 }, small]) {
      const model = owned(new SvdGcn(graphOf(list), options))
      for (const use of [
        () => model.forward(),
        () => model.layerOutputs(),
        () => model.loss(batchOf([0], [1], [2])),
      ]) {
        expect(use).toThrow(NotPreparedError)
        expect(use).toThrow('await prepare()')
      }
      const reason = new Error('the user left')
      await expect(model.prepare({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      await model.prepare()
      expect(output(model).users.every(Number.isFinite)).toBe(true)
    }
  })

  it('has the filtered vectors as first layer and the output as last', async () => {
    const model = await prepared(list, { ...small, filterExponent: 1.5, degreeRegularization: 2 })
    const { u, s } = await truncatedSvd(model.graph.biadjacency({ regularization: 2 }), { rank: 5 })
    const [first, last] = layers(model) as [Float32Array, Float32Array]
    const expected = u.map((value, at) => value * Math.exp(1.5 * (s[at % 5] as number)))
    expectClose(first.subarray(0, expected.length), expected, 1e-5 * largest(expected))
    const { users, items } = output(model)
    expect([...last]).toEqual([...users, ...items])
    const spectral = await prepared(list, { rank: 5 })
    const [only, ...others] = layers(spectral)
    expect(others).toEqual([])
    const own = output(spectral)
    expect([...(only as Float32Array)]).toEqual([...own.users, ...own.items])
  })

  it('of variant B whose W is the identity ranks as S does, to the bit', async () => {
    const common = { rank: 6, degreeRegularization: 1, filterExponent: 3, seed: 4 }
    const spectral = await prepared(list, common)
    const model = await prepared(list, { ...common, variant: 'B', embeddingDim: 6 })
    setWeights(model, {
      weight: Float32Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? 1 : 0)),
    })
    expectSameBytes(output(model), output(spectral))
  })

  it('gives what even powers of the adjacency give, where no vector is cut', async () => {
    // exp(0) = 1: the scores of S are X Yᵀ, and X diag(σ) Yᵀ is the matrix itself.
    const model = await prepared(blockGraph(3, 4), {
      rank: 3,
      degreeRegularization: 0,
      filterExponent: 0,
    })
    const { users, items } = output(model)
    const block = (node: number) => Math.floor(node / 4)
    for (let user = 0; user < 12; user++) {
      for (let item = 0; item < 12; item++) {
        let score = 0
        for (let c = 0; c < 3; c++) {
          score += (users[user * 3 + c] as number) * (items[item * 3 + c] as number)
        }
        // Every block has one singular value, 1, with constant vectors 1/√4.
        expect(score).toBeCloseTo(block(user) === block(item) ? 0.25 : 0, 5)
      }
    }
  })

  for (const variant of trained) {
    it(`of variant ${variant} has the gradient of its loss`, async () => {
      const of = randomGraph({ users: 9, items: 8, degree: 2 }, 3)
      const options = {
        ...small,
        variant,
        l2Weight: 0.3,
        filterExponent: 0.5,
        ...((variant === 'U' || variant === 'M') && { userPairWeight: 0.7 }),
        ...((variant === 'I' || variant === 'M') && { itemPairWeight: 1.3 }),
      }
      const model = await prepared(of, options)
      const batch = batchOf([0, 3, 0, 8, 5], [1, 2, 1, 7, 0], [4, 0, 6, 2, 3])
      // The pairs that the model draws in the step that follows.
      model.beginEpoch(0, Rng.fromSeed('epoch'))
      const pairs = model.pairsOf(batch)
      model.beginEpoch(0, Rng.fromSeed('epoch'))
      const [features] = layers(model) as [Float32Array]
      await expectGradients(model, batch, ({ weight }) => {
        return svdGcnLoss64(features, weight as Float64Array, of.users, batch, pairs, options)
      })
    })

    it(`of variant ${variant} learns a block graph by heart in under 300 steps`, async () => {
      const graph = graphOf(blockGraph(4, 5))
      const model = owned(new SvdGcn(graph, { variant, rank: 4, embeddingDim: 8, l2Weight: 1e-3 }))
      await model.prepare()
      const losses = trainSteps(model, { steps: 290, batchSize: 100, learningRate: 0.02 })
      expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] as number))
      const recommender = await model.toRecommender()
      const lists = recommender.recommend(graph.users.ids, { k: 5, excludeSeen: false })
      for (const { user, items } of lists) {
        const known = graph.userItems(graph.users.indexOf(user))
        expect(items.map(Number).sort((a, b) => a - b)).toEqual([...known])
      }
    })
  }

  it('gives relabelled nodes the same scores', async () => {
    const moved = (count: number) => Array.from({ length: count }, (_, n) => (n * 7 + 3) % count)
    const [users, items] = [moved(30), moved(25)]
    const edges = list.edges.map(([u, i]): Edge => [users[u] as number, items[i] as number])
    const options = { rank: 6, filterExponent: 2 }
    const model = await prepared(list, options)
    const other = await prepared({ ...list, edges }, options)
    const [here, there] = [output(model), output(other)]
    const score = (of: typeof here, user: number, item: number) => {
      let sum = 0
      for (let c = 0; c < 6; c++) {
        sum += (of.users[user * 6 + c] as number) * (of.items[item * 6 + c] as number)
      }
      return sum
    }
    for (let user = 0; user < 30; user++) {
      for (let item = 0; item < 25; item++) {
        const expected = score(here, user, item)
        expect(score(there, users[user] as number, items[item] as number)).toBeCloseTo(expected, 4)
      }
    }
  })

  it('goes on with isolated nodes, and with users who share items with everybody', async () => {
    const model = await prepared(smallGraph, { ...small, rank: 3 })
    trainSteps(model, { steps: 20, batchSize: 8 })
    const { users, items } = output(model)
    expect([...users, ...items].every(Number.isFinite)).toBe(true)
    // Nobody has an u⁻ or p⁻ here but those without edges, who are none.
    const complete = await prepared(blockGraph(1, 4), { ...small, rank: 1 })
    const { terms } = evaluateLoss(complete, batchOf([0, 1], [2, 3], [1, 1]))
    expect(Object.keys(terms)).toEqual(['bpr', 'l2'])
  })

  it('keeps its tensors flat, and none after dispose', async () => {
    const of = randomGraph({ users: 50, items: 40, degree: 5 })
    for (const options of [{ rank: 5 }, small]) {
      await expectFlatMemory(of, (graph) => new SvdGcn(graph, options))
    }
  })
})

describeEachBackend('a saved SvdGcn', () => {
  it('comes back with its vectors, which are not computed again, and trains on alike', async () => {
    const model = await prepared(list, { ...small, seed: 's', userPairWeight: 0.2 })
    trainSteps(model, { steps: 5 })
    const files: Record<string, Uint8Array> = {}
    await model.save(files)
    const biadjacency = vi.spyOn(model.graph, 'biadjacency')
    const loaded = owned(await Observed.load(files))
    expect(biadjacency).not.toHaveBeenCalled()
    expect(loaded.options).toEqual(model.options)
    expect(loaded.describe()).toEqual(model.describe())
    // Before prepare: what was saved is there.
    expectSameBytes(output(loaded), output(model))
    const training = { steps: 12, seed: 5, negativesPerPositive: 2 }
    expect(trainSteps(loaded, training)).toEqual(trainSteps(model, training))
    expectSameBytes(await weightValues(loaded), await weightValues(model))
  })

  it('of variant S has no parameters and answers as before', async () => {
    const model = await prepared(list, { rank: 4 })
    expect(model.parameters()).toEqual({})
    expect(model.describe()).toMatchObject({
      architecture: 'svd-gcn',
      parameterCount: 0,
      parameterBytes: 0,
      options: { variant: 'S', rank: 4, degreeRegularization: 4, filterExponent: 6, seed: 0 },
      tensors: [
        { name: 'userVectors', role: 'buffer', shape: [30, 4], bytes: 480 },
        { name: 'singularValues', role: 'buffer', shape: [4], bytes: 16 },
        { name: 'itemVectors', role: 'buffer', shape: [25, 4], bytes: 400 },
      ],
    })
    const files: Record<string, Uint8Array> = {}
    await model.save(files)
    const loaded = owned(await SvdGcn.load(files))
    const recommend = async (of: SvdGcn) =>
      (await of.toRecommender()).recommend(of.graph.users.ids as number[], { k: 5 })
    expect(await recommend(loaded)).toEqual(await recommend(model))
  })

  it('depends on its seed and on that of training', async () => {
    const train = async (seed: number, samplingSeed = 1) => {
      const model = await prepared(list, { ...small, seed })
      trainSteps(model, { steps: 6, batchSize: 30, seed: samplingSeed })
      return await weightValues(model)
    }
    const seven = await train(7)
    expectSameBytes(await train(7), seven)
    for (const other of [await train(8), await train(7, 2)]) {
      expect(sameBytes(other['weight'] as Float32Array, seven['weight'] as Float32Array)).toBe(
        false,
      )
    }
  })
})

describe('threads', () => {
  it('give the same bytes after 12 steps of SVD-GCN-M, whether 1, 2, 3 or 4', async () => {
    // The vectors are computed once, since that takes the time; they do not depend on threads.
    const files: Record<string, Uint8Array> = {}
    await useBackend('simd', { threads: 1 })
    const large = randomGraph({ users: 2000, items: 1700, degree: 12 })
    await (await prepared(large, { variant: 'M', rank: 10, embeddingDim: 64 })).save(files)
    const results: Record<string, Float32Array>[] = []
    for (const threads of [1, 2, 3, 4]) {
      await useBackend('simd', { threads })
      const model = owned(await SvdGcn.load(files))
      trainSteps(model, { steps: 12, batchSize: 1024 })
      results.push({ ...(await weightValues(model)), ...output(model) })
    }
    const [first, ...others] = results as [(typeof results)[0], ...typeof results]
    for (const other of others) expectSameBytes(other, first)
  })
})

describe('options of SvdGcn', () => {
  const graph = graphOf(list)
  const refused: [SvdGcnOptions, string][] = [
    [{ rank: 26 }, 'rank: got 26; expected at most 25, the smaller side of 30 users × 25 items'],
    [{ rank: 0 }, 'rank: got 0'],
    [{ degreeRegularization: -1 }, 'degreeRegularization: got -1'],
    [{ filterExponent: Number.NaN }, 'filterExponent: got NaN'],
    [{ variant: 'X' as never }, 'variant: got "X"'],
    [{ variant: 'B', userPairWeight: 1 }, "variant 'B' has no such pairs"],
    [{ variant: 'U', itemPairWeight: 1 }, "itemPairWeight: got 1; variant 'U' has no such pairs"],
    [{ variant: 'M', embeddingDim: 0 }, 'embeddingDim: got 0'],
    [{ rank: 3, l2Weight: 1 } as never, "unknown option 'l2Weight'"],
  ]
  for (const [options, message] of refused) {
    it(`are refused with a reason: ${JSON.stringify(options)}`, () => {
      expect(() => new SvdGcn(graph, options)).toThrow(InvalidOptionsError)
      expect(() => new SvdGcn(graph, options)).toThrow(message)
    })
  }
})
