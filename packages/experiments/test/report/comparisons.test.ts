import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { statistics } from '@gnnrec/eval'
import { pairedComparisons, summarize, type TrialResult } from '@gnnrec/experiments'
import { Rng } from '@gnnrec/graph'
import { expect, it } from 'vitest'
import { madeTrial } from '../support/made-report.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const { adjustPValues, effectSizes, pairedTTest, permutationTest } = statistics

const rng = Rng.fromSeed(11)
const base = Array.from({ length: 40 }, () => rng.uniform())
const better = base.map((value) => Math.min(1, value + 0.1 * rng.uniform()))
const slightly = base.map((value) => value + 0.02 * (rng.uniform() - 0.45))

const failed: TrialResult = {
  status: 'failed',
  trial: 'x',
  phase: 'test',
  dataset: 'set',
  model: 'better',
  setting: '',
  seed: 3,
  seconds: 1,
  endedAt: '2026-01-01T00:00:00Z',
  failure: { kind: 'error', message: 'no luck' },
}

it('summarizes seeds: mean, deviation, interval, failures', async () => {
  const folder = await temporaryFolder()
  const results = [
    await madeTrial(folder, { model: 'better', seed: 2 }, better),
    await madeTrial(folder, { model: 'better', seed: 1 }, slightly),
    failed,
    { ...(await madeTrial(folder, { model: 'tried' }, base)), phase: 'search' as const },
  ]
  const [summary, ...others] = summarize(results)
  expect(others).toEqual([])
  const values = [slightly, better].map((each) => each.reduce((a, b) => a + b) / 40)
  const mean = (values[0] + values[1]) / 2
  const deviation = Math.abs(values[0] - values[1]) / Math.SQRT2
  expect(summary).toMatchObject({
    dataset: 'set',
    model: 'better',
    setting: '',
    seeds: [1, 2],
    failed: 1,
    bestEpoch: 11.5,
    trainSeconds: 2,
    peakRssMb: 100,
  })
  const { 'ndcg@10': ndcg, 'coverage@10': coverage } = summary.metrics
  expect(ndcg.mean).toBeCloseTo(mean, 12)
  expect(ndcg.deviation).toBeCloseTo(deviation, 12)
  // Student's t with one degree of freedom: 12.706 standard errors.
  expect(ndcg.interval?.[1]).toBeCloseTo(mean + (12.7062 * deviation) / Math.SQRT2, 5)
  expect(coverage.mean).toBeCloseTo(mean / 2, 12)
})

it('has no deviation of one seed, and no interval of seeds that do not differ', async () => {
  const folder = await temporaryFolder()
  const one = await madeTrial(folder, { seed: 1 }, base)
  expect(summarize([one])[0].metrics['ndcg@10']).toEqual({ mean: one.test?.['ndcg@10'] })
  const two = await madeTrial(folder, { seed: 2 }, base)
  expect(summarize([one, two])[0].metrics['ndcg@10'].deviation).toBe(0)
  expect(summarize([one, two])[0].metrics['ndcg@10'].interval).toBeUndefined()
})

it('tests users over the mean of their seeds, adjusted for the number of models', async () => {
  const folder = await temporaryFolder()
  const results = [
    await madeTrial(folder, { model: 'base' }, base),
    await madeTrial(folder, { model: 'better', seed: 1 }, better),
    await madeTrial(folder, { model: 'better', seed: 2 }, slightly),
    await madeTrial(folder, { model: 'slightly' }, slightly),
  ]
  const found = await pairedComparisons({
    results,
    folder,
    metric: 'ndcg@10',
    reference: { model: 'base' },
  })
  expect(found.map(({ model }) => model)).toEqual(['better', 'slightly'])
  const averages = base.map((_, user) => (better[user] + slightly[user]) / 2)
  const expected = [averages, slightly].map((values) => permutationTest(values, base).pValue)
  const adjusted = adjustPValues(expected)
  for (const [place, values] of [averages, slightly].entries()) {
    const { permutation, difference, effectSize, interval, tTest, users } = found[place]
    expect(permutation?.pValue).toBeCloseTo(expected[place], 10)
    expect(permutation?.adjusted).toBeCloseTo(adjusted[place], 10)
    expect(tTest?.pValue).toBeCloseTo(pairedTTest(values, base)?.pValue as number, 10)
    expect(effectSize).toBeCloseTo(effectSizes(values, base)?.dz as number, 10)
    const sum = values.reduce((total, value, user) => total + value - base[user], 0)
    expect(difference).toBeCloseTo(sum / 40, 12)
    expect(interval[0]).toBeLessThan(difference)
    expect(interval[1]).toBeGreaterThan(difference)
    expect(users).toBe(40)
  }
  // It is two-sided: the other way round gives the same.
  const [worse] = await pairedComparisons({
    results,
    folder,
    metric: 'ndcg@10',
    reference: { model: 'better' },
  })
  expect(worse.permutation?.pValue).toBeCloseTo(expected[0], 10)
  expect(worse.difference).toBeCloseTo(-found[0].difference, 12)
})

it('finds nothing to test in identical runs, and does not count them', async () => {
  const folder = await temporaryFolder()
  const results = [
    await madeTrial(folder, { model: 'base' }, base),
    await madeTrial(folder, { model: 'same', seed: 1 }, base),
    await madeTrial(folder, { model: 'same', seed: 2 }, base),
    await madeTrial(folder, { model: 'slightly' }, slightly),
  ]
  const [same, other] = await pairedComparisons({
    results,
    folder,
    metric: 'ndcg@10',
    reference: { model: 'base' },
  })
  expect(same).toMatchObject({
    model: 'same',
    difference: 0,
    permutation: undefined,
    wilcoxon: undefined,
    tTest: undefined,
    effectSize: undefined,
  })
  expect(other.permutation?.adjusted).toBe(other.permutation?.pValue)
})

it('compares each data set by itself, and settings of one model with each other', async () => {
  const folder = await temporaryFolder()
  const results = [
    await madeTrial(folder, { dataset: 'one', setting: 'flat' }, base),
    await madeTrial(folder, { dataset: 'one', setting: 'deep' }, better),
    await madeTrial(folder, { dataset: 'two', setting: 'flat' }, slightly, 'def'),
    await madeTrial(folder, { dataset: 'two', setting: 'deep' }, base, 'def'),
    await madeTrial(folder, { dataset: 'three', setting: 'deep' }, base, 'ghi'),
  ]
  const found = await pairedComparisons({
    results,
    folder,
    metric: 'ndcg@10',
    reference: { model: 'model', setting: 'flat' },
  })
  expect(found.map(({ dataset, setting }) => `${dataset} ${setting}`)).toEqual([
    'one deep',
    'two deep',
  ])
})

it('refuses what cannot be compared', async () => {
  const folder = await temporaryFolder()
  const results = [
    await madeTrial(folder, { model: 'base' }, base),
    await madeTrial(folder, { model: 'other' }, better, 'another split'),
  ]
  const options = { results, folder, metric: 'ndcg@10', reference: { model: 'base' } }
  await expect(pairedComparisons(options)).rejects.toMatchObject({ code: 'PROTOCOL_MISMATCH' })
  const missing = pairedComparisons({ ...options, reference: { model: 'none' } })
  await expect(missing).rejects.toThrow('no trial of none is completed; there are set, base')
  const mixed = pairedComparisons({
    ...options,
    results: [
      results[0],
      await madeTrial(folder, { model: 'other', seed: 1 }, better),
      await madeTrial(folder, { model: 'other', seed: 2 }, better, 'another split'),
    ],
  })
  await expect(mixed).rejects.toThrow('they differ in split, users or metrics')
  const list = pairedComparisons({
    ...options,
    results: [results[0], await madeTrial(folder, { model: 'other' }, better)],
    metric: 'coverage@10',
  })
  await expect(list).rejects.toThrow("'coverage@10' has no value per user")
})

it('refuses a trial without a report, and reports of seeds that lack the values of users', async () => {
  const folder = await temporaryFolder()
  const reference = await madeTrial(folder, { model: 'base' }, base)
  const trials = [
    await madeTrial(folder, { model: 'other', seed: 1 }, better),
    await madeTrial(folder, { model: 'other', seed: 2 }, slightly),
  ]
  const options = { folder, metric: 'ndcg@10', reference: { model: 'base' } }
  const { report, ...without } = trials[1]
  await expect(
    pairedComparisons({ ...options, results: [reference, trials[0], without] }),
  ).rejects.toMatchObject({
    code: 'EXPERIMENT_FILE',
    message: expect.stringMatching(/trial set-other--2 has no report/),
  })
  const file = join(folder, report as string)
  const content = JSON.parse(gunzipSync(await readFile(file)).toString())
  delete content.perUser['ndcg@10']
  await writeFile(file, gzipSync(JSON.stringify(content)))
  await expect(pairedComparisons({ ...options, results: [reference, ...trials] })).rejects.toThrow(
    'they differ in split, users or metrics',
  )
})
