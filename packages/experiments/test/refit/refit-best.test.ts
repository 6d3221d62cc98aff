import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ExperimentDefinition, refitBest } from '@gnnrec/experiments'
import { Recommender } from '@gnnrec/serving'
import { expect, it } from 'vitest'
import type { CompletedTrial, TrialResult } from '../../src/results/trial-result.js'
import { campSplit } from '../support/camp-split.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const definition: ExperimentDefinition = {
  name: 'camps',
  models: [
    { model: 'popularity' },
    {
      model: 'item-knn',
      settings: [5, 20].map((neighbours) => ({ label: `${neighbours}`, options: { neighbours } })),
    },
    { model: 'bpr-mf', label: 'factors', options: { embeddingDim: 8 } },
  ],
  datasets: [
    { dataset: 'camps', csv: { file: 'camps.csv', columns: { user: 'user', item: 'item' } } },
  ],
  seeds: [1, 2],
  protocol: { metrics: ['ndcg@10'], selection: 'ndcg@10', split: { method: 'random' } },
  training: { epochs: 6, batchSize: 256, learningRate: 0.02, sampling: 'interaction-shuffle' },
}

function result(model: string, setting: string, seed: number, value: number): TrialResult {
  const isTrained = model === 'factors'
  return {
    status: 'completed',
    trial: `${model}-${setting}-${seed}`,
    phase: 'test',
    dataset: 'camps',
    model,
    setting,
    seed,
    seconds: 1,
    endedAt: '2026-01-01T00:00:00.000Z',
    settings: {
      options: isTrained
        ? { embeddingDim: 8 }
        : model === 'item-knn'
          ? { neighbours: Number(setting) }
          : {},
      training: isTrained ? (definition.training as CompletedTrial['settings']['training']) : null,
    },
    split: { hash: 'none', method: { name: 'random' } },
    validation: { 'ndcg@10': value },
    ...(isTrained && { bestEpoch: 2, epochs: 6 }),
    trainSeconds: 1,
    warnings: [],
  }
}

async function campFolder() {
  const folder = await temporaryFolder()
  const { train, validation, test } = campSplit()
  const rows = [train, validation, test].flatMap((part) =>
    Array.from(part.userIndex, (user, row) => [
      part.users.idOf(user),
      part.items.idOf(part.itemIndex[row]),
    ]),
  )
  await writeFile(
    join(folder, 'camps.csv'),
    `user,item\n${rows.map((row) => row.join(',')).join('\n')}\n`,
  )
  return { folder, rows }
}

it('fits the setting with the best mean over seeds to everything and saves it', async () => {
  const { folder, rows } = await campFolder()
  const results = [
    result('popularity', '', 1, 0.1),
    result('popularity', '', 2, 0.1),
    result('item-knn', '5', 1, 0.5),
    result('item-knn', '5', 2, 0.1),
    result('item-knn', '20', 2, 0.4),
    result('item-knn', '20', 1, 0.35),
    result('factors', '', 1, 0.2),
  ]
  const into = join(folder, 'best')
  const [best, ...others] = await refitBest({
    definition,
    results,
    folder: into,
    baseFolder: folder,
  })
  expect(others).toEqual([])
  expect(best).toMatchObject({
    dataset: 'camps',
    model: 'item-knn',
    setting: '20',
    found: { model: 'item-knn', options: { neighbours: 20 }, training: null, seed: 1 },
    value: 0.375,
    folder: join(into, 'camps'),
  })
  const recommender = await Recommender.load(best.folder)
  const owned = new Set(rows.map(([user, item]) => `${user} ${item}`))
  expect(recommender.seen.items).toHaveLength(owned.size)
  for await (const block of recommender.recommendAll({ k: 10 })) {
    for (const { user, items } of block) {
      for (const item of items) expect(owned).not.toContain(`${user} ${item}`)
    }
  }
})

it('trains a model for as many epochs as were best', async () => {
  const { folder } = await campFolder()
  const results = [result('factors', '', 2, 0.3), result('factors', '', 1, 0.3)]
  const [best] = await refitBest({
    definition,
    results,
    folder: join(folder, 'best'),
    baseFolder: folder,
  })
  expect(best).toMatchObject({
    model: 'factors',
    found: { model: 'bpr-mf', bestEpoch: 2, seed: 1 },
  })
  expect((await Recommender.load(best.folder)).origin.architecture).toBe('bpr-mf')
})

it('refuses results without values, of other models, and selections that compare nothing', async () => {
  const { folder } = await campFolder()
  const options = { definition, folder: join(folder, 'best'), baseFolder: folder }
  await expect(refitBest({ ...options, results: [] })).rejects.toThrow(
    'Run the experiment to its end.',
  )
  const other = result('ease', '', 1, 0.9)
  await expect(refitBest({ ...options, results: [other] })).rejects.toThrow("no model 'ease'")
  const blind = { ...definition, protocol: { ...definition.protocol, selection: 'loss' } }
  await expect(refitBest({ ...options, definition: blind, results: [other] })).rejects.toThrow(
    "protocol.selection: got 'loss'",
  )
})
