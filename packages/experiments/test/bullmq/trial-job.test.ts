import { models } from '@gnnrec/models'
import { expect, it } from 'vitest'
import { checkedJob, checkedResult, reportIn } from '../../src/bullmq/trial-job-schema.js'
import { checkExperiment } from '../../src/definition/read-definition.js'
import { configurationsOf, trialOf } from '../../src/plan/configurations.js'
import { type Trial, withId } from '../../src/plan/trial.js'
import { small } from '../support/definitions.js'

const inputs = { splitHash: 'abc', moduleDigest: 'def', libraryVersion: '1.2.3' }

/** The job of a trial, as it comes out of the queue. */
const jobOf = (trial: Trial) =>
  JSON.parse(
    JSON.stringify({ trial, folder: '/runs/x', checkpointSeconds: 30, saveModels: false }),
  ) as Record<string, unknown> & { trial: Record<string, unknown> }

let made: Promise<Trial[]> | undefined
const trials = () => {
  made ??= makeTrials()
  return made
}

async function makeTrials(): Promise<Trial[]> {
  const presets = models.names({ isTrained: true }).flatMap((model) => {
    const names = Object.keys(models.get(model).presets).filter((name) => {
      try {
        return models.preset(model, name) !== undefined
      } catch {
        return false
      }
    })
    return names.map((preset) => ({ model, preset, label: `${model} ${preset}` }))
  })
  const { definition } = await checkExperiment(
    {
      ...small,
      models: [...small.models, ...presets],
      datasets: [
        { dataset: 'movietweetings', filter: { minPerUser: 3 } },
        {
          dataset: 'mine',
          csv: { file: 'x.csv', columns: { user: 0, item: 'item' }, idType: 'string' },
          split: { method: 'leave-last-out' },
        },
      ],
      training: { ...small.training, epochs: 20, guards: { 'tied-scores': 'warn' } },
    },
    '.',
  )
  const source = { definition, baseFolder: '/x', inputsOf: () => inputs }
  return configurationsOf(definition).map((configuration) =>
    trialOf(source, configuration, {
      setting: { label: 'a/b', options: {}, training: {} },
      seed: 1,
      phase: 'test',
      untilEpoch: 3,
    }),
  )
}

it('takes every trial that a runner makes', async () => {
  const all = await trials()
  expect(all.length).toBeGreaterThan(20)
  for (const trial of all) {
    const job = jobOf(trial)
    expect(checkedJob(job)).toEqual(job)
  }
})

it('refuses a trial whose folder is not the one that its content gives', async () => {
  const [trial] = await trials()
  for (const folder of [
    '../../../x',
    '..',
    '.',
    '',
    '/tmp/x',
    'a/b',
    'a\\..\\b',
    'x\0y',
    trial.folder.toUpperCase(),
    `${trial.folder}/..`,
    '__proto__',
  ]) {
    const job = jobOf(trial)
    for (const key of ['folder', 'id']) {
      const changed = { ...job, trial: { ...job.trial, [key]: folder } }
      expect(() => checkedJob(changed), folder).toThrow('expected movietweetings--')
    }
  }
  // Labels are made harmless before they are a part of a folder.
  const { id, folder, ...content } = trial
  const dataset = { ...content.dataset, label: '../../x' }
  const renamed = withId({ ...content, dataset })
  expect(renamed.folder).toMatch(/^x--/)
  expect(checkedJob(jobOf(renamed)).trial.folder).toBe(renamed.folder)
})

it.each([
  ['trial', undefined],
  ['trial', null],
  ['trial', 'x'],
  ['folder', 'relative'],
  ['folder', 7],
  ['folder', '/x\0y'],
  ['checkpointSeconds', -1],
  ['checkpointSeconds', 'x'],
  ['saveModels', 'yes'],
  ['more', 1],
])('refuses a job with the %s %j', async (key, value) => {
  const [trial] = await trials()
  expect(() => checkedJob({ ...jobOf(trial), [key]: value })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTIONS' }),
  )
})

it.each([
  ['limits', { megabytesPerTrial: '1 --require=/tmp/x' }],
  ['limits', { secondsPerTrial: -1 }],
  ['model', { label: 'x', name: 'x', options: {}, training: { epochs: 0.5 } }],
  ['model', { label: 'x', name: '\u001b[31m', options: {}, training: null }],
  ['dataset', { dataset: 'x' }],
  ['seed', 'x'],
  ['untilEpoch', 0],
  ['phase', 'deploy'],
  ['inputs', {}],
  ['protocol', { metrics: [], selection: 'x', coldUsers: 'model' }],
  ['more', 1],
])('refuses a trial with the %s %j', async (key, value) => {
  const [trial] = await trials()
  const job = jobOf(trial)
  expect(() => checkedJob({ ...job, trial: { ...job.trial, [key]: value } })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTIONS' }),
  )
})

it('refuses results and reports that no trial gives', () => {
  const measurements = {
    settings: { options: {}, training: null },
    split: { hash: 'abc', method: { name: 'given' } },
    test: { 'ndcg@10': 0.5 },
    report: 'trials/set--model--0123/report.json.gz',
    trainSeconds: 1,
    warnings: [],
  }
  const result = { status: 'completed', measurements, peakRssMb: 3 }
  expect(checkedResult(result)).toEqual(result)
  for (const change of [
    { report: '../../x' },
    { report: 'trials/../report.json.gz' },
    { test: { 'ndcg@10': 'x' } },
    { split: {} },
    { more: 1 },
  ]) {
    const changed = { ...result, measurements: { ...measurements, ...change } }
    expect(() => checkedResult(changed)).toThrow('a result from the queue')
  }
  for (const value of [null, 'x', {}, { status: 'stopped' }]) {
    expect(() => checkedResult(value)).toThrow('a result from the queue')
  }
  const report = { epoch: 1, epochs: 2, loss: 0.5 }
  expect(reportIn({ report })).toEqual(report)
  for (const progress of [0, null, {}, { report: { ...report, epoch: 'x' } }]) {
    expect(reportIn(progress)).toBeUndefined()
  }
})

it('refuses jobs, results and reports that are nested too deeply to look at', async () => {
  const deep = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`)
  const [trial] = await trials()
  const job = jobOf(trial)
  const refused = expect.objectContaining({
    code: 'INVALID_OPTIONS',
    message: expect.stringContaining('more than 64 levels'),
  })
  const model = { ...trial.model, options: { layers: deep } }
  expect(() => checkedJob({ ...job, trial: { ...job.trial, model } })).toThrow(refused)
  const settings = { options: { layers: deep }, training: null }
  const result = { status: 'completed', measurements: { settings }, peakRssMb: 3 }
  expect(() => checkedResult(result)).toThrow(refused)
  expect(reportIn({ report: deep, more: deep })).toBeUndefined()
})

it('refuses jobs, results and reports with more values than can be looked at', async () => {
  const wide = Array(200_000).fill(null)
  const [trial] = await trials()
  const job = jobOf(trial)
  const refused = expect.objectContaining({
    code: 'INVALID_OPTIONS',
    message: expect.stringContaining('more than 120000 values'),
  })
  const protocol = { ...trial.protocol, metrics: wide }
  expect(() => checkedJob({ ...job, trial: { ...job.trial, protocol } })).toThrow(refused)
  expect(() => checkedResult({ status: 'failed', failure: wide })).toThrow(refused)
  const validation = Object.fromEntries(wide.entries())
  expect(reportIn({ report: { epoch: 1, epochs: 2, loss: 0.5, validation } })).toBeUndefined()
})
