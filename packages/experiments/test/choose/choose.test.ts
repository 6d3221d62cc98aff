import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { saveSplit } from '@gnnrec/data'
import { evaluate } from '@gnnrec/eval'
import {
  type ChooseCandidate,
  choose,
  ExperimentRunner,
  LocalPool,
  toMarkdown,
} from '@gnnrec/experiments'
import { BipartiteGraph, createSplit, rowCount, splitRows } from '@gnnrec/graph'
import { models } from '@gnnrec/models'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { campSplit, withOtherTest } from '../support/camp-split.js'
import { InProcessPool } from '../support/in-process-pool.js'
import { completed } from '../support/recording-pool.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const split = campSplit()

afterEach(() => vi.restoreAllMocks())

const metric = 'ndcg@10'
const candidates: readonly ChooseCandidate[] = [
  { model: 'popularity' },
  {
    model: 'item-knn',
    settings: [
      { label: '10 neighbours', options: { neighbours: 10 } },
      { label: '20 neighbours', options: { neighbours: 20 } },
    ],
  },
  {
    model: 'ease',
    settings: [50, 20].map((l2Weight) => ({ label: `λ ${l2Weight}`, options: { l2Weight } })),
  },
]

it('chooses the best on validation, and the cheaper one of two that are level', async () => {
  const [popularity, knn] = candidates
  const choice = await choose(split, {
    candidates: [popularity, { ...knn, label: 'cheap' }, { ...knn, label: 'dear' }],
    metric,
    pool: new InProcessPool(),
  })
  expect(choice.rows.map(({ label, outcome }) => [label, outcome])).toEqual([
    ['popularity', 'behind'],
    ['cheap', 'chosen'],
    ['dear', 'level'],
  ])
  const [first, second] = choice.rows.map(({ best }) => best?.value ?? 0)
  expect(first).toBeLessThan(0.8 * second)
  const { interval, difference } = choice.rows[0].best ?? {}
  expect(difference).toBeCloseTo(first - second)
  expect(interval?.[1]).toBeLessThan(0)
  expect(choice.isComplete).toBe(true)
  expect(choice.summary).toBe(
    `Chosen: cheap (${choice.chosen.setting}), with ndcg@10 ${second.toFixed(4)} on the validation part. Level with the best are also dear.`,
  )
  expect(toMarkdown(choice.table)).toContain('| dear ')
})

it('gives the recommender of the chosen settings, fitted to the training part', async () => {
  const { chosen, recommender, rows } = await choose(split, {
    candidates,
    metric,
    pool: new InProcessPool(),
  })
  const graph = BipartiteGraph.fromInteractions(split.train)
  const model = models.create(graph, { architecture: chosen.model, options: chosen.options })
  const expected = await model.toRecommender()
  for (const user of [0, 17, 59]) {
    expect(recommender.recommend(user, { k: 10 }).items).toEqual(
      expected.recommend(user, { k: 10 }).items,
    )
  }
  const report = await evaluate(recommender, { split, on: 'validation', metrics: [metric] })
  const row = rows.find(({ outcome }) => outcome === 'chosen')
  expect(report.metrics[metric]).toBe(row?.best?.value)
})

it('measures accuracy, coverage, time, memory, size and latency of each candidate', async () => {
  const { rows } = await choose(split, { candidates, metric, pool: new InProcessPool() })
  for (const { best } of rows) {
    expect(Object.keys(best?.validation ?? {})).toEqual([metric, 'recall@10', 'coverage@10'])
    expect(best?.trainSeconds).toBeGreaterThanOrEqual(0)
    expect(best?.peakRssMb).toBe(100)
    expect(best?.serving?.bytes).toBeGreaterThan(100)
    expect(best?.serving?.recommendMs).toBeGreaterThan(0)
  }
  const [popularity, , ease] = rows
  expect(ease.best?.serving?.bytes).toBeGreaterThan(popularity.best?.serving?.bytes ?? 0)
})

it('never reads the test part', async () => {
  const folder = await temporaryFolder()
  const options = { candidates, metric }
  const one = await choose(split, { ...options, folder, pool: new InProcessPool() })
  const two = await choose(withOtherTest(split), { ...options, pool: new InProcessPool() })
  const valuesOf = ({ rows }: typeof one) => rows.map(({ best }) => best?.validation)
  expect(valuesOf(two)).toEqual(valuesOf(one))
  const lines = (await readFile(join(folder, 'results.jsonl'), 'utf8')).trim().split('\n')
  for (const line of lines) expect(JSON.parse(line)).not.toHaveProperty('test')

  const { train, validation } = split
  const rows = rowCount(train)
  const withoutTest = splitRows(
    train,
    {
      train: Array.from({ length: rows - 200 }, (_, row) => row),
      validation: Array.from({ length: 200 }, (_, row) => rows - 200 + row),
      test: [],
    },
    { name: 'no test' },
  )
  expect(rowCount(validation)).toBeGreaterThan(0)
  const three = await choose(withoutTest, { ...options, pool: new InProcessPool() })
  expect(three.rows.every(({ best }) => best)).toBe(true)
})

it('gives the same choice again, with any number of trials at a time', async () => {
  const chosen = async (parallel: number) => {
    const pool = new InProcessPool(undefined, parallel)
    const { rows, chosen, summary } = await choose(split, { candidates, metric, pool })
    return { chosen, summary, values: rows.map(({ best, outcome }) => [outcome, best?.value]) }
  }
  expect(await chosen(3)).toEqual(await chosen(1))
})

it('continues in its folder where it was interrupted', async () => {
  const folder = await temporaryFolder()
  const stop = new AbortController()
  const interrupted = new InProcessPool()
  const first = choose(split, {
    candidates,
    metric,
    folder,
    pool: interrupted,
    signal: stop.signal,
    onProgress: ({ type }) => {
      if (type === 'result' && interrupted.trials.length === 2) stop.abort(new Error('enough'))
    },
  })
  await expect(first).rejects.toThrow('enough')
  expect(interrupted.trials.length).toBeLessThan(5)

  const continued = new InProcessPool()
  const choice = await choose(split, { candidates, metric, folder, pool: continued })
  const before = interrupted.trials.slice(0, 2).map(({ id }) => id)
  const searched = continued.trials.slice(0, -1).map(({ id }) => id)
  expect(searched.filter((id) => before.includes(id))).toEqual([])
  expect(choice.isComplete).toBe(true)

  // A finished choice is read from its folder.
  const third = new InProcessPool()
  const again = await choose(split, { candidates, metric, folder, pool: third })
  expect(third.trials).toEqual([])
  const valuesOf = ({ rows }: typeof again) => rows.map(({ best }) => [best?.setting, best?.value])
  expect(valuesOf(again)).toEqual(valuesOf(choice))
})

it('makes a row with the reason of what fails or does not fit', async () => {
  const choice = await choose(split, {
    candidates: [
      ...candidates.slice(0, 2),
      // Enough for the few items that options are tried with, and too little for those of the split.
      { model: 'spectral-filter', options: { memoryLimitBytes: 8000 } },
      { model: 'slim' },
    ],
    metric,
    pool: new InProcessPool(async ({ model }) =>
      model.name === 'slim'
        ? { status: 'failed', failure: { kind: 'out-of-memory', message: 'It took too much.' } }
        : undefined,
    ),
  })
  expect(choice.rows[2]).toMatchObject({ outcome: 'failed', tried: 1 })
  expect(choice.rows[2].failures[0].reason).toContain('memoryLimitBytes is 8000')
  expect(choice.rows[3]).toMatchObject({
    outcome: 'failed',
    failures: [{ setting: '', reason: 'It took too much.' }],
  })
  expect(choice.summary).toContain('Without a result: spectral-filter, slim.')
  expect(choice.table.notes).toContain('slim: It took too much.')
})

describe('what cannot win', () => {
  it('has no further settings tried', async () => {
    const settings = ['a', 'b', 'c'].map((label) => ({ label }))
    const pool = new InProcessPool()
    const { rows } = await choose(split, {
      candidates: [{ model: 'random', settings }, candidates[1]],
      metric,
      pool,
    })
    expect(rows[0]).toMatchObject({ outcome: 'behind', tried: 1, settings: 3 })
    expect(rows[0].cutShort).toMatch(
      /^further settings were not tried, as the first is \d+ % below/,
    )
    expect(rows[1]).toMatchObject({ tried: 2 })
    expect(rows[1]).not.toHaveProperty('cutShort')
  })

  it('is not trained to its end', async () => {
    const training = {
      epochs: 8,
      batchSize: 512,
      learningRate: 0.01,
      sampling: 'user-uniform',
    } as const
    const pool = new InProcessPool(async ({ model, untilEpoch }) => {
      if (model.name !== 'bpr-mf') return undefined
      expect(untilEpoch).toBe(2)
      return completed(0.001)
    })
    const { rows, isComplete } = await choose(split, {
      candidates: [candidates[1], { model: 'bpr-mf', training }],
      metric,
      pool,
    })
    expect(rows[1]).toMatchObject({
      outcome: 'given-up',
      tried: 0,
      cutShort: expect.stringContaining('ended after 2 of 8 epochs, with 0.0010 far below'),
    })
    expect(isComplete).toBe(true)
  })
})

it('says what was not tried when the time of the budget is over', async () => {
  // Trials of EASE end when they are asked to.
  const waiting = () =>
    new InProcessPool(async ({ model }, { signal }) => {
      if (model.name !== 'ease') return undefined
      if (!signal.aborted) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      }
      return { status: 'stopped' }
    })
  const [popularity, , ease] = candidates
  const nothing = choose(split, {
    candidates: [ease],
    metric,
    budget: { seconds: 0.2 },
    pool: waiting(),
  })
  await expect(nothing).rejects.toMatchObject({
    code: 'NOTHING_CHOSEN',
    message: expect.stringContaining('ease: the time of the budget was over'),
  })
  // The results of an earlier choice count, however soon the time is over.
  const folder = await temporaryFolder()
  await choose(split, { candidates: [popularity], metric, folder, pool: waiting() })
  const choice = await choose(split, {
    candidates: [popularity, ease],
    metric,
    folder,
    budget: { seconds: 0.2 },
    pool: waiting(),
  })
  expect(choice.isComplete).toBe(false)
  expect(choice.chosen.model).toBe('popularity')
  expect(choice.rows[1]).toMatchObject({
    outcome: 'not-tried',
    tried: 0,
    cutShort: 'the time of the budget was over',
  })
  expect(choice.summary).toContain('another machine may choose otherwise')
})

it('trains models in processes of their own and loads the chosen one', async () => {
  const training = {
    epochs: 4,
    batchSize: 256,
    learningRate: 0.05,
    sampling: 'user-uniform',
  } as const
  const folder = await temporaryFolder()
  const seen: string[] = []
  const epochs: [model: string, epochs: number | undefined][] = []
  const choice = await choose(split, {
    candidates: [
      { model: 'popularity' },
      { model: 'light-gcn', options: { embeddingDim: 16, layers: 2 }, training },
    ],
    metric,
    folder,
    pool: new LocalPool({ threads: 1 }),
    onProgress: (progress) => {
      const { type, model } = progress
      seen.push(`${type} ${model}`)
      if (type === 'result') epochs.push([model, progress.epochs])
    },
  })
  expect(epochs).toEqual([
    ['popularity', undefined],
    ['light-gcn', 1],
    ['light-gcn', 4],
  ])
  expect(choice.chosen).toMatchObject({ model: 'light-gcn', training: { epochs: 4 } })
  expect(choice.recommender.recommend(0, { k: 5 }).items).toHaveLength(5)
  expect(seen).toEqual(expect.arrayContaining(['result popularity', 'epoch light-gcn']))
})

it('is complete when all has results, though the time was over before some was tried again', async () => {
  const training = {
    epochs: 8,
    batchSize: 512,
    learningRate: 0.01,
    sampling: 'user-uniform',
  } as const
  const trained = { model: 'bpr-mf', training }
  const folder = await temporaryFolder()
  // It is trained to its end, as there is nothing to measure its first epochs against.
  await choose(split, { candidates: [trained], metric, folder, pool: new InProcessPool() })
  const pool = new InProcessPool(async (trial, call) => {
    if (!call.signal.aborted) {
      await new Promise((resolve) => call.signal.addEventListener('abort', resolve))
    }
    return new InProcessPool().run(trial, { ...call, signal: new AbortController().signal })
  })
  const { isComplete, rows } = await choose(split, {
    candidates: [{ model: 'popularity' }, trained],
    metric,
    folder,
    budget: { seconds: 0.2 },
    pool,
  })
  expect(pool.trials.map(({ model }) => model.name)).toEqual(['popularity'])
  expect(rows.map(({ tried }) => tried)).toEqual([1, 1])
  expect(isComplete).toBe(true)
})

describe('weights of interactions', () => {
  /** Makes the split with weights; another scale makes another split. */
  function weightedSplit(scale: number) {
    const { train, validation, test, method } = split
    const weight = train.itemIndex.map((item) => 1 + (item % 7) * scale)
    return createSplit({
      train: { ...train, weight: Float32Array.from(weight) },
      validation,
      test,
      method,
    })
  }
  const settings = () => ({
    candidates: [{ model: 'item-knn' }],
    metric,
    pool: new InProcessPool(),
  })
  function warnings(): readonly string[] {
    const said: string[] = []
    vi.spyOn(process, 'emitWarning').mockImplementation(
      (message) => void said.push(String(message)),
    )
    return said
  }

  it.each(['none', 'counts', 'log'] as const)(
    'count as %s in the chosen model',
    async (weights) => {
      const said = warnings()
      const weighted = weightedSplit(3)
      const { chosen, recommender } = await choose(weighted, { ...settings(), weights })
      const graph = BipartiteGraph.fromInteractions(weighted.train, { weights })
      const options = { architecture: chosen.model, options: chosen.options }
      const expected = await models.create(graph, options).toRecommender()
      const lists = (from: typeof recommender) =>
        [0, 17, 59].map((user) => from.recommend(user, { k: 10 }))
      expect(lists(recommender)).toEqual(lists(expected as typeof recommender))
      expect(said).toEqual([])
    },
  )

  it('are left out by default, with one warning for a split', async () => {
    const said = warnings()
    const weighted = weightedSplit(5)
    const one = await choose(weighted, settings())
    await choose(weighted, settings())
    expect(said).toEqual([
      "choose: the interactions have weights, which do not count. Pass weights: 'counts' or 'log' to use them, or 'none' to leave them out.",
    ])
    const plain = await choose(split, settings())
    expect(one.rows[0].best?.value).toBe(plain.rows[0].best?.value)
    const counted = await choose(weighted, { ...settings(), weights: 'counts' })
    expect(counted.rows[0].best?.value).not.toBe(plain.rows[0].best?.value)
  })

  it('of a definition are warned of once a run, and not when it says what they mean', async () => {
    const weighted = weightedSplit(9)
    const folder = await temporaryFolder()
    await saveSplit(weighted, join(folder, 'split'))
    const run = async (weights?: 'counts') => {
      const said = warnings()
      const dataset = { dataset: 'plays', savedSplit: 'split', ...(weights && { weights }) }
      const runner = new ExperimentRunner({
        definition: {
          name: 'weights',
          models: [{ model: 'popularity' }, { model: 'item-knn' }],
          datasets: [dataset],
          seeds: [1, 2],
          protocol: { metrics: [metric], selection: metric },
        },
        baseFolder: folder,
        folder: join(folder, `run-${weights}`),
        progress: 'none',
        pool: new InProcessPool(),
      })
      await runner.run()
      return said
    }
    expect(await run('counts')).toEqual([])
    expect(await run()).toEqual([
      expect.stringMatching(
        /^plays: the interactions have weights.*State weights in the definition/,
      ),
    ])
  })
})

it('ends when the callback fails', async () => {
  const choice = choose(split, {
    candidates,
    metric,
    pool: new InProcessPool(),
    onProgress: () => {
      throw new Error('no more')
    },
  })
  await expect(choice).rejects.toThrow('no more')
})

it.each([
  [{ metric: 'coverage@10' }, 'has no value per user'],
  [{ metric: 'ndgc@10' }, 'ndcg'],
  [{ metric: 'ndcg@1000' }, '1000'],
  [{ candidates: ['eas'] }, "got 'eas' (did you mean 'ease'"],
  [{ candidates: [{ model: 'eas' }] }, 'ease'],
  [{ candidates: [] }, 'candidates'],
  [{ candidates: [{ model: 'ease', settings: [{ label: 'x', options: { l2: 1 } }] }] }, 'l2'],
  [{ budget: { seconds: 0 } }, 'seconds'],
  [{ budget: { memoryBytes: 1e6 } }, 'memoryBytes'],
  [{ budget: { minutes: 5 } }, 'minutes'],
  [{ tolerance: 1 }, 'tolerance'],
  [{ seed: 0.5 }, 'seed'],
  [{ metrics: ['ndcg@10'] }, 'metrics'],
])('refuses %j', async (options, message) => {
  const choice = choose(split, { pool: new InProcessPool(), ...(options as object) })
  await expect(choice).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: expect.stringContaining(message),
  })
})

it('refuses what is no split, and one without a validation part', async () => {
  await expect(choose({} as never)).rejects.toThrow('expected a Split')
  const all = Array.from({ length: rowCount(split.train) }, (_, row) => row)
  const parts = { train: all.slice(100), validation: [], test: all.slice(0, 100) }
  const without = splitRows(split.train, parts, { name: 'made up' })
  await expect(choose(without, { metric, candidates })).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: expect.stringContaining('the validation part of split is empty'),
  })
})

it('has settings by default that all of its computed models take', async () => {
  const names = [
    'popularity',
    'item-knn',
    'user-knn',
    'rp3-beta',
    'spectral-filter',
    'ials',
    'ease',
    'sansa',
  ]
  const pool = new InProcessPool()
  const { rows, isComplete } = await choose(split, { candidates: names, metric, pool })
  expect(rows.map(({ model }) => model)).toEqual(names)
  expect(rows.flatMap(({ failures }) => failures)).toEqual([])
  expect(rows.every(({ best }) => best)).toBe(true)
  expect(isComplete).toBe(true)
})
