import { loadGowalla } from '@gnnrec/data'
import { evaluate } from '@gnnrec/eval'
import { BipartiteGraph } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/graph/ops'
import { LightGcn, presets } from '@gnnrec/models'
import { Trainer } from '@gnnrec/train'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { peakMegabytes } from '../measure.js'

const EPOCHS = 5
/** Recall@20 and NDCG@20 of the official log after 5 epochs (LightGCN-PyTorch, 3 layers). */
const OFFICIAL = { 'recall@20': 0.1071, 'ndcg@20': 0.0894 }

export const gowallaProgress: BenchmarkEntry = {
  summary: 'LightGCN-3 with the official settings, 5 epochs on Gowalla, against the official log',
  async *run({ seed, threads }) {
    const { split } = await loadGowalla()
    await useBackend('simd', threads === undefined ? {} : { threads })
    const graph = BipartiteGraph.fromInteractions(split.train)
    const { model: options, training } = presets.lightGcn.paper
    const model = new LightGcn(graph, { ...options, seed })
    const trainer = new Trainer({ model, split, ...training, epochs: EPOCHS, seed })
    const history = await trainer.fit()
    const recommender = await model.toRecommender()
    const trainedMb = peakMegabytes()
    const report = await evaluate(recommender, {
      split,
      on: 'test',
      metrics: Object.keys(OFFICIAL),
    })
    yield {
      ...{ name: 'LightGCN-3, 5 epochs', dataset: 'gowalla', model: 'LightGcn', epochs: EPOCHS },
      settings: { ...options, ...training, seed, evaluationSeconds: report.seconds, trainedMb },
      metrics: report.metrics,
      seconds: history.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0),
      peakRssMb: peakMegabytes(),
      ratio: Object.fromEntries(
        Object.entries(OFFICIAL).map(([metric, value]) => [
          `${metric} / official`,
          report.metrics[metric] / value,
        ]),
      ),
    }
  },
}
