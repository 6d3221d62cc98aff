import { loadGowalla } from '@gnnrec/data'
import { evaluate } from '@gnnrec/eval'
import { BipartiteGraph, truncatedSvd } from '@gnnrec/graph'
import { SvdGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { peakMegabytes } from '../measure.js'

/** Figures that SciPy's SVD gives for all users. */
const expected = { 'recall@20': 0.1271, 'ndcg@20': 0.1095 }

export const svdGcnS: BenchmarkEntry = {
  summary: 'SVD-GCN-S with the settings of its paper on Gowalla, all users',
  async *run({ seed, threads }) {
    const { split } = await loadGowalla()
    await useBackend('simd', threads === undefined ? {} : { threads })
    const graph = BipartiteGraph.fromInteractions(split.train)
    const { model: options } = SvdGcn.presets.paper.gowalla.s
    const { rank, degreeRegularization } = options
    const common = { dataset: 'gowalla', model: 'svd-gcn', settings: { ...options, seed } }

    const matrix = graph.biadjacency({ regularization: degreeRegularization })
    let started = performance.now()
    const { s, residuals } = await truncatedSvd(matrix, { rank, seed })
    yield {
      ...common,
      name: `truncated SVD, rank ${rank}`,
      seconds: (performance.now() - started) / 1000,
      peakRssMb: peakMegabytes(),
      metrics: {
        'largest singular value': s[0],
        'smallest singular value': s[rank - 1],
        'largest residual': Math.max(...residuals),
      },
    }

    started = performance.now()
    const model = new SvdGcn(graph, { ...options, seed })
    const recommender = await model.toRecommender()
    const metrics = Object.keys(expected)
    const report = await evaluate(recommender, { split, on: 'test', metrics })
    yield {
      ...common,
      name: 'SVD-GCN-S, with SVD and evaluation',
      metrics: report.metrics,
      seconds: (performance.now() - started) / 1000,
      peakRssMb: peakMegabytes(),
      ratio: Object.fromEntries(
        Object.entries(expected).map(([metric, value]) => [
          `${metric} / expected`,
          report.metrics[metric] / value,
        ]),
      ),
    }
  },
}
