import { evaluate } from '@gnnrec/eval'
import { BipartiteGraph } from '@gnnrec/graph'
import { BprMf, LightGcn, Popularity } from '@gnnrec/models'
import { expect, it } from 'vitest'
import { Trainer } from '../src/index.js'
import { describeEachBackend } from './support/backends.js'
import { fullBlocks, plantedBlocks } from './support/splits.js'

describeEachBackend('training', () => {
  it.each([
    ['BprMf', BprMf],
    ['LightGcn', LightGcn],
  ] as const)('lets %s learn a graph of four blocks by heart in 300 steps', async (_, Model) => {
    const split = fullBlocks(4, 5)
    const graph = BipartiteGraph.fromInteractions(split.train)
    const model = new Model(graph, { embeddingDim: 16, seed: 1 })
    const recall = async () => {
      const recommender = await model.toRecommender()
      const lists = recommender.recommend(graph.users.ids, { k: 5, excludeSeen: false })
      const hits = lists.map(({ items }, user) => {
        const own = new Set<unknown>(
          Array.from(graph.userItems(user), (item) => graph.items.idOf(item)),
        )
        return items.filter((item) => own.has(item)).length
      })
      return hits.reduce((sum, count) => sum + count, 0) / graph.edgeCount
    }
    expect(await recall()).toBeLessThan(1)
    const { epochs } = await new Trainer({
      model,
      split,
      epochs: 100,
      batchSize: 40,
      learningRate: 0.02,
      progress: 'none',
      sampling: 'interaction-shuffle',
    }).fit()
    expect(epochs.reduce((sum, { steps }) => sum + steps, 0)).toBeLessThanOrEqual(300)
    expect(await recall()).toBe(1)
    model.dispose()
  })

  it('ranks LightGcn above popularity and not far below BprMf on two planted blocks', async () => {
    const split = plantedBlocks(7)
    const graph = BipartiteGraph.fromInteractions(split.train)
    const judged = { split, on: 'test', metrics: ['ndcg@10'] } as const
    const trained = async (model: BprMf | LightGcn) => {
      const trainer = new Trainer({
        model,
        split,
        epochs: 30,
        batchSize: 256,
        learningRate: 0.01,
        progress: 'none',
        sampling: 'user-uniform',
        metrics: ['ndcg@10'],
      })
      await trainer.fit()
      const { metrics } = await evaluate(await model.toRecommender(), judged)
      model.dispose()
      return metrics['ndcg@10']
    }
    const ranker = await new Popularity(graph).toRecommender()
    const popularity = (await evaluate(ranker, judged)).metrics['ndcg@10']
    const factorization = await trained(new BprMf(graph, { embeddingDim: 16 }))
    const lightGcn = await trained(new LightGcn(graph, { embeddingDim: 16, layers: 2 }))
    expect(lightGcn).toBeGreaterThan(popularity)
    expect(lightGcn).toBeGreaterThanOrEqual(0.9 * factorization)
  })
})
