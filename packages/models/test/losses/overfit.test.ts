import { expect, it } from 'vitest'
import { BprMf, type GraphModel, LightGcn, type LossSettings } from '../../src/index.js'
import { describeEachBackend } from '../support/backends.js'
import { blockGraph, graphOf, owned } from '../support/graphs.js'
import { trainSteps } from '../support/training.js'

const models = [
  { name: 'BprMf', Model: BprMf, options: {} },
  { name: 'LightGcn', Model: LightGcn, options: { layers: 2 } },
] as const

describeEachBackend('training to rank two communities apart', () => {
  const graph = blockGraph(2, 10)
  const losses: readonly LossSettings[] = [
    { name: 'bpr' },
    { name: 'bce' },
    { name: 'sampled-softmax' },
    { name: 'sampled-softmax', similarity: 'dot', itemBias: true },
    { name: 'direct-au' },
    { name: 'direct-au', rankBy: 'cosine' },
  ]
  for (const { name, Model, options } of models) {
    for (const loss of losses) {
      it(`puts every user's own items on top in ${name}: ${JSON.stringify(loss)}`, async () => {
        const settings = { embeddingDim: 16, l2Weight: 0, ...options, loss }
        const model = owned<GraphModel>(new Model(graphOf(graph), settings))
        trainSteps(model, { steps: 300, batchSize: 64, learningRate: 0.01 })
        const recommender = await model.toRecommender()
        for (let user = 0; user < graph.users; user++) {
          const { items } = recommender.recommend(user, { k: 5, excludeSeen: false })
          expect(items.map((item) => Math.floor(Number(item) / 10))).toEqual(
            new Array(5).fill(Math.floor(user / 10)),
          )
        }
      })
    }
  }
})
