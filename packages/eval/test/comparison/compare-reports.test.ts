import { InvalidOptionsError } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import { EvaluationReport } from '../../src/evaluation-report.js'
import {
  compareReports,
  evaluate,
  ProtocolMismatchError,
  parseReport,
  statistics,
  type UserMetric,
} from '../../src/index.js'
import { MatrixRanker } from '../support/rankers.ts'
import { splitOf } from '../support/tiny-split.ts'

const { adjustPValues, pairedBootstrap, pairedTTest, permutationTest, wilcoxonSignedRank } =
  statistics

const userCount = 60
const itemCount = 20
const parts = {
  itemCount,
  train: Array.from({ length: userCount }, (_, user) => [user % itemCount]),
  validation: Array.from({ length: userCount }, (_, user) => [(user + 1) % itemCount]),
  test: Array.from({ length: userCount }, (_, user) => [(user + 3) % itemCount, (user * 7) % 11]),
}
const split = splitOf(parts)
const scores = (factor: number) =>
  Array.from({ length: userCount }, (_, user) =>
    Array.from({ length: itemCount }, (_, item) => ((user + 1) * (item + 3) * factor) % 17),
  )
const metrics = ['recall@5', 'ndcg@5', 'mrr@10', 'coverage@5']

const judge = (factor: number, options: object = {}): Promise<EvaluationReport> =>
  evaluate(new MatrixRanker(scores(factor)), { split, on: 'test', metrics, ...options })

function mismatch(action: () => unknown): ProtocolMismatchError {
  try {
    action()
  } catch (error) {
    if (error instanceof ProtocolMismatchError) return error
    throw error
  }
  throw new Error('Nothing was thrown.')
}
const fieldsOf = (action: () => unknown): string[] =>
  mismatch(action).differences.map(({ field }) => field)

const changed = (report: EvaluationReport, protocol: object): EvaluationReport =>
  new EvaluationReport({ ...report, protocol: { ...report.protocol, ...protocol } })

describe('compareReports', () => {
  it('gives what the single tests give, adjusted over all metrics', async () => {
    const [a, b] = [await judge(7919), await judge(10007)]
    const { metrics: compared, users, confidence } = compareReports(a, b)
    expect([users, confidence]).toEqual([userCount, 0.95])
    expect(Object.keys(compared)).toEqual(metrics)
    const tested = metrics.slice(0, 3)
    const pValues = { permutation: [] as number[], wilcoxon: [] as number[], tTest: [] as number[] }
    for (const name of tested) {
      const [valuesA, valuesB] = [a.perUser[name], b.perUser[name]]
      pValues.permutation.push(permutationTest(valuesA, valuesB).pValue)
      pValues.wilcoxon.push(Number(wilcoxonSignedRank(valuesA, valuesB)?.pValue))
      pValues.tTest.push(Number(pairedTTest(valuesA, valuesB)?.pValue))
      const { tests, ...values } = compared[name]
      expect(values).toEqual({
        a: a.metrics[name],
        b: b.metrics[name],
        difference: a.metrics[name] - b.metrics[name],
        relativeDifference: (a.metrics[name] - b.metrics[name]) / b.metrics[name],
      })
      expect(tests?.pairs).toBe(userCount)
      expect(tests?.interval).toEqual(pairedBootstrap(valuesA, valuesB).interval)
      expect(Math.sign(Number(tests?.effectSize))).toBe(Math.sign(values.difference))
    }
    for (const [test, values] of Object.entries(pValues)) {
      const results = tested.map((name) => compared[name].tests?.[test as keyof typeof pValues])
      const adjusted = adjustPValues(values)
      expect(results).toEqual(values.map((pValue, i) => ({ pValue, adjusted: adjusted[i] })))
    }
    expect(compared['coverage@5']).not.toHaveProperty('tests')
  })

  it('leaves tests of identical runs undefined', async () => {
    const compared = compareReports(await judge(7919), await judge(7919)).metrics['recall@5']
    expect(compared.difference).toBe(0)
    expect(compared.tests).toEqual({
      pairs: userCount,
      interval: [0, 0],
      standardError: 0,
      permutation: { pValue: 1, adjusted: 1 },
      wilcoxon: undefined,
      tTest: undefined,
      effectSize: undefined,
    })
  })

  it('finds no effect more often in one order than in the other', async () => {
    const [a, b] = [await judge(7919), await judge(10007)]
    const forth = compareReports(a, b).metrics['ndcg@5']
    const back = compareReports(b, a).metrics['ndcg@5']
    expect(back.difference).toBe(-forth.difference)
    expect(back.tests?.permutation).toEqual(forth.tests?.permutation)
    expect(back.tests?.wilcoxon?.pValue).toBeCloseTo(Number(forth.tests?.wilcoxon?.pValue), 14)
  })

  it('compares reports that went through JSON to the same numbers', async () => {
    const [a, b] = [await judge(7919), await judge(10007)]
    const saved = JSON.parse(JSON.stringify(a))
    expect(compareReports(saved, b)).toEqual(compareReports(a, b))
    expect(parseReport(saved)).toEqual(a)
  })

  it('reads reports without warnings, which follow from the other fields', async () => {
    const report = await judge(7919, {
      metrics: ['recall@1'],
      candidates: { negatives: 3, seed: 1 },
    })
    expect(report.warnings.length).toBeGreaterThan(0)
    const { warnings, ...saved } = JSON.parse(JSON.stringify(report))
    expect(parseReport(saved)).toEqual(report)
    expect(parseReport({ ...saved, warnings: ['of an older version'] })).toEqual(report)
    expect(() => parseReport({ ...saved, warnings: 'none' })).toThrow('warnings')
  })

  it('refuses reports with a great many mistakes at the first of each field', async () => {
    const saved = JSON.parse(JSON.stringify(await judge(7919)))
    const wrong = Array<null>(200_000).fill(null)
    const perUser = { 'ndcg@5': Array(200_000).fill('x') }
    const metrics = Object.fromEntries(wrong.entries())
    expect(() => parseReport({ ...saved, metrics, perUser, userIndices: wrong })).toThrow(
      /^Invalid options for an evaluation report:(\n.*){3}$/,
    )
  })

  it('names metrics that are undefined in a run and compares the others', async () => {
    const asked = ['recall@1', 'serendipity@1', 'ndcg@5']
    // Items 1 to 12 without those of the test part: nobody has a hit in the first place.
    const misses = Array.from({ length: userCount }, (_, user) =>
      Array.from({ length: itemCount }, (_, item) => (parts.test[user].includes(item) ? 0 : item)),
    )
    const a = await judge(7919, { metrics: asked })
    const b = await evaluate(new MatrixRanker(misses), { split, on: 'test', metrics: asked })
    expect(a.metrics).toHaveProperty('serendipity@1')
    for (const options of [{}, { metrics: asked }]) {
      const compared = compareReports(a, b, options)
      expect(Object.keys(compared.metrics)).toEqual(['recall@1', 'ndcg@5'])
      expect(compared.undefinedMetrics).toEqual({
        'serendipity@1': 'in the second report: no list has a hit',
      })
    }
    expect(compareReports(b, b, { metrics: ['serendipity@1'] })).toMatchObject({
      metrics: {},
      undefinedMetrics: {
        'serendipity@1':
          'in the first report: no list has a hit; in the second report: no list has a hit',
      },
    })
  })

  it('compares the metrics that are asked for, or those that both have', async () => {
    const a = await judge(7919)
    const b = await judge(10007, { metrics: ['recall@10', 'ndcg@5'] })
    expect(Object.keys(compareReports(a, b).metrics)).toEqual(['ndcg@5'])
    expect(Object.keys(compareReports(a, a, { metrics: ['mrr@10'] }).metrics)).toEqual(['mrr@10'])
    expect(fieldsOf(() => compareReports(a, b, { metrics: ['recall@10'] }))).toEqual([
      'metrics (recall@10)',
    ])
    expect(() => compareReports(a, b, { metrics: ['recal@5'] })).toThrow(InvalidOptionsError)
  })

  it('leaves out users for whom a metric is undefined', async () => {
    const perUser = { 'recall@5': Float64Array.of(1, Number.NaN, 0.5) }
    const report = await judge(10007)
    const some = new EvaluationReport({ ...report, perUser, userIndices: Int32Array.of(0, 1, 2) })
    const other = new EvaluationReport({
      ...some,
      perUser: { 'recall@5': Float64Array.of(0.5, 1, 0.5) },
    })
    expect(compareReports(some, other).metrics['recall@5'].tests?.pairs).toBe(2)
    expect(parseReport(JSON.parse(JSON.stringify(some)))).toEqual(some)
  })
})

describe('compareReports on reports that were made in different ways', () => {
  it('names another split, part and mask', async () => {
    const other = splitOf({
      ...parts,
      train: parts.train.map(([item]) => [(item + 9) % itemCount]),
    })
    const a = await judge(7919)
    expect(fieldsOf(() => compareReports(a, changed(a, { splitHash: other.hash })))).toEqual([
      'splitHash',
    ])
    const onOther = await judge(7919, { split: other })
    expect(fieldsOf(() => compareReports(a, onOther))).toEqual(['splitHash'])
    const onValidation = await judge(7919, { on: 'validation' })
    expect(fieldsOf(() => compareReports(a, onValidation))).toEqual(['on', 'masked'])
  })

  it.each([
    { ranking: 'sampled' },
    { tieRule: 'random' },
    { flavour: 'elliot' },
    { libraryVersion: '99.0.0' },
    { masked: ['train'] },
  ])('names %j', async (protocol) => {
    const a = await judge(7919)
    const error = mismatch(() => compareReports(a, changed(a, protocol)))
    const [[field, value]] = Object.entries(protocol)
    expect(error.code).toBe('PROTOCOL_MISMATCH')
    expect(error.differences).toEqual([{ field, a: a.protocol[field as 'ranking'], b: value }])
    expect(error.message).toContain(`${field}: `)
    expect(error.message).toContain(JSON.stringify(value))
  })

  it('names a metric that is divided by something else', async () => {
    const custom: UserMetric = {
      kind: 'user',
      name: 'recall',
      denominator: 'everything',
      create: () => () => 0,
    }
    const a = await judge(7919)
    const b = await judge(7919, { metrics: [{ metric: custom, k: 5 }, 'ndcg@5'] })
    expect(fieldsOf(() => compareReports(a, b))).toEqual(['denominators.recall@5'])
    expect(Object.keys(compareReports(a, b, { metrics: ['ndcg@5'] }).metrics)).toEqual(['ndcg@5'])
  })

  it('names other users', async () => {
    const a = await judge(7919)
    const fewer = new EvaluationReport({ ...a, userIndices: a.userIndices.slice(0, -1) })
    expect(fieldsOf(() => compareReports(a, fewer))).toEqual(['users'])
  })

  it('names reports without a common metric', async () => {
    const a = await judge(7919)
    const b = await judge(7919, { metrics: ['recall@7'] })
    expect(fieldsOf(() => compareReports(a, b))).toEqual(['metrics'])
  })

  it('ignores another library version if the caller asks for it', async () => {
    const a = await judge(7919)
    const b = changed(await judge(10007), { libraryVersion: '99.0.0' })
    expect(Object.keys(compareReports(a, b, { ignore: ['libraryVersion'] }).metrics)).toEqual(
      metrics,
    )
  })
})

describe('compareReports on bad input', () => {
  it('rejects reports without values per user and things that are no report', async () => {
    const a = await judge(7919)
    const bare = await judge(7919, { perUser: false })
    expect(bare.perUser).toEqual({})
    expect(bare.metrics).toEqual(a.metrics)
    expect(() => compareReports(a, bare)).toThrow('The second report keeps no values per user')
    expect(() => compareReports({} as never, a)).toThrow(InvalidOptionsError)
    expect(() => compareReports(null as never, a)).toThrow(InvalidOptionsError)
    expect(() => parseReport({ ...a.toJSON(), perUser: { 'recall@5': [1] } })).toThrow(
      'perUser.recall@5: got 1 values; expected one for each of 60 users',
    )
  })

  it.each([
    [{ confidence: 1 }, 'confidence: got 1'],
    [{ resamples: 0 }, 'resamples: got 0'],
    [{ permutations: 1.5 }, 'permutations: got 1.5'],
    [{ metrics: [] }, 'metrics: got []'],
    [{ ignore: ['splitHash'] }, 'ignore.0: got "splitHash"'],
    [{ metric: ['recall@5'] }, "did you mean 'metrics'?"],
  ])('rejects %j', async (options, message) => {
    const a = await judge(7919)
    expect(() => compareReports(a, a, options as never)).toThrow(message)
  })
})
