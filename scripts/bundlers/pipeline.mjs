// A program for a server that uses every package in its own process. It prints results that must be the
// same for every bundler, and it runs where no package is installed.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as data from '@gnnrec/data'
import * as duckdb from '@gnnrec/data/duckdb'
import * as evaluation from '@gnnrec/eval'
import * as graph from '@gnnrec/graph'
import * as files from '@gnnrec/graph/files'
import * as kernels from '@gnnrec/graph/kernels'
import * as models from '@gnnrec/models'
import * as testing from '@gnnrec/models/testing'
import * as ops from '@gnnrec/ops'
import * as outOfCore from '@gnnrec/out-of-core'
import * as report from '@gnnrec/report'
import * as serving from '@gnnrec/serving'
import * as modelFolder from '@gnnrec/serving/model-folder'
import * as vectors from '@gnnrec/serving/vectors'
import * as simd from '@gnnrec/tfjs-backend-simd'
import * as train from '@gnnrec/train'

/** Namespaces that are kept whole, so that no export is left out of the bundle. */
export const namespaces = [
  ...[data, duckdb, evaluation, files, graph, kernels, modelFolder, models, ops, outOfCore],
  ...[report, serving, simd, testing, train, vectors],
]

const codeOf = (promise) =>
  promise.then(
    () => 'no error',
    ({ code, message }) => code ?? message,
  )

export async function runPipeline() {
  const folder = await mkdtemp(join(tmpdir(), 'gnnrec-bundled-'))
  try {
    await ops.useBackend('simd', { threads: 2 })
    const { interactions, titles } = await data.loadMovieTweetings()
    const split = data.temporalSplit(interactions, { scope: 'user', ratios: [0.7, 0.1, 0.2] })
    const trainGraph = graph.BipartiteGraph.fromInteractions(split.train)
    const model = new models.LightGcn(trainGraph, { embeddingDim: 8, layers: 1, seed: 1 })
    const training = { epochs: 1, batchSize: 8192, learningRate: 0.01, metrics: ['recall@20'] }
    const history = await new train.Trainer({
      model,
      split,
      ...training,
      graphSampling: { method: 'neighbours', fanOuts: [2] },
      // Draws on a thread, whose program must be part of the bundle.
      sampleAhead: true,
      progress: 'none',
      handleInterrupt: false,
    }).fit()
    await model.save(join(folder, 'model'))
    const recommender = await serving.Recommender.load(join(folder, 'model'))
    const judged = await evaluation.evaluate(recommender, {
      split,
      on: 'test',
      metrics: ['recall@20'],
    })
    const evaluated = { name: 'LightGCN', evaluation: judged, history }
    const { html } = await report.createReport({ title: 'Bundled', models: [evaluated] })
    const trainer = new outOfCore.OutOfCoreTrainer({
      model: { architecture: 'light-gcn', options: { embeddingDim: 8, layers: 1 } },
      split,
      folder: join(folder, 'training'),
      maxMemory: 30e6,
      ...training,
    })
    const trained = await trainer.fit()
    const losses = trained.history.epochs.map(({ loss }) => loss)
    await trained.close()
    const columns = { user: 'u', item: 'i' }
    const lists = recommender.recommendAll({ k: 1 })
    return {
      recall: judged.metrics,
      first: titles.get(recommender.recommend(recommender.users.ids[0], { k: 1 }).items[0]),
      charts: html.split('<svg').length - 1,
      losses,
      arrow: await codeOf(data.readArrow(new TextEncoder().encode('ARROW1 no'), { columns })),
      parquet: await codeOf(data.readParquet(new TextEncoder().encode('PAR1 no'), { columns })),
      written: await codeOf(serving.writeRecommendations(join(folder, 'lists.parquet'), lists)),
      vectors: await codeOf(
        vectors.writeUsearch(join(folder, 'items.usearch'), vectors.vectorsOf(recommender).items),
      ),
      zip: await codeOf(data.readCsv(new TextEncoder().encode('PK\x03\x04 no'), { columns })),
      duckdb: await codeOf(duckdb.DuckDb.open()),
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}
