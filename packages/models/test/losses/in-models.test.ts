import type { BipartiteGraph } from '@gnnrec/graph'
import { Recommender } from '@gnnrec/serving'
import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import {
  BprMf,
  EmbeddingModel,
  type GraphModel,
  LightGcn,
  type LossSettings,
  RankingObjective,
} from '../../src/index.js'
import { describeEachBackend } from '../support/backends.js'
import { expectClose, expectSameBytes, largest } from '../support/compare.js'
import { graphOf, owned, randomGraph, smallGraph } from '../support/graphs.js'
import { memoryInUse } from '../support/memory.js'
import { unit64 } from '../support/reference-losses.js'
import {
  batchOf,
  evaluateLoss,
  output,
  setWeights,
  trainSteps,
  weightValues,
} from '../support/training.js'

interface Case {
  readonly loss: LossSettings
  readonly terms: readonly string[]
  readonly similarity: 'cosine' | 'dot'
  readonly scale: number
  readonly popularityWeight?: number
}

const au = ['alignment', 'userUniformity', 'itemUniformity', 'l2']

const cases: readonly Case[] = [
  {
    loss: { name: 'bpr', reduction: 'sum', itemBias: true },
    terms: ['bpr', 'l2'],
    similarity: 'dot',
    scale: 1,
  },
  {
    loss: { name: 'bce', itemBias: true },
    terms: ['bce', 'l2'],
    similarity: 'dot',
    scale: 1,
  },
  {
    loss: { name: 'sampled-softmax' },
    terms: ['softmax', 'l2'],
    similarity: 'cosine',
    scale: 10,
  },
  {
    loss: { name: 'sampled-softmax', temperature: 0.25, itemBias: true },
    terms: ['softmax', 'l2'],
    similarity: 'cosine',
    scale: 4,
  },
  {
    loss: { name: 'sampled-softmax', similarity: 'dot', itemBias: true, logQ: false },
    terms: ['softmax', 'l2'],
    similarity: 'dot',
    scale: 1,
  },
  {
    loss: { name: 'sampled-softmax', logQ: false, popularityWeight: 0.9 },
    terms: ['softmax', 'l2'],
    similarity: 'cosine',
    scale: 10,
    popularityWeight: 0.9,
  },
  {
    loss: { name: 'sampled-softmax', itemBias: true, popularityWeight: 2 },
    terms: ['softmax', 'l2'],
    similarity: 'cosine',
    scale: 10,
    popularityWeight: 2,
  },
  { loss: { name: 'direct-au' }, terms: au, similarity: 'dot', scale: 1 },
  { loss: { name: 'direct-au', rankBy: 'cosine' }, terms: au, similarity: 'cosine', scale: 1 },
]

const models = [
  { name: 'BprMf', Model: BprMf, options: {} },
  { name: 'LightGcn', Model: LightGcn, options: { layers: 2 } },
] as const

const list = randomGraph({ users: 20, items: 15, degree: 4 })
const dim = 6
const shape = { embeddingDim: dim, l2Weight: 0.01 }

/** Scores of all users and items from final embeddings and biases, in float64. */
async function scoresByHand(
  model: GraphModel,
  { similarity, scale, popularityWeight = 0 }: Case,
): Promise<number[]> {
  const { users, items } = output(model)
  const trained = (await weightValues(model))['itemBias']
  const bias = Array.from(
    model.graph.itemDegrees,
    (degree, i) => (trained?.[i] ?? 0) + popularityWeight * Math.log(degree || 1),
  )
  const direction = similarity === 'cosine' ? unit64 : Array.from<number>
  const rows = (table: Float32Array) =>
    Array.from({ length: table.length / dim }, (_, row) =>
      direction(table.subarray(row * dim, (row + 1) * dim)),
    )
  const itemRows = rows(items)
  return rows(users).flatMap((user) =>
    itemRows.map(
      (item, i) =>
        scale * user.reduce((sum, value, c) => sum + value * (item[c] as number), 0) +
        (bias[i] as number),
    ),
  )
}

describeEachBackend('a loss as a part of a model', () => {
  for (const { name, Model, options } of models) {
    for (const given of cases) {
      const { loss } = given
      const create = (graph = graphOf(list)) =>
        owned<GraphModel>(new Model(graph, { ...shape, ...options, loss }))

      it(`ranks alike in ${name}, saved and loaded, and trains on: ${JSON.stringify(loss)}`, async () => {
        const model = create()
        trainSteps(model, { steps: 8, batchSize: 16, negativesPerPositive: 2 })
        const bias = (await weightValues(model))['itemBias']
        if (bias) expect(largest(bias)).toBeGreaterThan(0.01)
        const files: Record<string, Uint8Array> = {}
        await model.save(files)
        const recommender = await Recommender.load(files)
        const users = Int32Array.from({ length: list.users }, (_, user) => user)
        const scores = new Float32Array(list.users * list.items)
        recommender.scoreUsers(users, scores)
        const expected = await scoresByHand(model, given)
        expectClose(scores, expected, 1e-5 * largest(expected))
        const loaded: GraphModel = owned(await (Model as unknown as typeof BprMf).load(files))
        const training = { steps: 6, batchSize: 16, seed: 3 }
        expect(trainSteps(loaded, training)).toEqual(trainSteps(model, training))
        expectSameBytes(await weightValues(loaded), await weightValues(model))
      })

      it(`logs its parts in ${name}: ${JSON.stringify(loss)}`, () => {
        const { terms } = evaluateLoss(create(), batchOf([0, 1], [2, 3], [4, 5]))
        expect(Object.keys(terms)).toEqual(given.terms)
      })

      it(`leaves no tensor behind in ${name}: ${JSON.stringify(loss)}`, () => {
        const graph = graphOf(list)
        const before = memoryInUse()
        const model = new Model(graph, { ...shape, ...options, loss })
        trainSteps(model, { steps: 1, batchSize: 16 })
        const { tensors } = memoryInUse()
        trainSteps(model, { steps: 4, batchSize: 16 })
        expect(memoryInUse().tensors).toBe(tensors)
        model.dispose()
        graph.dispose()
        expect(memoryInUse()).toEqual(before)
      })

      it(`has finite gradients in ${name} where rows are zero: ${JSON.stringify(loss)}`, async () => {
        const model = create(graphOf(smallGraph))
        const weights = await weightValues(model)
        const zero = Object.fromEntries(
          Object.entries(weights).map(([key, values]) => [key, values.map(() => 0)]),
        )
        const half = weights['userEmbeddings']?.map((value, i) => (i < 3 * dim ? 0 : value))
        // The isolated user 5 and item 4 take part.
        const batch = batchOf([0, 1, 5, 3, 0], [1, 2, 4, 0, 1], [4, 3, 0, 1, 4])
        for (const values of [zero, { ...weights, userEmbeddings: half as Float32Array }]) {
          setWeights(model, values)
          const { total, gradients } = evaluateLoss(model, batch)
          expect(total).toSatisfy(Number.isFinite)
          for (const [key, gradient] of Object.entries(gradients)) {
            expect(largest(gradient), key).toBeLessThan(100)
          }
        }
      })

      it(`is finite in ${name} for a batch of one: ${JSON.stringify(loss)}`, () => {
        const { total, gradients } = evaluateLoss(create(), batchOf([3], [2], [7]))
        expect(total).toSatisfy(Number.isFinite)
        for (const gradient of Object.values(gradients)) {
          expect(largest(gradient)).toSatisfy(Number.isFinite)
        }
      })

      it(`shows a NaN in ${name}: ${JSON.stringify(loss)}`, async () => {
        const model = create()
        const weights = await weightValues(model)
        const items = weights['itemEmbeddings']?.slice() as Float32Array
        items[2 * dim] = Number.NaN
        setWeights(model, { ...weights, itemEmbeddings: items })
        expect(evaluateLoss(model, batchOf([0, 1], [2, 3], [4, 2])).total).toBeNaN()
      })
    }
  }

  for (const loss of [{ name: 'sampled-softmax' }, { name: 'direct-au' }] as const) {
    it(`does not look at negatives it has no use for: ${loss.name}`, () => {
      const model = owned(new BprMf(graphOf(list), { ...shape, loss, l2Weight: 1 }))
      const first = evaluateLoss(model, batchOf([0, 1], [2, 3], [4, 5]))
      const second = evaluateLoss(model, batchOf([0, 1], [2, 3], [9, 9, 8, 7]))
      expect(second).toEqual(first)
      const touched = first.gradients['itemEmbeddings']?.slice(4 * dim)
      expect(touched?.every((value) => value === 0)).toBe(true)
    })

    it(`still refuses a batch whose negatives do not fit: ${loss.name}`, () => {
      const model = owned(new BprMf(graphOf(list), { ...shape, loss }))
      expect(() => model.loss(batchOf([0, 1], [2, 3], [4, 5, 6]))).toThrow('3 negatives')
    })
  }
})

describeEachBackend('a subclass of BprMf with a loss of its own', () => {
  class Doubled extends BprMf {
    protected override weightedTerms(...given: Parameters<BprMf['weightedTerms']>) {
      const { bpr, ...others } = super.weightedTerms(...given)
      return { doubled: { value: bpr?.value as tf.Scalar, weight: 2 }, ...others }
    }
  }

  it('is trained with that', () => {
    const graph = graphOf(list)
    const [own, plain] = [Doubled, BprMf].map((Model) =>
      evaluateLoss(
        owned(new Model(graph, { embeddingDim: dim, l2Weight: 0 })),
        batchOf([1], [2], [3]),
      ),
    )
    expect(Object.keys(own?.terms ?? {})).toEqual(['doubled', 'l2'])
    expect(own?.total).toBeCloseTo(2 * (plain?.total ?? Number.NaN), 6)
  })
})

describeEachBackend('an objective with a ranking loss of its own', () => {
  class Doubled extends RankingObjective {
    protected override rankingTerms(...given: Parameters<RankingObjective['rankingTerms']>) {
      const { bpr } = super.rankingTerms(...given)
      return { doubled: { value: bpr?.value as tf.Scalar, weight: 2 } }
    }
  }

  class OwnModel extends EmbeddingModel {
    static override readonly architecture = 'own-model'

    constructor(graph: BipartiteGraph, Objective: typeof RankingObjective) {
      const settings = { embeddingDim: dim, initialDeviation: 0.1, l2Weight: 0, seed: 0 }
      super(graph, settings, new Objective(graph, settings))
    }

    override layerOutputs() {
      return [this.forward()]
    }

    protected override forwardBatch() {
      return this.layerZero
    }
  }

  /** The usual objective with a further term. */
  class Extended extends RankingObjective {
    override terms(...given: Parameters<RankingObjective['terms']>) {
      return { ...super.terms(...given), further: { value: tf.scalar(1), weight: 0 } }
    }
  }

  it('computes the usual terms by the same operators where it changes neither of them', async () => {
    const graph = graphOf(list)
    const batch = batchOf([1], [2], [3])
    const operators: string[][] = []
    for (const Objective of [Extended, RankingObjective]) {
      const model = owned(new OwnModel(graph, Objective))
      // The first call also puts the parameters on the device.
      tf.dispose(model.loss(batch))
      const { kernels } = await tf.profile(() => model.loss(batch))
      operators.push(kernels.map(({ name }) => name))
    }
    expect(operators[0]).toEqual(operators[1])
  })

  it('is asked for it, also where a model ranks by its embeddings as they are', () => {
    const graph = graphOf(list)
    const [own, plain] = [Doubled, RankingObjective].map((Objective) =>
      evaluateLoss(owned(new OwnModel(graph, Objective)), batchOf([1], [2], [3])),
    )
    expect(Object.keys(own?.terms ?? {})).toEqual(['doubled', 'l2'])
    expect(own?.total).toBeCloseTo(2 * (plain?.total ?? Number.NaN), 6)
  })
})
