import { InvalidOptionsError } from '@gnnrec/graph'
import { toCsv } from './csv.js'
import type { PairedComparison } from './paired-comparisons.js'
import { checkSplits, type MetricSummary, type ModelSummary } from './summary.js'
import type { Table, TableColumn } from './table.js'

/** Most cells of metrics in a table. Results of somebody else may have other metrics in each of many rows. */
const mostCells = 10_000_000

/** Options of {@link resultTable}. */
interface ResultTableOptions {
  /** Test metrics, one column each. @defaultValue all */
  readonly metrics?: readonly string[]
  /** Comparisons with a reference, which take three columns. @defaultValue none */
  readonly comparisons?: readonly PairedComparison[]
  /** Number of digits after the decimal point. @defaultValue 4 */
  readonly digits?: number
}

/**
 * Makes a table for readers. It has the mean ± standard deviation over seeds of each metric, the best
 * epoch and the seconds of training. With comparisons it also has the difference to the reference with
 * its 95 % interval over users, the adjusted p-value of the permutation test, and Cohen's dz. A metric
 * without a value is a dash, and a note says why.
 *
 * @throws ProtocolMismatchError when rows of a data set have different splits
 * @throws InvalidOptionsError when the table would have more than ten million cells of metrics
 *
 * @example
 * ```ts no-run
 * import { readResults, resultTable, summarize, toMarkdown } from '@gnnrec/experiments'
 *
 * const models = summarize([...(await readResults('runs/layers')).values()])
 * console.log(toMarkdown(resultTable(models, { metrics: ['ndcg@20'], digits: 3 })))
 * ```
 */
export function resultTable(
  models: readonly ModelSummary[],
  { metrics = metricsOf(models), comparisons, digits = 4 }: ResultTableOptions = {},
): Table {
  checkSplits(models)
  checkCells(models, metrics)
  const hasSettings = models.some(({ setting }) => setting !== '')
  const hasFailures = models.some(({ failed }) => failed > 0)
  const right = (title: string): TableColumn => ({ title, align: 'right' })
  const [first] = comparisons ?? []
  const columns: TableColumn[] = [
    { title: 'dataset', align: 'left' },
    { title: 'model', align: 'left' },
    ...(hasSettings ? [{ title: 'setting', align: 'left' } as const] : []),
    right('seeds'),
    ...(hasFailures ? [right('failed')] : []),
    ...metrics.map(right),
    ...(first
      ? [
          right(`Δ ${first.metric} to ${referenceText(comparisons ?? [])}`),
          right('p (Holm)'),
          right('dz'),
        ]
      : []),
    right('best epoch'),
    right('train s'),
  ]
  const rows = models.map((model) => [
    model.dataset,
    model.model,
    ...(hasSettings ? [model.setting] : []),
    String(model.seeds.length),
    ...(hasFailures ? [String(model.failed)] : []),
    ...metrics.map((metric) => meanAndDeviation(model, metric, digits)),
    ...(first ? comparisonCells(comparisons?.find(isOf(model)), digits) : []),
    model.bestEpoch === undefined ? '' : model.bestEpoch.toFixed(0),
    secondsText(model),
  ])
  const notes = models.flatMap((model) => undefinedNotes(model, metrics))
  return { columns, rows, ...(notes.length > 0 && { notes }) }
}

/**
 * Writes results as CSV for further computation: all numbers are unrounded and have a column of their own.
 *
 * @example
 * ```ts no-run
 * import { readResults, resultCsv, summarize } from '@gnnrec/experiments'
 *
 * console.log(resultCsv(summarize([...(await readResults('runs/layers')).values()])))
 * ```
 */
export function resultCsv(
  models: readonly ModelSummary[],
  comparisons: readonly PairedComparison[] = [],
): string {
  checkSplits(models)
  const metrics = metricsOf(models)
  checkCells(models, metrics)
  const columns = [
    'dataset',
    'model',
    'setting',
    'seeds',
    'failed',
    ...metrics.flatMap((metric) =>
      ['mean', 'deviation', 'low', 'high'].map((part) => `${metric} ${part}`),
    ),
    'compared metric',
    'reference',
    'users',
    'difference',
    'difference low',
    'difference high',
    'permutation p',
    'permutation p (Holm)',
    'Wilcoxon p',
    'Wilcoxon p (Holm)',
    't-test p',
    't-test p (Holm)',
    'dz',
    'best epoch',
    'train seconds',
    'peak MB',
  ]
  const rows = models.map((model): (string | number | undefined)[] => {
    const compared = comparisons.find(isOf(model))
    const tests = [compared?.permutation, compared?.wilcoxon, compared?.tTest]
    return [
      model.dataset,
      model.model,
      model.setting,
      model.seeds.length,
      model.failed,
      ...metrics.flatMap((metric) => {
        const { mean, deviation, interval }: Partial<MetricSummary> =
          ownOf(model.metrics, metric) ?? {}
        return [mean, deviation, interval?.[0], interval?.[1]]
      }),
      compared?.metric,
      compared && [compared.reference.model, compared.reference.setting].filter(Boolean).join(', '),
      compared?.users,
      compared?.difference,
      compared?.interval[0],
      compared?.interval[1],
      ...tests.flatMap((test): (string | number | undefined)[] => {
        const isIdentical = compared !== undefined && test === undefined
        return isIdentical ? ['undefined', 'undefined'] : [test?.pValue, test?.adjusted]
      }),
      compared?.effectSize,
      model.bestEpoch,
      model.trainSeconds,
      model.peakRssMb,
    ]
  })
  return toCsv(columns, rows)
}

/** Writes the seconds of training; a dash when trials were completed whose results say none. */
function secondsText({ seeds, trainSeconds }: ModelSummary): string {
  if (trainSeconds !== undefined) return trainSeconds.toFixed(1)
  return seeds.length > 0 ? '—' : ''
}

function metricsOf(models: readonly ModelSummary[]): string[] {
  const names = models.flatMap(({ metrics, undefinedMetrics = {} }) => [
    ...Object.keys(metrics),
    ...Object.keys(undefinedMetrics),
  ])
  return [...new Set(names)]
}

/** Names what comparisons compare with: one model, or for each model some of its own settings. */
function referenceText(comparisons: readonly PairedComparison[]): string {
  const isOwn = comparisons.every(({ model, reference }) => model === reference.model)
  const names = comparisons.map(({ reference: { model, setting } }) => {
    if (isOwn) return setting
    // The setting distinguishes the reference from other rows of its model, if there are any.
    const hasOthers = comparisons.some((other) => other.model === model)
    return hasOthers && setting !== '' ? `${model}, ${setting}` : model
  })
  const text = [...new Set(names)].join(' or ')
  return isOwn && comparisons.length > 0 ? `${text} of the same model` : text
}

function isOf({ dataset, model, setting }: ModelSummary) {
  return (each: PairedComparison) =>
    each.dataset === dataset && each.model === model && each.setting === setting
}

function meanAndDeviation(
  { seeds, metrics, undefinedMetrics = {} }: ModelSummary,
  metric: string,
  digits: number,
): string {
  const undefinedSeeds = ownOf(undefinedMetrics, metric)?.seeds.length ?? 0
  const summary = ownOf(metrics, metric)
  if (!summary) return undefinedSeeds > 0 ? '—' : ''
  const { mean, deviation } = summary
  const centre = mean.toFixed(digits)
  const value = deviation === undefined ? centre : `${centre} ± ${deviation.toFixed(digits)}`
  const { length } = seeds
  return undefinedSeeds > 0 ? `${value} (${length - undefinedSeeds} of ${length} seeds)` : value
}

/** Says which metrics of a row have no value, and why. */
function undefinedNotes(
  { dataset, model, setting, seeds, undefinedMetrics = {} }: ModelSummary,
  metrics: readonly string[],
): string[] {
  const row = [dataset, model, setting].filter(Boolean).join(', ')
  return metrics.flatMap((metric) => {
    const found = ownOf(undefinedMetrics, metric)
    if (!found) return []
    const isForAll = found.seeds.length === seeds.length
    const of = isForAll ? '' : ` with seed ${found.seeds.join(', ')}`
    return [`${metric} of ${row} is undefined${of}: ${found.reason}.`]
  })
}

function ownOf<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

function comparisonCells(compared: PairedComparison | undefined, digits: number): string[] {
  if (!compared) return ['', '', '']
  const { difference, interval, permutation, effectSize } = compared
  const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`
  return [
    `${signed(difference)} [${interval.map(signed).join(', ')}]`,
    permutation === undefined ? 'undefined' : shownPValue(permutation.adjusted),
    effectSize === undefined ? 'undefined' : effectSize.toFixed(2).replace('-', '−'),
  ]
}

function shownPValue(value: number): string {
  return value < 0.001 ? '< 0.001' : value.toFixed(3)
}

/** @throws InvalidOptionsError when a table would be far larger than its results */
function checkCells(models: readonly ModelSummary[], metrics: readonly string[]): void {
  const cells = models.length * metrics.length
  if (cells <= mostCells) return
  throw new InvalidOptionsError(
    `The table would have ${cells} cells, of ${models.length} rows and ${metrics.length} metrics; expected at most ${mostCells}. Make tables of fewer rows, or choose metrics.`,
  )
}
