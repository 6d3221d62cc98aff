import { join } from 'node:path'
import { compareReports, type EvaluationReportJson, statistics } from '@gnnrec/eval'
import { InvalidOptionsError } from '@gnnrec/graph'
import { ExperimentFileError } from '../errors.js'
import { readReport } from '../results/report-file.js'
import type { TrialResult } from '../results/trial-result.js'
import { averageReports } from './average-reports.js'
import { completedTrials, type ModelSummary, summariesOf } from './summary.js'

/** Options of {@link pairedComparisons}. */
export interface PairedComparisonOptions {
  /** The results of a run. */
  readonly results: readonly TrialResult[]
  /** The runner's folder, which holds the values of every user. */
  readonly folder: string
  /** Metric to compare; it must have a value per user, such as `'ndcg@10'`. */
  readonly metric: string
  /** Label of the model that the others are compared with, and of its setting when it has several. */
  readonly reference: { readonly model: string; readonly setting?: string }
}

/** A p-value, plain and adjusted for the number of comparisons. */
interface AdjustedPValue {
  /** The two-sided p-value. */
  readonly pValue: number
  /** The p-value adjusted by Holm's method among the comparisons on its data set. */
  readonly adjusted: number
}

/** The comparison of a model with the reference, user by user. */
export interface PairedComparison {
  /** Label of the data set. */
  readonly dataset: string
  /** Label of the model. */
  readonly model: string
  /** Label of the setting; empty when the model has only one. */
  readonly setting: string
  /** The compared metric. */
  readonly metric: string
  /** Labels of the reference. */
  readonly reference: { readonly model: string; readonly setting: string }
  /** Number of users that both ranked. */
  readonly users: number
  /** Mean of the model minus mean of the reference. */
  readonly difference: number
  /** 95 % confidence interval of the difference, by bootstrap over users. */
  readonly interval: readonly [low: number, high: number]
  /** Result of the permutation test; undefined when the two runs are identical. */
  readonly permutation: AdjustedPValue | undefined
  /** Result of Wilcoxon's signed-rank test; undefined when the two runs are identical. */
  readonly wilcoxon: AdjustedPValue | undefined
  /** Result of the paired t-test; undefined when the two runs are identical. */
  readonly tTest: AdjustedPValue | undefined
  /** Cohen's dz; undefined when all users have the same difference. */
  readonly effectSize: number | undefined
}

/**
 * Compares all models of a run with a reference model, on each data set. Each user's metric is averaged
 * over seeds. Two-sided tests over users follow, with p-values adjusted by Holm's method for the number
 * of models. Data sets without the reference are left out, and so are models for which the metric is
 * undefined, which tables name with the reason.
 *
 * @throws InvalidOptionsError when the metric has no values per user, or no data set has the reference
 * @throws ProtocolMismatchError when trials of a data set were judged in different ways
 * @throws ExperimentFileError when a report is missing
 *
 * @example
 * ```ts no-run
 * import { pairedComparisons, readResults } from '@gnnrec/experiments'
 *
 * const folder = 'runs/layers'
 * const results = [...(await readResults(folder)).values()]
 * const reference = { model: 'popularity' }
 * const comparisons = await pairedComparisons({ results, folder, metric: 'ndcg@20', reference })
 * for (const { model, difference, permutation } of comparisons) {
 *   console.log(model, difference, permutation?.adjusted)
 * }
 * ```
 */
export async function pairedComparisons({
  results,
  folder,
  metric,
  reference,
}: PairedComparisonOptions): Promise<PairedComparison[]> {
  const models = summariesOf(results).filter(({ seeds }) => seeds.length > 0)
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
      const compared = compareTwo(metric, other, report, base, baseReport)
      if (compared) found.push(compared)
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
  const paths = completedTrials(results, model).map(({ trial, report }) => {
    if (report !== undefined) return report
    const message = `the trial ${trial} has no report. Run it again.`
    throw new ExperimentFileError(join(folder, 'results.jsonl'), [{ path: [], message }])
  })
  return averageReports(await Promise.all(paths.map((path) => readReport(folder, path))))
}

/** Compares two models; returns undefined when the metric is undefined for one of them. */
function compareTwo(
  metric: string,
  { dataset, model, setting }: ModelSummary,
  report: EvaluationReportJson,
  base: ModelSummary,
  baseReport: EvaluationReportJson,
): PairedComparison | undefined {
  const { metrics, undefinedMetrics } = compareReports(report, baseReport, { metrics: [metric] })
  if (Object.hasOwn(undefinedMetrics, metric)) return undefined
  const { difference, tests } = metrics[metric]
  if (!tests) {
    throw new InvalidOptionsError(
      `metric: '${metric}' has no value per user, so nothing can be tested; name one that has, such as 'ndcg@10'.`,
    )
  }
  // Wilcoxon's test has nothing to rank when no user differs.
  const isIdentical = tests.wilcoxon === undefined
  return {
    dataset,
    model,
    setting,
    metric,
    reference: { model: base.model, setting: base.setting },
    users: tests.pairs,
    difference,
    interval: tests.interval,
    permutation: isIdentical ? undefined : tests.permutation,
    wilcoxon: tests.wilcoxon,
    tTest: tests.tTest,
    effectSize: tests.effectSize,
  }
}

/** Adjusts each test's p-values among all comparisons but those of identical runs. */
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
