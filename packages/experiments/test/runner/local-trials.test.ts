import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadMovieTweetings, temporalSplit } from '@gnnrec/data'
import { evaluate } from '@gnnrec/eval'
import {
  type CompletedTrial,
  type ExperimentDefinition,
  ExperimentRunner,
  type ExperimentRunnerOptions,
  LocalPool,
  readReport,
  type TrialResult,
} from '@gnnrec/experiments'
import { BipartiteGraph } from '@gnnrec/graph'
import { LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { Recommender } from '@gnnrec/serving'
import { Trainer } from '@gnnrec/train'
import { expect, it } from 'vitest'
import { writeCsv } from '../support/csv-data.js'
import { small } from '../support/definitions.js'
import { temporaryFolder } from '../support/temporary-folder.js'

function run(options: Partial<ExperimentRunnerOptions> & { folder: string }) {
  return new ExperimentRunner({ definition: small, progress: 'none', ...options }).run()
}

const completed = (results: readonly TrialResult[]) =>
  results.map((result) => {
    if (result.status === 'failed') throw new Error(result.failure.message)
    return result
  })

it('gives what training and evaluating by hand give', async () => {
  const folder = await temporaryFolder()
  const pool = new LocalPool({ parallel: 2 })
  const { results } = await run({ folder, pool, saveModels: true })
  const [popularity, first, second] = completed(results)
    .sort((a, b) => (a.trial < b.trial ? 1 : -1))
    .sort((a, b) => (a.model === b.model ? a.seed - b.seed : a.model < b.model ? 1 : -1))
  expect([popularity, first, second].map(({ model, seed }) => `${model} ${seed}`)).toEqual([
    'popularity 1',
    'light-gcn 1',
    'light-gcn 2',
  ])

  const { interactions } = await loadMovieTweetings()
  const split = temporalSplit(interactions)
  await useBackend('simd')
  const graph = BipartiteGraph.fromInteractions(split.train)
  const model = new LightGcn(graph, { ...small.models[1].options, seed: 2 })
  const history = await new Trainer({
    model,
    split,
    ...small.training,
    seed: 2,
    metrics: ['ndcg@10'],
    progress: 'none',
    epochs: 2,
    batchSize: 4096,
    learningRate: 0.01,
    sampling: 'interaction-shuffle',
  }).fit()
  const recommender = await model.toRecommender()
  const report = await evaluate(recommender, { split, on: 'test', metrics: ['ndcg@10'] })
  expect(second).toMatchObject({
    status: 'completed',
    phase: 'test',
    dataset: 'movietweetings',
    setting: '',
    test: report.metrics,
    validation: history.bestValidation,
    bestEpoch: history.bestEpoch,
    epochs: 2,
    stopReason: 'completed',
    split: { hash: split.hash, method: split.method },
    settings: { options: { layers: 2, embeddingDim: 8, seed: 2 }, training: { batchSize: 4096 } },
  })
  expect(first.test).not.toEqual(second.test)
  const kept = await readReport(folder, second.report as string)
  expect(kept.perUser).toEqual(report.perUser)
  expect(kept.userIndices).toEqual(report.userIndices)
  for (const { seconds, peakRssMb, trainSeconds } of [popularity, first, second]) {
    expect(seconds).toBeGreaterThan(trainSeconds)
    expect(peakRssMb).toBeGreaterThan(20)
  }

  // Checkpoints are gone, the log and the model are there.
  const trial = join(folder, 'trials', second.trial)
  expect((await readdir(trial)).sort()).toEqual([
    'model',
    'output.txt',
    'report.json.gz',
    'training.jsonl',
  ])
  const loaded = await Recommender.load(join(trial, 'model'))
  expect(loaded.recommend(0, { k: 5 })).toEqual(recommender.recommend(0, { k: 5 }))
})

const camps = async (folder: string): Promise<ExperimentDefinition> => ({
  ...small,
  seeds: [3],
  datasets: [{ ...(await writeCsv(folder)), filter: { minRating: 2, minPerUser: 5 } }],
  protocol: {
    split: { method: 'temporal', scope: 'global', ratios: [0.6, 0.2, 0.2] },
    metrics: ['ndcg@5', 'coverage@5'],
    selection: 'ndcg@5',
  },
})

it('saves every model that is asked for, those of results that are there already, too', async () => {
  const folder = await temporaryFolder()
  const named = (trial: TrialResult) => join(folder, 'trials', trial.trial, 'model', 'model.json')
  const first = await run({ folder })
  expect(first.results.map((trial) => existsSync(named(trial)))).not.toContain(true)
  const again = await run({ folder, skipExisting: true, saveModels: true })
  expect(again.results.map((trial) => existsSync(named(trial)))).not.toContain(false)
  expect(completed(again.results).map(({ test }) => test)).toEqual(
    completed(first.results).map(({ test }) => test),
  )
  const lines = async () =>
    (await readFile(join(folder, 'results.jsonl'), 'utf8')).trim().split('\n').length
  const before = await lines()
  await run({ folder, skipExisting: true, saveModels: true })
  expect(await lines()).toBe(before)
})

it('judges users without a row in train apart, and lets Popularity answer them', async () => {
  const baseFolder = await temporaryFolder()
  const definition = await camps(baseFolder)
  const settings = { baseFolder, pool: new LocalPool({ parallel: 2 }) }
  const asItIs = await run({ definition, folder: join(baseFolder, 'as-it-is'), ...settings })
  const fallback = await run({
    definition: { ...definition, protocol: { ...definition.protocol, coldUsers: 'popularity' } },
    folder: join(baseFolder, 'fallback'),
    ...settings,
  })
  const find = (results: readonly TrialResult[], model: string) =>
    completed(results).find((each) => each.model === model) as CompletedTrial
  const [popularity, model, answered] = [
    find(asItIs.results, 'popularity'),
    find(asItIs.results, 'light-gcn'),
    find(fallback.results, 'light-gcn'),
  ]
  const groups = model.userGroups
  expect(groups?.cold.users).toBeGreaterThan(3)
  expect(groups?.warm.users).toBeGreaterThan(3)
  const { warm, cold } = groups as NonNullable<typeof groups>
  const mean =
    (warm.users * warm.metrics['ndcg@5'] + cold.users * cold.metrics['ndcg@5']) /
    (warm.users + cold.users)
  expect(model.test?.['ndcg@5']).toBeCloseTo(mean, 12)
  expect(Object.keys(warm.metrics)).toEqual(['ndcg@5'])
  expect(answered.userGroups?.warm).toEqual(warm)
  expect(answered.userGroups?.cold).toEqual(popularity.userGroups?.cold)
  expect(cold).not.toEqual(popularity.userGroups?.cold)
})

it('takes data from a module, and cuts them as it is told', async () => {
  const module = fileURLToPath(new URL('../support/data-module.ts', import.meta.url))
  const { results } = await run({
    definition: {
      ...small,
      seeds: [1],
      models: [{ model: 'item-knn', options: { neighbours: 5 } }],
      datasets: [
        { dataset: 'mine', module, split: { method: 'leave-last-out' } },
        { dataset: 'drawn', module, split: { method: 'random', ratios: [0.5, 0.25, 0.25] } },
      ],
    },
    folder: await temporaryFolder(),
  })
  expect(completed(results).map(({ dataset, split }) => [dataset, split.method.name])).toEqual([
    ['mine', 'leave-last-out'],
    ['drawn', 'random'],
  ])
  expect(completed(results)[0].settings).toMatchObject({
    options: { neighbours: 5 },
    training: null,
  })
})

it('goes on from a round of halving to the same end as without a pause', async () => {
  const baseFolder = await temporaryFolder()
  const model = { model: 'light-gcn', options: { embeddingDim: 8 } }
  const definition: ExperimentDefinition = {
    ...(await camps(baseFolder)),
    models: [{ ...model, search: { options: { layers: [1, 2, 3, 4] } } }],
    training: { ...small.training, epochs: 4, batchSize: 128 },
    search: { method: 'successive-halving', trials: 4, firstEpochs: 2, factor: 2 },
  }
  const common = { baseFolder, pool: new LocalPool({ parallel: 2 }) }
  const folder = join(baseFolder, 'halving')
  const { results } = await run({ definition, folder, ...common })
  const searched = completed(results).filter(({ phase }) => phase === 'search')
  expect(searched.map(({ epochs }) => epochs)).toEqual([2, 2, 2, 2, 4, 4])
  for (const { test } of searched) expect(test).toBeUndefined()
  const tested = completed(results).filter(({ phase }) => phase === 'test')
  expect(tested).toHaveLength(1)
  for (const name of await readdir(join(folder, 'trials'))) {
    expect(existsSync(join(folder, 'trials', name, 'checkpoints'))).toBe(false)
  }

  const paused = searched.slice(4)
  const settings = paused.map(({ setting, settings: { options } }) => {
    return { label: setting, options: { layers: options['layers'] } }
  })
  const { search: _, ...plain } = definition
  const whole = await run({
    definition: { ...plain, models: [{ ...model, settings }] },
    folder: join(baseFolder, 'whole'),
    ...common,
  })
  for (const { setting, validation, trial } of paused) {
    const same = completed(whole.results).find((each) => each.setting === setting)
    expect(validation).toEqual(same?.validation)
    const log = await readFile(join(folder, 'trials', trial, 'training.jsonl'), 'utf8')
    expect(log).toContain('"resumedAfter":{"epochs":2')
  }
})

it('trains on samples of the graph, drawn ahead', async () => {
  const graphSampling = { method: 'neighbours', fanOuts: [5, 'all'] } as const
  const definition: ExperimentDefinition = {
    ...small,
    models: [small.models[1]],
    seeds: [3],
    training: { ...small.training, epochs: 1, graphSampling, sampleAhead: true, guards: false },
  }
  const folder = await temporaryFolder()
  const { results } = await run({ folder, definition })
  const { interactions } = await loadMovieTweetings()
  const split = temporalSplit(interactions)
  await useBackend('simd')
  const graph = BipartiteGraph.fromInteractions(split.train)
  const model = new LightGcn(graph, { embeddingDim: 8, layers: 2, seed: 3 })
  await new Trainer({
    model,
    split,
    seed: 3,
    metrics: ['ndcg@10'],
    progress: 'none',
    graphSampling,
    epochs: 1,
    batchSize: 4096,
    learningRate: 0.01,
    sampling: 'interaction-shuffle',
  }).fit()
  const recommender = await model.toRecommender()
  const report = await evaluate(recommender, { split, on: 'test', metrics: ['ndcg@10'] })
  expect(completed(results)).toMatchObject([
    { test: report.metrics, settings: { training: { graphSampling, sampleAhead: true } } },
  ])
  model.dispose()
})
