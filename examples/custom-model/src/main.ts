import { filterMinInteractions, loadMovieTweetings, temporalSplit } from '@gnnrec/data'
import { evaluate } from '@gnnrec/eval'
import { formatTable, parseCommandLine, writeResults } from '@gnnrec/example-support'
import { BipartiteGraph, GnnRecError } from '@gnnrec/graph'
import { LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { Recommender } from '@gnnrec/serving'
import { Trainer } from '@gnnrec/train'
import * as tf from '@tensorflow/tfjs-core'
import { LearnedLayers } from './learned-layers.js'

const help = `Trains a custom model of this folder (LightGCN with learnt layer weights) beside LightGCN
on the bundled film ratings, evaluates both, saves the first, loads it again and recommends with it.

  --epochs N           epochs to train (default 30)
  --output FOLDER      folder for the model (default output/custom-model)`

async function main(): Promise<void> {
  const { values, seed, threads, json } = parseCommandLine(
    'npm run custom-model -- [options]',
    help,
    {
      epochs: { type: 'string', default: '30' },
      output: { type: 'string', default: 'output/custom-model' },
    },
  )
  const epochs = Number(values['epochs'])
  const { interactions } = await loadMovieTweetings()
  const split = temporalSplit(
    filterMinInteractions(interactions, { minPerUser: 10, minPerItem: 10 }),
    { scope: 'user', ratios: [0.7, 0.1, 0.2] },
  )
  await useBackend('simd', threads === undefined ? {} : { threads })
  const graph = BipartiteGraph.fromInteractions(split.train)
  const metrics = ['recall@20', 'ndcg@20', 'coverage@10']
  const options = { layers: 3, l2Weight: 1e-2, seed }
  const models = [new LightGcn(graph, options), new LearnedLayers(graph, options)]
  const rows = []
  for (const model of models) {
    const trainer = new Trainer({
      model,
      split,
      seed,
      epochs,
      batchSize: 1024,
      learningRate: 5e-3,
      sampling: 'user-uniform',
      evaluateEvery: 5,
      metrics: ['ndcg@20'],
    })
    const { bestEpoch } = await trainer.fit()
    const report = await evaluate(await model.toRecommender(), { split, on: 'test', metrics })
    rows.push({
      name: 'custom-model',
      dataset: 'movietweetings',
      model: model.architecture,
      settings: { seed },
      metrics: report.metrics,
      epochs: bestEpoch ?? 0,
    })
  }
  console.log(
    formatTable(
      ['model', ...metrics, 'best epoch'],
      rows.map(({ model, metrics: values, epochs: best }) => [
        model,
        ...metrics.map((metric) => values[metric]?.toFixed(4) ?? '—'),
        String(best),
      ]),
    ),
  )

  const [, own] = models
  const shares = tf.tidy(() => [...tf.softmax(own.parameters()['layerWeights']).dataSync()])
  console.log(`Learnt layer weights: ${shares.map((share) => share.toFixed(3)).join(', ')}`)

  const folder = values['output'] as string
  await own.save(folder)
  const trainable = await LearnedLayers.load(folder)
  const served = await Recommender.load(folder)
  const user = split.train.users.idOf(0)
  console.log(
    `Saved to ${folder}; loaded for training (${trainable.describe().parameterCount} parameters) and for recommendations: user ${user} gets ${served.recommend(user, { k: 3 }).items.join(', ')}`,
  )
  if (json) await writeResults(json, threads, rows)
}

main().catch((error: unknown) => {
  console.error(GnnRecError.isInstance(error) ? `\n${error.message}` : error)
  process.exitCode = 1
})
