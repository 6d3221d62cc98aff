import { fileURLToPath } from 'node:url'
import { readExperimentFile } from '@gnnrec/experiments'
import { expect, it } from 'vitest'
import { select } from '../src/select.js'
import { studies } from '../src/studies.js'

const read = (file: string) =>
  readExperimentFile(fileURLToPath(new URL(`../experiments/${file}`, import.meta.url)))

it.each(Object.entries(studies))('%s passes every check', async (_, study) => {
  const { definition } = await read(study.file)
  expect(definition.protocol.metrics).toContain(study.metric)
  const labels = definition.models.flatMap(({ model, settings = [] }) => [
    model,
    ...settings.map(({ label }) => label),
  ])
  const { reference } = study
  const named = 'model' in reference ? [reference.model] : reference.settings
  for (const label of named) expect(labels).toContain(label)
})

it('has all seven models and the baselines on every data set of the first study', async () => {
  const { definition } = await read('models.yaml')
  for (const { dataset } of definition.datasets) {
    const { models } = select('models', definition, { datasets: [dataset] })
    const names = models.map(({ model }) => model)
    expect(names).toEqual([
      ...['popularity', 'random', 'item-knn', ...(dataset === 'gowalla' ? [] : ['ease'])],
      ...['bpr-mf', 'light-gcn', 'gcnii', 'dgr', 'svd-gcn', 'layer-gcn', 'group-shuffle'],
    ])
  }
})

it('keeps what is asked for', async () => {
  const { definition } = await read('models.yaml')
  const one = select('models', definition, {
    models: ['light-gcn'],
    datasets: ['gowalla'],
    seeds: [7],
    epochs: 3,
  })
  expect(one.models).toEqual([
    { ...definition.models.filter(({ model }) => model === 'light-gcn')[1], datasets: ['gowalla'] },
  ])
  expect(one.datasets.map(({ dataset }) => dataset)).toEqual(['gowalla'])
  expect(one).toMatchObject({ seeds: [7], budget: { epochs: 3 } })
  expect(() => select('models', definition, { models: ['light'] })).toThrow(
    "--models: the study 'models' has no 'light'",
  )
  expect(() => select('models', definition, { datasets: ['x'] })).toThrow(
    'it has movietweetings, ml-latest',
  )
})

it('leaves the search out where no model that is left has one', async () => {
  const { definition } = await read('search.yaml')
  expect(select('models', definition, { models: ['popularity'] })).not.toHaveProperty('search')
  expect(select('models', definition, { models: ['ease'] })).toHaveProperty('search')
})
