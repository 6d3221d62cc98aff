// A program for a page: trains, evaluates, recommends and draws a report without Node.
import * as data from '@gnnrec/data'
import * as evaluation from '@gnnrec/eval'
import * as graph from '@gnnrec/graph'
import * as kernels from '@gnnrec/graph/kernels'
import * as models from '@gnnrec/models'
import * as ops from '@gnnrec/ops'
import * as report from '@gnnrec/report'
import * as serving from '@gnnrec/serving'
import * as simd from '@gnnrec/tfjs-backend-simd'
import * as train from '@gnnrec/train'

/** Namespaces that are kept whole, so that no export is left out of the bundle. */
export const namespaces = [
  ...[data, evaluation, graph, kernels, models, ops, report, serving, simd, train],
]

export async function runPage() {
  await ops.useBackend('simd')
  const rng = graph.Rng.fromSeed(1)
  const records = Array.from({ length: 600 }, (_, row) => ({
    user: row % 40,
    item: rng.integer(30),
    timestamp: row,
  }))
  const table = data.dropDuplicates(graph.fromRecords(records))
  const split = data.randomSplit(table, { ratios: [0.6, 0.2, 0.2], seed: 1 })
  const model = new models.LightGcn(graph.BipartiteGraph.fromInteractions(split.train), {
    embeddingDim: 8,
    layers: 2,
    seed: 1,
  })
  const metrics = ['recall@5']
  const settings = { epochs: 2, batchSize: 64, metrics, progress: 'none' }
  const history = await new train.Trainer({ model, split, ...settings }).fit()
  const recommender = await model.toRecommender()
  const judged = await evaluation.evaluate(recommender, { split, on: 'test', metrics })
  const evaluated = { name: 'LightGCN', evaluation: judged, history }
  const { html } = await report.createReport({ title: 'In a page', models: [evaluated] })
  return {
    loss: history.epochs.at(-1).loss,
    metrics: judged.metrics,
    items: recommender.recommend(recommender.users.ids[0], { k: 3 }).items,
    charts: html.split('<svg').length - 1,
  }
}
