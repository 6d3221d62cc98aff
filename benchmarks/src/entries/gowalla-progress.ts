import { loadGowalla } from '@gnnrec/data'
import { evaluate } from '@gnnrec/eval'
import { BipartiteGraph, type Ranker } from '@gnnrec/graph'
import { LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { Trainer } from '@gnnrec/train'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { peakMegabytes } from '../measure.js'

const epochs = 5
/** Recall@20 and NDCG@20 in the log of LightGCN-PyTorch after 5 epochs, 3 layers. */
const official = { 'recall@20': 0.1071, 'ndcg@20': 0.0894 }

export const gowallaProgress: BenchmarkEntry = {
  summary: 'LightGCN-3 with the official settings, 5 epochs on Gowalla, against the official log',
  async *run({ seed, threads }) {
    const { split } = await loadGowalla()
    await useBackend('simd', threads === undefined ? {} : { threads })
    const graph = BipartiteGraph.fromInteractions(split.train)
    const { model: options, training } = LightGcn.presets.paper
    const model = new LightGcn(graph, { ...options, seed })
    const trainer = new Trainer({ model, split, ...training, epochs, seed })
    const history = await trainer.fit()
    const recommender = await model.toRecommender()
    const metrics = Object.keys(official)
    const common = { dataset: 'gowalla', model: 'light-gcn', epochs }
    const settings = { ...options, ...training, seed }
    for (const [name, ranker] of [
      ['LightGCN-3, 5 epochs, ranked by score', recommender],
      ['the same, ranked as the official code does', throughSigmoid(recommender)],
    ] as const) {
      const report = await evaluate(ranker, { split, on: 'test', metrics })
      yield {
        ...common,
        name,
        settings,
        metrics: report.metrics,
        seconds: history.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0),
        peakRssMb: peakMegabytes(),
        ratio: Object.fromEntries(
          Object.entries(official).map(([metric, value]) => [
            `${metric} / official`,
            report.metrics[metric] / value,
          ]),
        ),
      }
    }
  },
}

/**
 * Ranks by the sigmoid of the score in float32, as LightGCN-PyTorch does; high scores come so close
 * to 1 that many of them tie.
 */
function throughSigmoid(ranker: Ranker): Ranker {
  const { userCount, itemCount } = ranker
  return {
    userCount,
    itemCount,
    scoreUsers(users, out) {
      ranker.scoreUsers(users, out)
      const end = users.length * itemCount
      for (let place = 0; place < end; place++) out[place] = 1 / (1 + Math.exp(-out[place]))
    },
  }
}
