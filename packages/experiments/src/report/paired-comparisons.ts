import { compareReports, type EvaluationReportJson, statistics } from '@gnnrec/eval'
import { InvalidOptionsError } from '@gnnrec/graph'
import { readReport } from '../results/report-file.js'
import type { TrialResult } from '../results/trial-result.js'
import { averageReports } from './average-reports.js'
import { completedTrials, type ModelSummary, summarize } from './summary.js'

/** Options of {@link pairedComparisons}. */
export interface PairedComparisonOptions {
  readonly results: readonly TrialResult[]
  /** The runner's folder, which has the values of every user. */
  readonly folder: string
  /** What is compared: a metric with a value per user, such as `'ndcg@10'`. */
  readonly metric: string
  /** Model that the others are compared with, on each data set, and its setting if it has several. */
  readonly reference: { readonly model: string; readonly setting?: string }
}

/** A p-value, two-sided, and the same by Holm's method among the comparisons on its data set. */
export interface AdjustedPValue {
  readonly pValue: number
  readonly adjusted: number
}

/** A model against the reference, user by user. */
export interface PairedComparison {
  readonly dataset: string
  readonly model: string
  readonly setting: string
  readonly metric: string
  readonly reference: { readonly model: string; readonly setting: string }
  /** Users that both ranked. */
  readonly users: number
  /** Mean of the model less that of the reference. */
  readonly difference: number
  /** 95 % interval of the difference, by bootstrap over users. */
  readonly interval: readonly [low: number, high: number]
  /** All three undefined for runs that are identical, of which nothing can be tested. */
  readonly permutation: AdjustedPValue | undefined
  readonly wilcoxon: AdjustedPValue | undefined
  readonly tTest: AdjustedPValue | undefined
  /** Cohen's dz; undefined when all users differ by the same. */
  readonly effectSize: number | undefined
}

/**
 * Compares all models of a run with one, on each data set: each user's metric is averaged over seeds,
 * then tested over users, two-sided, with p-values adjusted by Holm's method for the number of models.
 * Where the reference is missing nothing is compared.
 *
 * @throws InvalidOptionsError when the metric has no values per user, or no data set has the reference
 * @throws ProtocolMismatchError when trials of a data set were judged in different ways
 * @throws ExperimentFileError when a report is not there
 */
export async function pairedComparisons({
  results,
  folder,
  metric,
  reference,
}: PairedComparisonOptions): Promise<PairedComparison[]> {
  const models = summarize(results).filter(({ seeds }) => seeds.length > 0)
  const isReference = ({ model, setting }: ModelSummary) =>
    model === reference.model && (reference.setting ?? setting) === setting
  const references = models.filter(isReference)
  if (references.length === 0) {
    throw new InvalidOptionsError(
      `reference: no trial of ${[reference.model, reference.setting].filter(Boolean).join(', ')} is completed; there are ${models.map(nameOf).join('; ')}.`,
    )
  }
  const comparisons: PairedComparison[] = []
  for (const base of references) {
    const others = models.filter((model) => model.dataset === base.dataset && model !== base)
    const baseReport = await averaged(results, folder, base)
    const found: PairedComparison[] = []
    for (const other of others) {
      const report = await averaged(results, folder, other)
      found.push(compareTwo(metric, other, report, base, baseReport))
    }
    comparisons.push(...adjusted(found))
  }
  return comparisons
}

function nameOf({ dataset, model, setting }: ModelSummary): string {
  return [dataset, model, setting].filter(Boolean).join(', ')
}

async function averaged(
  results: readonly TrialResult[],
  folder: string,
  model: ModelSummary,
): Promise<EvaluationReportJson> {
  const trials = completedTrials(results, model)
  return averageReports(
    await Promise.all(trials.map(({ report }) => readReport(folder, report as string))),
  )
}

function compareTwo(
  metric: string,
  { dataset, model, setting }: ModelSummary,
  report: EvaluationReportJson,
  base: ModelSummary,
  baseReport: EvaluationReportJson,
): PairedComparison {
  const { metrics } = compareReports(report, baseReport, { metrics: [metric] })
  const { difference, tests } = metrics[metric]
  if (!tests) {
    throw new InvalidOptionsError(
      `metric: '${metric}' has no value per user, so nothing can be tested; name one that has, such as 'ndcg@10'.`,
    )
  }
  // Without a user that differs, Wilcoxon's test has nothing to rank.
  const isIdentical = tests.wilcoxon === undefined
  return {
    ...{ dataset, model, setting, metric, difference, users: tests.pairs },
    ...{ reference: { model: base.model, setting: base.setting }, interval: tests.interval },
    permutation: isIdentical ? undefined : tests.permutation,
    ...{ wilcoxon: tests.wilcoxon, tTest: tests.tTest, effectSize: tests.effectSize },
  }
}

/** Adjusts each test's p-values among all comparisons; identical runs are none. */
function adjusted(comparisons: readonly PairedComparison[]): PairedComparison[] {
  let result = [...comparisons]
  for (const test of ['permutation', 'wilcoxon', 'tTest'] as const) {
    const values = statistics.adjustPValues(result.flatMap((each) => each[test]?.pValue ?? []))
    let next = 0
    result = result.map((each) => {
      const found = each[test]
      return found ? { ...each, [test]: { ...found, adjusted: values[next++] } } : each
    })
  }
  return result
}
