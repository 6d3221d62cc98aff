import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ExperimentRunner, readExperimentFile } from '@gnnrec/experiments'
import { models } from '@gnnrec/models'
import { expect, it, onTestFinished } from 'vitest'
import type { CompareOptions } from '../src/options.js'
import { select } from '../src/select.js'
import { studies } from '../src/studies.js'
import { findingsOf } from '../src/study-findings.js'
import { plansOf } from '../src/study-plan.js'
import { reportStudy } from '../src/study-report.js'

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

it('has all seven trained models and four baselines, EASE where it fits, on every data set of the first study', async () => {
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
    definition.models.find(
      ({ model, datasets }) => model === 'light-gcn' && datasets?.includes('gowalla'),
    ),
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

const options: CompareOptions = {
  studies: ['depth', 'ablation'],
  models: undefined,
  datasets: undefined,
  seeds: undefined,
  epochs: undefined,
  trials: undefined,
  parallel: 1,
  threads: undefined,
  reference: undefined,
  saveModels: false,
  predecessor: undefined,
  output: 'output',
  json: undefined,
}

it('checks the names for all studies before any of them runs', async () => {
  const [depth, ablation] = await plansOf({ ...options, models: ['dgr'] })
  expect(depth.definition.models.map(({ model }) => model)).toEqual(['dgr'])
  expect(ablation.definition.models.map(({ model }) => model)).toEqual(['dgr'])
  await expect(plansOf({ ...options, models: ['light-gcn'] })).rejects.toThrow(
    "--models: the study 'ablation' has no 'light-gcn'; it has group-shuffle, layer-gcn, dgr.",
  )
})

it('runs files of the predecessor, whose settings are the presets of that name', async () => {
  const folder = fileURLToPath(new URL('../predecessor', import.meta.url))
  const [{ definition, introduction }] = await plansOf({ ...options, predecessor: folder })
  expect(definition.models).toHaveLength(7)
  for (const { model, options: given, training } of definition.models) {
    const preset = models.preset(model, 'predecessor')
    expect(training).toMatchObject(preset.training)
    expect(given).toMatchObject(preset.model)
  }
  expect(introduction).toMatch(
    /training\.yaml:\d+ .* training\.max_grad_norm: 1 .* training\.clipNorm: 1/,
  )
  expect(introduction).toMatch(/models\/gcnii\.yaml:2 .* model\.beta .* GCNII does not have/)
})

it('tests files of the predecessor by a metric that they have, with a value for each user', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gnnrec-compare-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'models'))
  await writeFile(join(folder, 'models', 'bpr_mf.yaml'), 'model_name: bpr_mf\n')
  const metricFor = async (training: string) => {
    await writeFile(join(folder, 'training.yaml'), training)
    const [{ study }] = await plansOf({ ...options, predecessor: folder })
    return study.metric
  }
  expect(await metricFor('{}')).toBe('ndcg@10')
  expect(await metricFor('validation_metrics: [coverage, hit@10, recall@10]')).toBe('recall@10')
  expect(await metricFor('validation_metrics: [coverage, hit@10]')).toBe('hit@10')
  await expect(metricFor('validation_metrics: [coverage]')).rejects.toThrow(
    /--predecessor: validation_metrics has coverage@10; expected at least one with a value for each/,
  )
})

it('says where files of the predecessor should be', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gnnrec-compare-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await expect(plansOf({ ...options, predecessor: folder })).rejects.toThrow(
    /--predecessor: cannot read .*models: ENOENT.*expected a folder with training\.yaml and models/,
  )
  await mkdir(join(folder, 'models'))
  await expect(plansOf({ ...options, predecessor: folder })).rejects.toThrow('has no YAML files')
})

it('lists what guards found, once for each model', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gnnrec-compare-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const time = new Date(0).toISOString()
  const finding = {
    code: 'same-lists',
    level: 'warn',
    epoch: 10,
    message: 'All alike.',
    values: {},
  }
  const trial = (seed: number, phase = 'test') =>
    ({ phase, trial: `t${seed}`, dataset: 'd', model: 'dgr', setting: '', seed }) as never
  for (const seed of [1, 2, 3]) {
    await mkdir(join(folder, 'trials', `t${seed}`), { recursive: true })
    const line = JSON.stringify({ time, type: 'finding', ...finding })
    await writeFile(join(folder, 'trials', `t${seed}`, 'training.jsonl'), `${line}\n`)
  }
  const results = [trial(1), trial(2), trial(3, 'search'), trial(4)]
  expect(await findingsOf({ results, folder, stopped: false })).toEqual([
    '- d, dgr, `same-lists` after epoch 10: All alike. (seeds 1, 2)',
  ])
})

it('gives every model of the published study the same number of settings, on every data set', async () => {
  const [{ definition }] = await plansOf({ ...options, studies: ['published'], trials: 3 })
  expect(definition.search).toEqual({
    method: 'successive-halving',
    trials: 3,
    firstEpochs: 20,
    factor: 3,
    seed: 0,
    keep: { metric: 'coverage@10', share: 0.8, of: 'bpr-mf' },
  })
  const searched = definition.models.filter(({ search }) => search).map(({ model }) => model)
  expect(searched).toEqual(['item-knn', 'ease', ...models.names({ isTrained: true })])
  expect(definition.datasets).toHaveLength(5)
  const [alone] = await plansOf({ ...options, studies: ['published'], models: ['dgr'] })
  expect(alone.definition.search).not.toHaveProperty('keep')
})

it('runs a small version of the published study, and again from its results', async () => {
  const output = await mkdtemp(join(tmpdir(), 'gnnrec-compare-'))
  onTestFinished(() => rm(output, { recursive: true }))
  const [{ name, study, definition, baseFolder }] = await plansOf({
    ...options,
    studies: ['published'],
    models: ['popularity', 'bpr-mf', 'light-gcn'],
    datasets: ['movietweetings'],
    seeds: [0],
    epochs: 1,
    trials: 2,
  })
  const run = () =>
    new ExperimentRunner({
      definition,
      baseFolder,
      folder: join(output, name),
      skipExisting: true,
      progress: 'none',
    }).run()
  const first = await run()
  expect(first.results.map(({ status }) => status)).not.toContain('failed')
  const report = await reportStudy(name, study, first, { command: 'test', threads: undefined })
  const settings = report.models.map(({ model, setting }) => `${model} ${setting.split(':')[0]}`)
  expect(settings.filter((text) => text.startsWith('light-gcn'))[0]).toMatch(
    /^light-gcn best ndcg@10/,
  )
  expect(report.text).toContain('Δ ndcg@10 to bpr-mf')
  expect((await run()).results).toEqual(first.results)
})
