import type { EvaluationReport, EvaluationReportJson } from '@gnnrec/eval'
import { InvalidOptionsError } from '@gnnrec/graph'

/**
 * Averages the reports of several seeds into one. Each user's value is the mean over seeds, so that a
 * test over users does not see the variance between seeds.
 *
 * @throws InvalidOptionsError when the reports differ in split, users or metrics
 */
export function averageReports(reports: readonly EvaluationReport[]): EvaluationReportJson {
  const [first] = reports
  for (const { userIndices, protocol, perUser } of reports) {
    const isSame =
      protocol.splitHash === first.protocol.splitHash &&
      userIndices.length === first.userIndices.length &&
      userIndices.every((user, place) => user === first.userIndices[place]) &&
      Object.keys(perUser).join() === Object.keys(first.perUser).join()
    if (isSame) continue
    throw new InvalidOptionsError(
      'Reports of several seeds cannot be averaged: they differ in split, users or metrics.',
    )
  }
  const over = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const perUser = Object.entries(first.perUser).map(([name, values]) => [
    name,
    Array.from(values, (_, place) => {
      const value = over(reports.map((report) => report.perUser[name][place]))
      // A metric may be undefined for a user.
      return Number.isNaN(value) ? null : value
    }),
  ])
  const metrics = Object.keys(first.metrics).map((name) => [
    name,
    over(reports.map((report) => report.metrics[name])),
  ])
  return {
    ...first.toJSON(),
    perUser: Object.fromEntries(perUser),
    metrics: Object.fromEntries(metrics),
  }
}
