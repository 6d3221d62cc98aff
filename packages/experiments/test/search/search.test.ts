import { type DatasetEntry, type ExperimentDefinition, ExperimentRunner } from '@gnnrec/experiments'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CheckedModel, CheckedSearch } from '../../src/definition/definition-schema.js'
import type { SearchSettings } from '../../src/definition/experiment-definition.js'
import type { Trial } from '../../src/plan/trial.js'
import type { RunnerEvent } from '../../src/runner/runner-events.js'
import { candidatesOf } from '../../src/search/candidates.js'
import { small } from '../support/definitions.js'
import { completed, RecordingPool } from '../support/recording-pool.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const layers = [1, 2, 3]
const learningRate = { min: 1e-3, max: 1e-1, scale: 'log' } as const

function definition(
  search: SearchSettings,
  dataset: Partial<DatasetEntry> = {},
): ExperimentDefinition {
  const rates = search.method === 'grid' ? [0.001, 0.01] : learningRate
  return {
    ...small,
    search,
    training: { ...small.training, epochs: 20 },
    models: [
      { model: 'light-gcn', search: { options: { layers }, training: { learningRate: rates } } },
    ],
    datasets: [{ ...small.datasets[0], ...dataset }],
    seeds: [7, 8],
  }
}

/** Two layers and a rate near 0.01 are best, and more epochs are better. */
function quality({ model, untilEpoch }: Trial): number {
  const distance = Math.abs(Math.log10(model.training?.learningRate ?? 1) + 2)
  const layers = model.options['layers'] === 2 ? 0.1 : 0
  return 0.5 + layers - distance / 10 + (untilEpoch ?? 20) / 1000
}

async function run(
  search: SearchSettings,
  answer = (trial: Trial) => completed(quality(trial)),
  dataset: Partial<DatasetEntry> = {},
) {
  const pool = new RecordingPool(answer, 2)
  const events: RunnerEvent[] = []
  const { results } = await new ExperimentRunner({
    definition: definition(search, dataset),
    folder: await temporaryFolder(),
    pool,
    progress: 'none',
    onEvent: (event) => events.push(event),
  }).run()
  const searched = pool.trials.filter(({ phase }) => phase === 'search')
  const tested = pool.trials.filter(({ phase }) => phase === 'test')
  return { results, events, searched, tested }
}

it('tries every combination of a grid and tests the best with all seeds', async () => {
  const { searched, tested, events } = await run({ method: 'grid' })
  expect(searched.map(({ setting }) => setting)).toEqual([
    'layers 1, learningRate 0.001',
    'layers 1, learningRate 0.01',
    'layers 2, learningRate 0.001',
    'layers 2, learningRate 0.01',
    'layers 3, learningRate 0.001',
    'layers 3, learningRate 0.01',
  ])
  expect(searched.map(({ seed }) => seed)).toEqual([7, 7, 7, 7, 7, 7])
  expect(tested.map(({ setting, seed }) => `${setting}, ${seed}`)).toEqual([
    'layers 2, learningRate 0.01, 7',
    'layers 2, learningRate 0.01, 8',
  ])
  expect(events).toContainEqual({
    type: 'chosen',
    dataset: 'movietweetings',
    model: 'light-gcn',
    tried: 6,
    setting: 'layers 2, learningRate 0.01',
    value: expect.closeTo(0.62),
  })
})

it('draws the same settings from the same seed, each once', async () => {
  const search = { method: 'random', trials: 12, seed: 3 } as const
  const [first, again, other] = [
    await run(search),
    await run(search),
    await run({ ...search, seed: 4 }),
  ]
  const settings = (trials: Trial[]) => trials.map(({ setting }) => setting)
  expect(new Set(settings(first.searched)).size).toBe(12)
  expect(settings(again.searched)).toEqual(settings(first.searched))
  expect(settings(other.searched)).not.toEqual(settings(first.searched))
  const best = first.searched.reduce((a, b) => (quality(b) > quality(a) ? b : a))
  expect(first.tested[0].setting).toBe(best.setting)
})

it('draws from the seed, the model and the data alone', async () => {
  const search = { method: 'random', trials: 6, seed: 3 } as const
  const drawn = async (change: Partial<ExperimentDefinition>) => {
    const pool = new RecordingPool((trial) => completed(quality(trial)))
    await new ExperimentRunner({
      definition: { ...definition(search), ...change },
      folder: await temporaryFolder(),
      pool,
      progress: 'none',
    }).run()
    const searched = pool.trials.filter(
      ({ phase, model, dataset }) =>
        phase === 'search' && model.name === 'light-gcn' && dataset.label === 'movietweetings',
    )
    return searched.map(({ model, setting }) => `${model.label}: ${setting}`)
  }
  const { models, datasets } = definition(search)
  const [entry] = models
  const alone = await drawn({})
  expect(alone).toHaveLength(6)
  const other = { model: 'bpr-mf', search: { options: { embeddingDim: [4, 8, 16] } } }
  expect(await drawn({ models: [{ model: 'popularity' }, other, entry] })).toEqual(alone)
  const another = { dataset: 'movietweetings', label: 'another', filter: { minPerUser: 9 } }
  expect(await drawn({ datasets: [another, ...datasets] })).toEqual(alone)
  // Nor do draws of one option depend on the others, or on their order.
  const l2Weight = { min: 0, max: 1 }
  const more = { search: { options: { l2Weight, layers }, training: { learningRate } } }
  const rates = (settings: string[]) => settings.map((text) => /learningRate \S+/.exec(text)?.[0])
  expect(rates(await drawn({ models: [{ ...entry, ...more }] }))).toEqual(rates(alone))
})

it('draws every combination of a small space once, and no more', () => {
  const values = [1, 2, 3]
  const range = { min: 1, max: 4, scale: 'linear', integer: true }
  const search = { options: { a: values, b: values, c: range }, training: {} }
  const settings = { method: 'random', trials: 10_000, seed: 1 } as CheckedSearch
  expect(candidatesOf({ search } as unknown as CheckedModel, settings, 'x')).toHaveLength(36)
})

it('names the selection when no setting has a value of it', async () => {
  const withoutValue = () => {
    const end = completed(0.5)
    if (end.status !== 'completed') throw new Error('no')
    const { validation: _, ...measurements } = end.measurements
    return { ...end, measurements }
  }
  const { results } = await run({ method: 'grid' }, withoutValue)
  expect(results.at(-1)).toMatchObject({
    failure: {
      kind: 'search',
      message: expect.stringContaining(
        'None of the 6 settings of the search has a value of ndcg@10',
      ),
    },
  })
})

it('halves the settings round by round and lets the rest go on', async () => {
  const { searched, tested, events } = await run({
    method: 'successive-halving',
    trials: 9,
    firstEpochs: 2,
    factor: 3,
    trialSeed: 5,
  })
  const rounds = events.flatMap((event) =>
    event.type === 'search-round' ? [[event.candidates, event.untilEpoch]] : [],
  )
  expect(rounds).toEqual([
    [9, 2],
    [3, 6],
  ])
  expect(searched.map(({ untilEpoch }) => untilEpoch)).toEqual([...Array(9).fill(2), 6, 6, 6])
  // A setting goes on in the folder where it stopped.
  const first = searched.slice(0, 9)
  for (const { folder } of searched.slice(9)) {
    expect(first.map((trial) => trial.folder)).toContain(folder)
  }
  expect(searched.every(({ seed }) => seed === 5)).toBe(true)
  const best = first.reduce((a, b) => (quality(b) > quality(a) ? b : a))
  expect(tested[0].setting).toBe(best.setting)
})

it('trains to the end in the last round of halving', async () => {
  const { events, searched } = await run({
    method: 'successive-halving',
    trials: 8,
    firstEpochs: 10,
    factor: 2,
  })
  const rounds = events.flatMap((event) =>
    event.type === 'search-round' ? [[event.candidates, event.untilEpoch]] : [],
  )
  expect(rounds).toEqual([
    [8, 10],
    [4, undefined],
  ])
  expect(searched.slice(8).map(({ untilEpoch }) => untilEpoch)).toEqual(Array(4).fill(undefined))
})

it('begins with the epochs that a data set names for its first round', async () => {
  const halving = { method: 'successive-halving', trials: 9, firstEpochs: 2, factor: 3 } as const
  const { searched } = await run(halving, undefined, { firstEpochs: 4 })
  expect(searched.map(({ untilEpoch }) => untilEpoch)).toEqual([...Array(9).fill(4), 12, 12, 12])
  await expect(run({ method: 'grid' }, undefined, { firstEpochs: 4 })).rejects.toThrow(
    /datasets\.0\.firstEpochs: only a search by successive-halving/,
  )
})

it('passes over settings that fail, and records when all do', async () => {
  const failure = { status: 'failed', failure: { kind: 'error', message: 'no' } } as const
  const some = await run({ method: 'grid' }, (trial) =>
    trial.phase === 'search' && trial.model.options['layers'] === 2
      ? failure
      : completed(quality(trial)),
  )
  expect(some.tested[0].setting).toBe('layers 1, learningRate 0.01')
  const none = await run({ method: 'grid' }, () => failure)
  expect(none.tested).toEqual([])
  expect(none.results.at(-1)).toMatchObject({
    status: 'failed',
    phase: 'test',
    setting: 'search',
    failure: { kind: 'search', message: expect.stringContaining('All 6 settings') },
  })
})

it('takes the first of several settings that are equally good', async () => {
  const { tested } = await run({ method: 'grid' }, () => completed(0.5))
  expect(tested[0].setting).toBe('layers 1, learningRate 0.001')
})

it('draws values within their ranges', () => {
  const values = fc
    .tuple(
      fc.double({ min: 1e-6, max: 10, noNaN: true }),
      fc.double({ min: 1e-3, max: 10, noNaN: true }),
      fc.constantFrom('linear' as const, 'log' as const),
      fc.boolean(),
    )
    .map(([low, more, scale, integer]) => {
      const [min, max] = integer
        ? [Math.ceil(low), Math.ceil(low) + Math.ceil(more)]
        : [low, low + more]
      return { min, max, scale, integer }
    })
  fc.assert(
    fc.property(values, fc.integer(), (range, seed) => {
      const entry = { search: { options: { x: range }, training: {} } } as unknown as CheckedModel
      const search = { method: 'random', trials: 20, seed } as CheckedSearch
      const drawn = candidatesOf(entry, search, 'x').map(({ options }) => options['x'] as number)
      expect(drawn.length).toBeGreaterThan(0)
      for (const value of drawn) {
        expect(value).toBeGreaterThanOrEqual(range.min)
        expect(value).toBeLessThanOrEqual(range.max)
        if (range.integer) expect(Number.isInteger(value)).toBe(true)
      }
    }),
  )
})

it('draws evenly on a logarithmic scale, and both ends of a range of integers', () => {
  const draw = (range: object, trials: number) => {
    const entry = { search: { options: { x: range }, training: {} } } as unknown as CheckedModel
    const search = { method: 'random', trials, seed: 1 } as CheckedSearch
    return candidatesOf(entry, search, 'x').map(({ options }) => options['x'] as number)
  }
  const rates = draw({ min: 1e-4, max: 1, scale: 'log', integer: false }, 400)
  const below = rates.filter((rate) => rate < 1e-2).length
  expect(below).toBeGreaterThan(160)
  expect(below).toBeLessThan(240)
  const integers = draw({ min: 2, max: 5, scale: 'linear', integer: true }, 100)
  expect([...integers].sort()).toEqual([2, 3, 4, 5])
})

describe('a second choice that keeps a metric', () => {
  const keep = { metric: 'coverage@10', share: 0.8, of: 'bpr-mf' }
  const two: ExperimentDefinition = {
    ...definition({ method: 'grid', keep }),
    models: [
      { model: 'light-gcn', search: { options: { layers } } },
      { model: 'bpr-mf', search: { options: { l2Weight: [0.1, 0.2] } } },
      { model: 'popularity' },
    ],
  }
  const judged = (ndcg: number, coverage: number) => {
    const outcome = completed(ndcg)
    if (outcome.status !== 'completed') throw new Error('It is completed.')
    const validation = { 'ndcg@10': ndcg, 'coverage@10': coverage }
    return { ...outcome, measurements: { ...outcome.measurements, validation } }
  }

  async function choose(coverages: readonly [number, number, number]) {
    const pool = new RecordingPool(({ model: { name, options }, phase }) => {
      if (phase === 'test' || name === 'popularity') return completed(0.1)
      // The second setting of BPR-MF is its best, with a coverage of 0.5.
      if (name === 'bpr-mf') return options['l2Weight'] === 0.2 ? judged(0.2, 0.5) : judged(0.1, 1)
      const place = (options['layers'] as number) - 1
      return judged(0.3 - place / 100, coverages[place] as number)
    }, 2)
    const events: RunnerEvent[] = []
    await new ExperimentRunner({
      definition: two,
      folder: await temporaryFolder(),
      pool,
      progress: 'none',
      onEvent: (event) => events.push(event),
    }).run()
    const tested = pool.trials.filter(({ phase, seed }) => phase === 'test' && seed === 7)
    const searched = pool.trials.filter(({ phase }) => phase === 'search')
    expect(searched.every(({ protocol }) => protocol.validated?.[0] === 'coverage@10')).toBe(true)
    expect(tested.some(({ protocol }) => 'validated' in protocol)).toBe(false)
    const settings = tested.flatMap(({ model, setting }) =>
      model.name === 'light-gcn' ? [setting] : [],
    )
    const others = tested.flatMap(({ model, setting }) =>
      model.name === 'light-gcn' ? [] : [setting],
    )
    expect(others.sort()).toEqual(['', 'l2Weight 0.2'])
    expect(events.filter(({ type }) => type === 'chosen')).toHaveLength(1 + settings.length)
    return settings
  }

  it('is tested beside the best where that does not keep it', async () => {
    expect(await choose([0.1, 0.39, 0.4])).toEqual([
      'best ndcg@10: layers 1',
      'keeps coverage@10: layers 3',
    ])
  })

  it('is the best where that keeps it, and nothing where no setting does', async () => {
    expect(await choose([0.4, 0.9, 0.9])).toEqual(['best ndcg@10, keeps coverage@10: layers 1'])
    expect(await choose([0.1, 0.2, 0.39])).toEqual([
      'best ndcg@10, none keeps coverage@10: layers 1',
    ])
  })

  it('goes without the metric where the reference has failed', async () => {
    const pool = new RecordingPool(({ model: { name }, phase }) => {
      if (name === 'bpr-mf') {
        return { status: 'failed', failure: { kind: 'crash', message: 'gone' } }
      }
      return phase === 'test' ? completed(0.1) : judged(0.3, 1)
    })
    const { results } = await new ExperimentRunner({
      definition: two,
      folder: await temporaryFolder(),
      pool,
      progress: 'none',
    }).run()
    const labels = results.flatMap(({ phase, model, setting }) =>
      phase === 'test' && model === 'light-gcn' ? [setting] : [],
    )
    expect(new Set(labels)).toEqual(
      new Set(['best ndcg@10, no coverage@10 of bpr-mf to compare with: layers 1']),
    )
  })

  it('is refused for a metric or a model that does not exist, with the models that do', async () => {
    const wrong = { ...two, search: { method: 'grid', keep: { ...keep, of: 'bpr', metric: 'x' } } }
    const runner = new ExperimentRunner({
      definition: wrong as ExperimentDefinition,
      folder: await temporaryFolder(),
    })
    await expect(runner.run()).rejects.toThrow(
      /search\.keep\.of: got 'bpr', which has no search on movietweetings; expected one of light-gcn, bpr-mf/,
    )
    await expect(runner.run()).rejects.toThrow(/search\.keep\.metric/)
  })
})
