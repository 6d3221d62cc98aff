import type { EvaluationReport, EvaluationReportJson } from '@gnnrec/eval'
import { InvalidOptionsError } from '@gnnrec/graph'

/**
 * Averages the reports of several seeds into one. Each user's value is the mean over seeds, so that a
 * test over users does not see the variance between seeds. A metric that is undefined for a seed is
 * undefined in the average.
 *
 * @throws InvalidOptionsError when the reports differ in split, users or metrics
 */
export function averageReports(reports: readonly EvaluationReport[]): EvaluationReportJson {
  const [first] = reports
  for (const report of reports) {
    const { userIndices, protocol } = report
    const isSame =
      protocol.splitHash === first.protocol.splitHash &&
      userIndices.length === first.userIndices.length &&
      userIndices.every((user, place) => user === first.userIndices[place]) &&
      namesIn(report) === namesIn(first)
    if (isSame) continue
    throw new InvalidOptionsError(
      'Reports of several seeds cannot be averaged: they differ in split, users or metrics.',
    )
  }
  const over = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const undefinedMetrics = Object.fromEntries(
    reports.flatMap((report) => Object.entries(report.undefinedMetrics)),
  )
  const isDefined = (name: string) => !Object.hasOwn(undefinedMetrics, name)
  const perUser = Object.entries(first.perUser)
    .filter(([name]) => isDefined(name))
    .map(([name, values]) => [
      name,
      Array.from(values, (_, place) => {
        const value = over(reports.map((report) => report.perUser[name][place]))
        // A metric may be undefined for a user.
        return Number.isNaN(value) ? null : value
      }),
    ])
  const metrics = Object.keys(first.metrics)
    .filter(isDefined)
    .map((name) => [name, over(reports.map((report) => report.metrics[name]))])
  return {
    ...first.toJSON(),
    perUser: Object.fromEntries(perUser),
    metrics: Object.fromEntries(metrics),
    undefinedMetrics,
  }
}

/** Returns the names of the metrics of a report, and of those that have a value for each user, as one text. */
function namesIn({ metrics, undefinedMetrics, perUser }: EvaluationReport): string {
  const names = [...Object.keys(metrics), ...Object.keys(undefinedMetrics)]
  const isDefined = (name: string) => !Object.hasOwn(undefinedMetrics, name)
  const usersNames = Object.keys(perUser).filter(isDefined)
  return JSON.stringify([names.sort(), usersNames.sort()])
}
