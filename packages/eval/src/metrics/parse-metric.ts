import { InvalidOptionsError } from '@gnnrec/graph'
import { nearestHint } from '@gnnrec/graph/kernels'
import { flavourMetrics } from '../flavours/flavour.js'
import type { Metric, MetricAtK } from './metric.js'

/**
 * Reads the name of a built-in metric with its cut-off, such as `'recall@20'`: a name, an at sign and a
 * cut-off of at least 1. Metrics that look at whole rankings, such as `'auc'`, go by their names alone.
 *
 * The namespace `metrics` holds all of them with their formulas.
 *
 * @throws InvalidOptionsError when the form is wrong, the cut-off is 0 or the name is unknown; the
 * message gives the nearest name
 * @example
 * ```ts
 * import { parseMetric } from '@gnnrec/eval'
 *
 * const { metric, k } = parseMetric('recall@20')
 * console.log(metric.name, metric.denominator, k) // recall relevant items of the user 20
 * ```
 */
export function parseMetric(text: string): MetricAtK {
  return parseMetricAmong(text, flavourMetrics('gnnrec'))
}

/**
 * Reads the name of a metric among other metrics than the built-in ones.
 *
 * @param owner - the library that defines the metrics, for messages
 */
export function parseMetricAmong(
  text: string,
  metrics: readonly Metric[],
  owner?: string,
): MetricAtK {
  const whole = metrics.find(({ name, hasCutoff }) => hasCutoff === false && name === text)
  if (whole) return { metric: whole }
  const [, name, digits] = /^([^@]+)@(0|[1-9]\d*)$/.exec(text) ?? []
  const k = Number(digits)
  if (name === undefined || k === 0 || !Number.isSafeInteger(k)) {
    throw new InvalidOptionsError(
      `metrics: got '${text}'; expected NAME@K with an integer K of at least 1, such as 'recall@20'.`,
    )
  }
  const metric = metrics.find((known) => known.name === name)
  if (!metric) throw new InvalidOptionsError(unknown(name, k, metrics, owner))
  if (metric.hasCutoff === false) {
    throw new InvalidOptionsError(
      `metrics: got '${text}', but ${name} looks at whole rankings; ask for '${name}'.`,
    )
  }
  return { metric, k }
}

function unknown(name: string, k: number, metrics: readonly Metric[], owner?: string): string {
  const names = metrics.map((metric) => metric.name)
  const start = `metrics: unknown metric '${name}@${k}'`
  const variants = names.filter((known) => known.startsWith(`${name}(`))
  if (variants.length > 0) {
    const wanted = variants.map((variant) => `'${variant}@${k}'`).join(' or ')
    return `${start}: it has more than one definition, which give different numbers; ask for ${wanted}.`
  }
  const hint = nearestHint(name, names, 2, `@${k}`)
  const ofOwner = owner ? ` of '${owner}'` : ''
  return `${start}${hint}; known metrics${ofOwner}: ${names.join(', ')}. Pass a metric of your own as { metric, k }.`
}
