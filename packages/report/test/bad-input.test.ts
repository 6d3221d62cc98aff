import { InvalidOptionsError, ShapeMismatchError } from '@gnnrec/graph'
import { createReport, type ReportOptions } from '@gnnrec/report'
import { expect, it } from 'vitest'
import { madeEvaluation, madeHistory, madeModel, sevenModels } from './support/made-input.js'

const model = madeModel('a', 1)
const evaluation = madeEvaluation()
const withMetric = (value: number) => ({
  ...evaluation,
  metrics: { ...evaluation.metrics, 'ndcg@20': value },
})
const badHistory = (field: object) => {
  const history = madeHistory(4)
  const [first, ...rest] = history.epochs
  return { ...history, epochs: [{ ...first, ...field }, ...rest] }
}

it.each<[string, unknown, string]>([
  ['no title', { models: [model] }, 'title'],
  ['an empty title', { title: ' ', models: [model] }, 'title'],
  ['no models', { title: 'T', models: [] }, 'models'],
  [
    'a misspelt option',
    { title: 'T', models: [model], enviroment: {} },
    "did you mean 'environment'",
  ],
  ['a name that comes twice', { title: 'T', models: [model, model] }, "'a' comes twice"],
  ['no report', { title: 'T', models: [{ name: 'a', evaluation: {} }] }, "evaluation of 'a'"],
  [
    'a text as report',
    { title: 'T', models: [{ name: 'a', evaluation: 'x' }] },
    'a report of evaluate',
  ],
  [
    'NaN as metric',
    { title: 'T', models: [{ name: 'a', evaluation: withMetric(Number.NaN) }] },
    'ndcg@20',
  ],
  [
    'an infinite metric',
    { title: 'T', models: [{ name: 'a', evaluation: withMetric(1 / 0) }] },
    'ndcg@20',
  ],
  [
    'NaN as loss',
    { title: 'T', models: [{ ...model, history: badHistory({ loss: Number.NaN }) }] },
    'loss',
  ],
  [
    'no rate',
    { title: 'T', models: [{ ...model, history: badHistory({ learningRate: null }) }] },
    'learningRate',
  ],
  ['a confidence of 1', { title: 'T', models: [model], confidence: 1 }, 'confidence'],
  [
    'an unknown metric',
    { title: 'T', models: [model], metric: 'ndcg@7' },
    "has no 'ndcg@7'; it has",
  ],
  [
    'counts without items',
    { title: 'T', models: [{ ...model, recommended: [1, 2] }] },
    'but no items',
  ],
  [
    'a negative count',
    { title: 'T', models: [model], items: { popularity: [-1], consumed: [1] } },
    'items.popularity',
  ],
  [
    'lists of a model that is not there',
    {
      title: 'T',
      models: [model],
      users: [{ id: 1, consumed: [], recommended: { b: [] } }],
    },
    "recommendations of 'b'; expected a name of models: a",
  ],
])('refuses %s', async (_, options, message) => {
  const made = createReport(options as ReportOptions)
  await expect(made).rejects.toThrow(message)
  await expect(made).rejects.toBeInstanceOf(InvalidOptionsError)
})

it('refuses counts of other items', async () => {
  const options = sevenModels()
  const items = { popularity: [1, 2, 3], consumed: [1, 0, 1] }
  await expect(createReport({ ...options, items })).rejects.toThrow(
    "recommended of 'BPR-MF' has 500 counts, items.popularity 3",
  )
  await expect(createReport({ ...options, items })).rejects.toBeInstanceOf(ShapeMismatchError)
})

it('refuses evaluations that share no metric', async () => {
  const other = { ...evaluation, metrics: { auc: 0.5 }, perUser: {} }
  const models = [
    { name: 'a', evaluation },
    { name: 'b', evaluation: other },
  ]
  await expect(createReport({ title: 'T', models })).rejects.toThrow('share no metric')
})
