import type { EvaluationReport, EvaluationReportJson } from '@gnnrec/eval'
import { InvalidOptionsError } from '@gnnrec/graph'

/**
 * One report of several seeds: each user's value is the mean over them, so that a test over users sees
 * no scatter of seeds.
 *
 * @throws InvalidOptionsError when the reports are not of the same split, users and metrics
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
      'Reports of several seeds cannot be averaged: they are of different splits, users or metrics.',
    )
  }
  const over = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const perUser = Object.entries(first.perUser).map(([name, values]) => [
    name,
    Array.from(values, (_, place) => {
      const value = over(reports.map((report) => report.perUser[name][place]))
      // A metric that a user has no value of.
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
