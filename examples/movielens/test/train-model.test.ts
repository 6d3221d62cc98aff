import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { temporalSplit } from '@gnnrec/data'
import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
import { expect, it, onTestFinished } from 'vitest'
import { trainModel } from '../src/train-model.js'

/** Settings for 60 films that 40 users rated, 20 each. */
async function settingsFor(signal: AbortSignal) {
  const folder = await mkdtemp(join(tmpdir(), 'gnnrec-movielens-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const ratings = Array.from({ length: 800 }, (_, place) => {
    const user = Math.floor(place / 20)
    return { user, item: (user * 7 + (place % 20) * 3) % 60, timestamp: place }
  })
  const split = temporalSplit(fromRecords(ratings), { scope: 'user', ratios: [0.7, 0.1, 0.2] })
  return {
    dataset: 'movietweetings',
    preset: undefined,
    graph: BipartiteGraph.fromInteractions(split.train),
    split,
    seed: 0,
    epochs: 1,
    folder: join(folder, 'model'),
    signal,
  } as const
}

it.each(['popularity', 'bpr-mf', 'svd-gcn'])('trains, saves and judges %s', async (name) => {
  const settings = await settingsFor(new AbortController().signal)
  const model = await trainModel(name, settings)
  expect(model?.report.metrics).toHaveProperty('ndcg@20')
  expect(existsSync(settings.folder)).toBe(true)
})

it.each(['ease', 'slim', 'bpr-mf', 'svd-gcn'])(
  'leaves out %s where the signal comes before it has weights',
  async (name) => {
    const settings = await settingsFor(AbortSignal.abort())
    expect(await trainModel(name, settings)).toBeUndefined()
    expect(existsSync(settings.folder)).toBe(false)
  },
)

it('does not take an error for the end by a signal', async () => {
  const { signal } = new AbortController()
  const settings = { ...(await settingsFor(signal)), preset: 'nothing' }
  await expect(trainModel('bpr-mf', settings)).rejects.toThrow("has no preset 'nothing'")
})
