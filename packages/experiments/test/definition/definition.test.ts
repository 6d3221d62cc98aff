import type { ExperimentDefinition } from '@gnnrec/experiments'
import { expect, it } from 'vitest'
import { checkModels } from '../../src/definition/check-models.js'
import { checkExperiment } from '../../src/definition/read-definition.js'
import { small } from '../support/definitions.js'

/** Everything that is wrong, in one text. */
async function complaint(change: Partial<ExperimentDefinition>): Promise<string> {
  const error = await checkExperiment({ ...small, ...change }, '.').catch((error: Error) => error)
  expect(error).toMatchObject({ code: 'INVALID_OPTIONS' })
  return (error as Error).message
}

it('takes a right one and fills in defaults', async () => {
  const { definition } = await checkExperiment(small, '.')
  expect(definition.protocol).toMatchObject({
    coldUsers: 'model',
    split: { method: 'temporal', scope: 'user', ratios: [0.7, 0.1, 0.2] },
  })
  expect(definition.models[0].options).toEqual({})
})

it('refuses an object that is part of itself', async () => {
  const options: Record<string, unknown> = {}
  options['self'] = options
  const models = [{ model: 'light-gcn', options }] as unknown as ExperimentDefinition['models']
  expect(await complaint({ models })).toContain('more than 64 levels, or is part of itself')
})

it('refuses more values than can be looked at', async () => {
  const seeds = Array(130_000).fill('x')
  expect(await complaint({ seeds })).toContain('more than 120000 values')
})

it('refuses lists with the same entry twice', async () => {
  expect(await complaint({ seeds: [1, 1] })).toContain('seeds.1: the seed 1 is listed twice')
  const [popularity] = small.models
  expect(await complaint({ models: [popularity, popularity] })).toContain(
    "models.1: 'popularity' for movietweetings is there already, as models.0",
  )
  const twice = { metrics: ['ndcg@5', 'ndcg@5'], selection: 'ndcg@5' }
  expect(await complaint({ protocol: twice })).toContain('protocol.metrics.1: the metric')
})

it('refuses seeds among the options, and training for what is not trained', async () => {
  const models = [
    { model: 'bpr-mf', options: { seed: 3 } },
    { model: 'ease', training: { epochs: 3 } },
    { model: 'popularity', options: { layers: 3 }, preset: 'paper' },
  ]
  const text = await complaint({ models })
  expect(text).toContain('models.0.options.seed: seeds are those of the experiment')
  expect(text).toContain('models.1.training: ease is not trained')
  expect(text).toContain('models.2.preset: popularity has no presets')
  expect(await complaint({ models: [{ model: 'popularity', options: { layers: 3 } }] })).toContain(
    "popularity: Invalid options for popularity: unknown option 'layers'",
  )
})

it('refuses a preset that does not exist, and lists those that do', async () => {
  const models = [{ model: 'light-gcn', preset: 'papper' }]
  expect(await complaint({ models })).toMatch(/models.0.preset: .*'papper'.*paper/)
})

it('refuses to choose on the test part', async () => {
  const protocol = { metrics: ['ndcg@5'], selection: 'test ndcg@5' }
  expect(await complaint({ protocol })).toContain('must not be chosen on the test part')
})

it('refuses a split of its own for data that are published in parts', async () => {
  const split = { method: 'random' } as const
  const datasets = [{ dataset: 'gowalla', split, filter: { minPerUser: 5 } }]
  const text = await complaint({ datasets })
  expect(text).toContain('datasets.0.split: gowalla comes with its split')
  expect(text).toContain('datasets.0.filter: gowalla comes with its split')
})

it('refuses data sets of models that the experiment does not have', async () => {
  const models = [{ model: 'bpr-mf', datasets: ['movietweeting'] }]
  expect(await complaint({ models })).toContain("did you mean 'movietweetings'?")
})

it('refuses half a search', async () => {
  const search = { options: { layers: [1, 2] } }
  const model = { model: 'light-gcn', search }
  expect(await complaint({ models: [model] })).toContain("the experiment's search is missing")
  expect(await complaint({ search: { method: 'grid' } })).toContain('no model has a search')
  const both = { ...model, settings: [{ label: 'deep', options: { layers: 8 } }] }
  expect(await complaint({ models: [both], search: { method: 'grid' } })).toContain(
    'settings or a search, not both',
  )
  const range = { model: 'light-gcn', search: { options: { l2Weight: { min: 1e-4, max: 1 } } } }
  expect(await complaint({ models: [range], search: { method: 'grid' } })).toContain(
    'models.0.search.options.l2Weight: a grid takes lists',
  )
  const blind = { metrics: ['ndcg@5'], selection: 'last-epoch' }
  expect(
    await complaint({ models: [model], search: { method: 'grid' }, protocol: blind }),
  ).toContain('a search needs a validation metric')
})

it('finds a wrong value that a search would try', async () => {
  const models = [{ model: 'light-gcn', search: { options: { layer: [1, 2] } } }]
  expect(await complaint({ models, search: { method: 'grid' } })).toContain(
    "light-gcn: Invalid options for light-gcn: unknown option 'layer'",
  )
})

it('finds every wrong value that a search would try, not the first alone', async () => {
  const search = (options: Record<string, unknown>) =>
    ({
      models: [{ model: 'light-gcn', options: { embeddingDim: 8 }, search: { options } }],
      search: { method: 'random', trials: 3 },
    }) as unknown as Partial<ExperimentDefinition>
  const text = await complaint(search({ layers: [1, 2, 2147483647], edgeDropout: [0, 0.5, 7] }))
  expect(text).toContain('layers: got 2147483647')
  expect(text).toContain('edgeDropout: got 7')
  expect(await complaint(search({ layers: { min: 1, max: 1e9, integer: true } }))).toContain(
    'layers: got 1000000000',
  )
  const training = { learningRate: [0.1, -1] }
  const models = [{ model: 'light-gcn', search: { training } }]
  expect(await complaint({ models, search: { method: 'grid' } })).toContain('learningRate: got -1')
  // Wrong beside the first number of layers, right beside the second.
  const pairs = {
    layers: [2, 1],
    layerWeights: [
      [1, 1, 1],
      [1, 1],
    ],
  }
  await checkExperiment({ ...small, ...search(pairs) } as ExperimentDefinition, '.')
})

it('takes learning rates that 32-bit floats hold alone', async () => {
  for (const learningRate of [1e39, 1e300, 1e-46, 1e-300]) {
    const training = { ...small.training, learningRate }
    expect(await complaint({ training })).toContain(
      `learningRate: got ${learningRate}; expected a number that is above 0 and finite as a 32-bit float`,
    )
  }
})

it('knows of a batch that is too large from the rows of the data set', async () => {
  const training = { ...small.training, batchSize: 2 ** 20, negativesPerPositive: 1000 }
  const { definition } = await checkExperiment({ ...small, training }, '.')
  const rules = { baseFolder: '.', filesBelow: true, allowModules: [] }
  const problems = (train: number) => {
    const rows = { train, validation: 10, test: 10 }
    const facts = {
      splitHash: 'x',
      users: 200,
      items: 100,
      rows,
      validatesOnTest: false,
      warnings: [],
    }
    return checkModels(definition, { rules, loadsModules: false, datasets: [facts] })
  }
  expect(await problems(200_000)).toEqual([])
  expect(await problems(1_000_000)).toMatchObject([
    {
      path: ['training', 'batchSize'],
      message: expect.stringContaining(
        'which makes 1002000000 indices; expected at most 268435456',
      ),
    },
  ])
})

it('finds a module that is not there', async () => {
  const missing = [{ model: 'Mine', module: './no-such-module.js' }]
  expect(await complaint({ models: missing })).toContain("'./no-such-module.js' cannot be loaded")
})

it('bounds how much an experiment may ask for', async () => {
  const numbers = Array.from({ length: 11 }, (_, place) => place)
  const grid = { a: numbers, b: numbers, c: numbers, d: numbers, e: numbers }
  const search = (options: Record<string, unknown>) =>
    [{ model: 'light-gcn', search: { options } }] as unknown as ExperimentDefinition['models']
  expect(await complaint({ models: search(grid), search: { method: 'grid' } })).toContain(
    'models.0.search: the grid has 161051 combinations; expected at most 10000',
  )
  const models = search({ layers: [1] })
  expect(await complaint({ models, search: { method: 'random', trials: 1e9 } })).toContain(
    'search.trials: got 1000000000; ',
  )
  for (const range of [
    { min: 0.5, max: 3, integer: true },
    { min: 0, max: 1e300, integer: true },
    { min: -(2 ** 53) + 1, max: 2 ** 53 - 1, integer: true },
    { min: -1.7e308, max: 1.7e308 },
  ]) {
    const ranged = {
      models: search({ layers: range }),
      search: { method: 'random', trials: 2 } as const,
    }
    expect(await complaint(ranged)).toContain('models.0.search.options.layers: ')
  }
  const seeds = Array.from({ length: 60_000 }, (_, seed) => seed)
  expect(await complaint({ seeds })).toContain('make 120000 trials; expected at most 100000')
  expect(await complaint({ budget: { secondsPerTrial: 1e300 } })).toContain(
    'budget.secondsPerTrial',
  )
  expect(await complaint({ budget: { megabytesPerTrial: 1e300 } })).toContain(
    'budget.megabytesPerTrial',
  )
})

it('takes names of properties of objects for names that do not exist', async () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    expect(await complaint({ models: [{ model: name }] })).toContain(
      `models.0.model: got '${name}'`,
    )
    expect(await complaint({ models: [{ model: 'light-gcn', preset: name }] })).toMatch(
      /models\.0\.preset: /,
    )
    expect(await complaint({ datasets: [{ dataset: name }] })).toContain(
      `datasets.0.dataset: got '${name}'`,
    )
    const protocol = { metrics: [`${name}@5`], selection: name }
    const text = await complaint({ protocol })
    expect(text).toContain(`unknown metric '${name}@5'`)
    expect(text).toContain('protocol.selection: metrics: got')
    const key = JSON.parse(`{"${name}":1}`)
    const models = [{ model: 'light-gcn', options: key }]
    expect(await complaint({ models })).toMatch(new RegExp(`(option|key) '${name}'`))
    expect(await complaint({ training: key })).toContain(`unknown key '${name}'`)
    expect(await complaint(key)).toContain(`unknown key '${name}'`)
  }
  const labels = {
    models: ['__proto__', 'constructor'].map((label) => ({ model: 'popularity', label })),
  }
  await checkExperiment({ ...small, ...labels }, '.')
})

it('refuses text that would steer a terminal', async () => {
  const name = 'red \u001b[31m'
  for (const change of [
    { name },
    { models: [{ model: 'popularity', label: name }] },
    { models: [{ model: name }] },
    { datasets: [{ dataset: 'movietweetings', label: 'right\u202eleft' }] },
    { models: [{ model: 'popularity', label: 'right\u200fleft' }] },
    { models: [{ model: 'popularity', label: 'arabic\u061c' }] },
    { models: [{ model: 'light-gcn', settings: [{ label: 'a\nb' }] }] },
  ]) {
    const text = await complaint(change)
    expect(text).toContain('expected text without control characters')
    expect(text).not.toContain('\u001b')
  }
})
