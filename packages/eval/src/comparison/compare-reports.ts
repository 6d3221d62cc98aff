import { InvalidOptionsError, parseOptions, sizeLimits } from '@gnnrec/graph'
import * as z from 'zod'
import { EvaluationReport, type EvaluationReportJson } from '../evaluation-report.js'
import { parseReport } from '../parse-report.js'
import { adjustPValues } from '../statistics/adjust-p-values.js'
import { effectSizes } from '../statistics/effect-sizes.js'
import { bootstrapDifferences } from '../statistics/paired-bootstrap.js'
import { pairedDifferences } from '../statistics/paired-samples.js'
import { pairedTTest } from '../statistics/paired-t-test.js'
import { permutationTest } from '../statistics/permutation-test.js'
import { wilcoxonSignedRank } from '../statistics/wilcoxon.js'
import type {
  CompareReportsOptions,
  Comparison,
  MetricComparison,
  PairedTests,
  TestResult,
} from './comparison.js'
import { protocolDifferences } from './protocol-differences.js'
import { ProtocolMismatchError } from './protocol-mismatch-error.js'

const schema = z.strictObject({
  metrics: z.array(z.string()).min(1).optional(),
  confidence: z.number().gt(0).lt(1).default(0.95),
  resamples: z.int().min(1).max(sizeLimits.resamples).default(2000),
  permutations: z.int().min(1).max(sizeLimits.resamples).default(10_000),
  seed: z.union([z.number(), z.string()]).default(0),
  ignore: z.array(z.enum(['libraryVersion', 'tieRule'])).default([]),
})

/**
 * Compares the metrics of two runs on the same users and tests whether they differ by more than chance.
 *
 * Each user is a pair. The interval of a difference comes from a paired bootstrap, its p-values come
 * from a permutation test, Wilcoxon's signed-rank test and the t-test. P-values are also adjusted by
 * Holm's method for the number of metrics compared.
 *
 * The tests measure how the difference varies over users, not over seeds: a model trained again would
 * differ again. Metrics over all lists, such as coverage, have no value per user and so have no tests.
 * Metrics that are undefined in a run are named with the reason.
 *
 * @param reportA - a report of `evaluate`, or its JSON
 * @param reportB - the report that is subtracted, or its JSON
 * @throws ProtocolMismatchError naming every difference, when the reports were made in different ways
 * or share no metric
 * @throws InvalidOptionsError when an option is wrong, a metric is in neither report, a report was made
 * with `perUser: false`, or an argument is no report
 * @example
 * ```ts
 * import { compareReports, evaluateLists } from '@gnnrec/eval'
 * import { fromRecords, splitRows } from '@gnnrec/graph'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ann', item: 'Brazil' },
 *   { user: 'bob', item: 'Brazil' },
 *   { user: 'bob', item: 'Casablanca' },
 * ])
 * const split = splitRows(table, { train: [0, 2], validation: [], test: [1, 3] }, { name: 'given' })
 * const options = { split, on: 'test', metrics: ['recall@1'] } as const
 *
 * const good = evaluateLists(
 *   [
 *     { user: 'ann', items: ['Brazil'] },
 *     { user: 'bob', items: ['Casablanca'] },
 *   ],
 *   options,
 * )
 * const fair = evaluateLists(
 *   [
 *     { user: 'ann', items: ['Brazil'] },
 *     { user: 'bob', items: ['Alien'] },
 *   ],
 *   options,
 * )
 * const { difference, tests } = compareReports(good, fair).metrics['recall@1']
 * console.log(difference, tests?.permutation.pValue) // 0.5 1
 * ```
 */
export function compareReports(
  reportA: EvaluationReport | EvaluationReportJson,
  reportB: EvaluationReport | EvaluationReportJson,
  options: CompareReportsOptions = {},
): Comparison {
  const [a, b] = [reportA, reportB].map((report) =>
    report instanceof EvaluationReport ? report : parseReport(report),
  )
  const settings = parseOptions('compareReports', schema, options)
  const undefinedMetrics = undefinedIn(a, b, settings.metrics)
  const names = sharedMetrics(a, b, settings.metrics, undefinedMetrics)
  const differences = protocolDifferences(a, b, names, settings.ignore)
  if (names.length === 0 && Object.keys(undefinedMetrics).length === 0) {
    differences.push({
      field: 'metrics',
      a: Object.keys(a.metrics),
      b: Object.keys(b.metrics),
    })
  }
  if (differences.length > 0) throw new ProtocolMismatchError(differences)

  const tests = testAll(a, b, names, settings)
  const metrics: Record<string, MetricComparison> = {}
  for (const name of names) {
    const [valueA, valueB] = [a.metrics[name], b.metrics[name]]
    const found = tests.get(name)
    metrics[name] = {
      a: valueA,
      b: valueB,
      difference: valueA - valueB,
      ...(valueB !== 0 && { relativeDifference: (valueA - valueB) / Math.abs(valueB) }),
      ...(found && { tests: found }),
    }
  }
  return {
    metrics,
    undefinedMetrics,
    users: a.userIndices.length,
    confidence: settings.confidence,
  }
}

/** Returns the metrics that are wanted and undefined in a report that was asked for them. */
function undefinedIn(
  a: EvaluationReport,
  b: EvaluationReport,
  wanted: readonly string[] | undefined,
): Record<string, string> {
  const found = new Map<string, string[]>()
  const isAskedOf = ({ metrics, undefinedMetrics }: EvaluationReport, name: string) =>
    Object.hasOwn(metrics, name) || Object.hasOwn(undefinedMetrics, name)
  for (const [report, which] of [
    [a, 'first'],
    [b, 'second'],
  ] as const) {
    for (const [name, reason] of Object.entries(report.undefinedMetrics)) {
      const isWanted = wanted?.includes(name) ?? (isAskedOf(a, name) && isAskedOf(b, name))
      if (!isWanted) continue
      found.set(name, [...(found.get(name) ?? []), `in the ${which} report: ${reason}`])
    }
  }
  return Object.fromEntries([...found].map(([name, reasons]) => [name, reasons.join('; ')]))
}

function sharedMetrics(
  a: EvaluationReport,
  b: EvaluationReport,
  given: readonly string[] | undefined,
  undefinedMetrics: Readonly<Record<string, string>>,
): string[] {
  if (given === undefined) {
    return Object.keys(a.metrics).filter((name) => Object.hasOwn(b.metrics, name))
  }
  const wanted = given.filter((name) => !Object.hasOwn(undefinedMetrics, name))
  for (const name of wanted) {
    if (Object.hasOwn(a.metrics, name) || Object.hasOwn(b.metrics, name)) continue
    throw new InvalidOptionsError(
      `metrics: neither report has '${name}'; the first has ${Object.keys(a.metrics).join(', ')}.`,
    )
  }
  const missing = wanted.find(
    (name) => !(Object.hasOwn(a.metrics, name) && Object.hasOwn(b.metrics, name)),
  )
  if (missing === undefined) return [...new Set(wanted)]
  const [inA, inB] = [a, b].map(({ metrics }) => Object.keys(metrics))
  throw new ProtocolMismatchError([{ field: `metrics (${missing})`, a: inA, b: inB }])
}

function testAll(
  a: EvaluationReport,
  b: EvaluationReport,
  names: readonly string[],
  { confidence, resamples, permutations, seed }: z.output<typeof schema>,
): Map<string, PairedTests> {
  const pairs = names.flatMap((name) => {
    const [valuesA, valuesB] = [perUser(a, name, 'first'), perUser(b, name, 'second')]
    if (!valuesA || !valuesB) return []
    const pair = { name, ...withBothValues(valuesA, valuesB) }
    return pair.a.length > 0 ? [pair] : []
  })
  const bootstraps = bootstrapDifferences(
    pairs.map((pair) => pairedDifferences(pair.a, pair.b)),
    { confidence, resamples, seed },
  )
  const permutation = adjusted(
    pairs.map((pair) => permutationTest(pair.a, pair.b, { permutations, seed }).pValue),
  )
  const wilcoxon = adjusted(pairs.map((pair) => wilcoxonSignedRank(pair.a, pair.b)?.pValue))
  const tTest = adjusted(pairs.map((pair) => pairedTTest(pair.a, pair.b)?.pValue))
  return new Map(
    pairs.map((pair, i) => [
      pair.name,
      {
        pairs: pair.a.length,
        interval: bootstraps[i].interval,
        standardError: bootstraps[i].standardError,
        permutation: permutation[i]!,
        wilcoxon: wilcoxon[i],
        tTest: tTest[i],
        effectSize: effectSizes(pair.a, pair.b)?.dz,
      },
    ]),
  )
}

/** Returns the values of a metric by user; undefined for a metric over all lists. */
function perUser(report: EvaluationReport, name: string, which: string): Float64Array | undefined {
  if (!report.perUserKept) {
    throw new InvalidOptionsError(
      `The ${which} report keeps no values per user, which the tests need; evaluate with perUser: true.`,
    )
  }
  return Object.hasOwn(report.perUser, name) ? report.perUser[name] : undefined
}

/** Leaves out the users for whom a metric is undefined in either run. */
function withBothValues(a: Float64Array, b: Float64Array): { a: number[]; b: number[] } {
  const both: { a: number[]; b: number[] } = { a: [], b: [] }
  for (let i = 0; i < a.length; i++) {
    if (Number.isNaN(a[i]) || Number.isNaN(b[i])) continue
    both.a.push(a[i])
    both.b.push(b[i])
  }
  return both
}

/** Adjusts p-values by Holm's method; undefined ones are not counted. */
function adjusted(pValues: readonly (number | undefined)[]): (TestResult | undefined)[] {
  const known = adjustPValues(pValues.filter((p) => p !== undefined))
  let next = 0
  return pValues.map((pValue) =>
    pValue === undefined ? undefined : { pValue, adjusted: known[next++] },
  )
}
