import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DatasetEntry, type ExperimentDefinition, ExperimentRunner } from '@gnnrec/experiments'
import { FolderLock } from '@gnnrec/graph/files'
import { expect, it } from 'vitest'
import { writeCsv } from '../support/csv-data.js'
import { small } from '../support/definitions.js'
import { completed, RecordingPool } from '../support/recording-pool.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const columns = { user: 'user', item: 'item', rating: 'rating', timestamp: 'time' }

/** Runs an experiment on 60 users and 40 items; returns its error, after checking that no trial began. */
async function complaint(
  change: Partial<ExperimentDefinition>,
  dataset: Partial<DatasetEntry> = {},
): Promise<string> {
  const baseFolder = await temporaryFolder()
  const csv = { ...(await writeCsv(baseFolder)), ...dataset }
  const pool = new RecordingPool(() => completed(0.5))
  const folder = join(baseFolder, 'run')
  const definition = { ...small, datasets: [csv], ...change }
  const runner = new ExperimentRunner({ definition, baseFolder, folder, pool, progress: 'none' })
  const error = await runner.run().catch((error: Error) => error)
  expect(error).toMatchObject({ code: 'INVALID_OPTIONS' })
  expect(pool.trials).toEqual([])
  expect(existsSync(folder)).toBe(false)
  return (error as Error).message
}

it('tells of a file that is missing, before anything is trained', async () => {
  const text = await complaint({}, { csv: { file: 'none.csv', columns } })
  expect(text).toMatch(/datasets\.0\.csv: camps: .*none\.csv/)
})

it('tells of a column that is not there', async () => {
  const text = await complaint(
    {},
    { csv: { file: 'camps.csv', columns: { user: 'usr', item: 1 } } },
  )
  expect(text).toMatch(/datasets\.0\.csv: camps: .*usr/)
})

it('tells of all data sets at once', async () => {
  const none = { csv: { file: 'none.csv', columns } }
  const datasets = [
    { dataset: 'first', ...none },
    { dataset: 'second', ...none },
  ]
  const text = await complaint({ datasets })
  expect(text).toContain('datasets.0.csv: first')
  expect(text).toContain('datasets.1.csv: second')
})

it('tells of parts that are empty', async () => {
  const split = (ratios: readonly [number, number, number]) => ({
    split: { method: 'temporal', scope: 'global', ratios } as const,
  })
  expect(await complaint({}, split([0.9, 0.1, 0]))).toContain(
    'datasets.0.split: the test part of camps is empty, so nothing can be judged',
  )
  expect(await complaint({}, split([0.9, 0, 0.1]))).toContain(
    'datasets.0.split: the validation part of camps is empty, but ndcg@10 decides on it',
  )
})

it('takes an empty validation part where nothing is chosen', async () => {
  const baseFolder = await temporaryFolder()
  const dataset = await writeCsv(baseFolder)
  const split = { method: 'temporal', scope: 'global', ratios: [0.9, 0, 0.1] } as const
  const datasets = [{ ...dataset, split }]
  const pool = new RecordingPool(() => completed(0.5))
  const common = { baseFolder, pool, progress: 'none' as const }
  const last = { ...small.protocol, selection: 'last-epoch' }
  for (const [place, change] of [
    { models: [{ model: 'popularity' }] },
    { protocol: last },
  ].entries()) {
    const definition = { ...small, datasets, ...change }
    const folder = join(baseFolder, `run-${place}`)
    await new ExperimentRunner({ definition, folder, ...common }).run()
  }
  expect(pool.trials.length).toBeGreaterThan(2)
})

it('tells of a filter or a split that the data do not allow', async () => {
  expect(await complaint({}, { filter: { minPerUser: 5000 } })).toMatch(/datasets\.0/)
  const withoutTime = { csv: { file: 'camps.csv', columns: { user: 'user', item: 'item' } } }
  expect(await complaint({}, withoutTime)).toMatch(/protocol\.split: camps: .*timestamp/)
  const unrated = { ...withoutTime, filter: { minRating: 3 } }
  expect(await complaint({}, unrated)).toMatch(/datasets\.0\.filter: camps: .*rating/)
})

it('tells of lists that are longer than there are items', async () => {
  const protocol = { metrics: ['ndcg@10', 'recall@41'], selection: 'ndcg@50' }
  const text = await complaint({ protocol })
  expect(text).toContain(
    "protocol.metrics.1: 'recall@41' asks for lists of 41 items, but camps has 40; expected a cut-off in 1..40.",
  )
  expect(text).toContain("protocol.selection: 'ndcg@50' asks for lists of 50 items")
  expect(await complaint({}, { selection: 'recall@99' })).toContain(
    "datasets.0.selection: 'recall@99' asks for",
  )
})

it('tells of options that are too large for the data', async () => {
  const models = [{ model: 'svd-gcn', options: { variant: 'S', rank: 41 } }]
  expect(await complaint({ models })).toMatch(/svd-gcn: .*rank: got 41; expected at most 40/s)
  const graphSampling = { method: 'clusters', clusters: 101, clustersPerStep: 1 } as const
  const training = { ...small.training, graphSampling }
  expect(await complaint({ training })).toMatch(/light-gcn: .*clusters: got 101/s)
})

it('takes lists of any length that the data have', async () => {
  const folder = await temporaryFolder()
  const lines = Array.from({ length: 9000 }, (_, row) => `${row % 900},${row % 3000},${row}`)
  await writeFile(join(folder, 'many.csv'), ['user,item,time', ...lines].join('\n'))
  const file = { file: 'many.csv', columns: { user: 'user', item: 'item', timestamp: 'time' } }
  const definition = {
    ...small,
    datasets: [{ dataset: 'many', csv: file }],
    protocol: { metrics: ['recall@3000'], selection: 'recall@3000' },
  }
  const pool = new RecordingPool(() => completed(0.5))
  const options = {
    baseFolder: folder,
    folder: join(folder, 'run'),
    pool,
    progress: 'none',
  } as const
  await new ExperimentRunner({ definition, ...options }).run()
  expect(pool.trials).toHaveLength(3)
})

it('tells of a folder that cannot be used before it reads data', async () => {
  const baseFolder = await temporaryFolder()
  const missing = { dataset: 'camps', csv: { file: 'none.csv', columns } }
  const pool = new RecordingPool(() => completed(0.5))
  const run = (folder: string) => {
    const definition = { ...small, datasets: [missing] }
    return new ExperimentRunner({ definition, baseFolder, folder, pool, progress: 'none' }).run()
  }
  const earlier = join(baseFolder, 'earlier')
  const definition = { ...small, datasets: [await writeCsv(baseFolder)] }
  const common = { definition, baseFolder, pool, progress: 'none' } as const
  await new ExperimentRunner({ ...common, folder: earlier }).run()
  await expect(run(earlier)).rejects.toMatchObject({ code: 'EXPERIMENT_FOLDER' })
  const lock = await FolderLock.acquire(join(baseFolder, 'locked'))
  await expect(run(join(baseFolder, 'locked'))).rejects.toMatchObject({ code: 'EXPERIMENT_LOCKED' })
  await lock.release()
  const file = join(baseFolder, 'file')
  await writeFile(file, '')
  await expect(run(join(file, 'run'))).rejects.toMatchObject({ code: 'EXPERIMENT_FOLDER' })
  // No folder is left of a run that never began, and none is removed that was there.
  await expect(run(join(baseFolder, 'new/inner'))).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
  })
  expect(existsSync(join(baseFolder, 'new'))).toBe(false)
  await mkdir(join(baseFolder, 'empty'))
  await expect(run(join(baseFolder, 'empty'))).rejects.toMatchObject({ code: 'INVALID_OPTIONS' })
  expect(existsSync(join(baseFolder, 'empty'))).toBe(true)
})
