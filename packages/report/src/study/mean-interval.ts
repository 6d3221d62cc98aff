import { type EvaluationReport, statistics } from '@gnnrec/eval'

/**
 * Computes the normal interval of a metric's mean over users; undefined for a metric over all lists,
 * without values per user and for fewer than two users.
 */
export function meanInterval(
  report: EvaluationReport,
  metric: string,
  confidence: number,
): readonly [low: number, high: number] | undefined {
  if (!Object.hasOwn(report.perUser, metric)) return undefined
  const values = report.perUser[metric].filter((value) => !Number.isNaN(value))
  if (values.length < 2) return undefined
  const zeros = new Float64Array(values.length)
  return statistics.pairedBootstrap(values, zeros, { confidence, resamples: 1 }).normalInterval
}
