import type { EvaluationReport } from '@gnnrec/eval'
import { formatValue } from '../document/number-format.js'

type Judged = { readonly evaluation: EvaluationReport }

/** Returns true when a model has a value of a metric. */
export function hasValue({ evaluation }: Judged, metric: string): boolean {
  return Object.hasOwn(evaluation.metrics, metric)
}

/** Returns true when a model was asked for a metric, whether it has a value or is undefined. */
export function isAskedFor(model: Judged, metric: string): boolean {
  return hasValue(model, metric) || Object.hasOwn(model.evaluation.undefinedMetrics, metric)
}

/** Lists the metrics that models were asked for, each once. */
export function metricsOf(models: readonly Judged[]): string[] {
  const names = models.flatMap(({ evaluation: { metrics, undefinedMetrics } }) => [
    ...Object.keys(metrics),
    ...Object.keys(undefinedMetrics),
  ])
  return [...new Set(names)]
}

/** Writes the value of a metric, `undefined` if it has none, or nothing if the model was not asked for it. */
export function valueText(model: Judged, metric: string): string {
  if (hasValue(model, metric)) return formatValue(model.evaluation.metrics[metric])
  return isAskedFor(model, metric) ? 'undefined' : ''
}
