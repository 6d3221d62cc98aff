import { loadGowalla } from '@gnnrec/data'
import { evaluate } from '@gnnrec/eval'
import { BipartiteGraph } from '@gnnrec/graph'
import { LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { Trainer } from '@gnnrec/train'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { peakMegabytes } from '../measure.js'

/**
 * Published Recall@20 and NDCG@20 of LightGCN on Gowalla after 1000 epochs
 * (https://arxiv.org/abs/2002.02126, four layers).
 */
const paper = { 'recall@20': 0.183, 'ndcg@20': 0.155 }

export const gowallaPaper: BenchmarkEntry = {
  summary: "LightGCN's preset 'fast' on all of Gowalla's train part against the paper's accuracy",
  async *run({ seed, threads, backend = 'simd' }) {
    const { split } = await loadGowalla()
    const active = await useBackend(backend, threads === undefined ? {} : { threads })
    const graph = BipartiteGraph.fromInteractions(split.train)
    const { model: options, training } = LightGcn.presets.fast
    const started = performance.now()
    const model = new LightGcn(graph, { ...options, seed })
    const history = await new Trainer({ model, split, ...training, seed }).fit()
    const recommender = await model.toRecommender()
    const trained = performance.now()
    const metrics = Object.keys(paper)
    const report = await evaluate(recommender, { split, on: 'test', metrics })
    const seconds = (performance.now() - started) / 1000
    const evaluation = (performance.now() - trained) / 1000
    console.log(
      `${history.epochs.length} epochs and one evaluation (${evaluation.toFixed(1)} s) in ${seconds.toFixed(0)} s`,
    )
    yield {
      name: "LightGCN, preset 'fast'",
      dataset: 'gowalla',
      model: 'light-gcn',
      settings: { ...options, ...training, seed, backend: active.name, device: active.device },
      metrics: report.metrics,
      epochs: history.epochs.length,
      seconds,
      peakRssMb: peakMegabytes(),
      ratio: Object.fromEntries(
        Object.entries(paper).map(([metric, value]) => [
          `${metric} / paper`,
          report.metrics[metric] / value,
        ]),
      ),
    }
  },
}
