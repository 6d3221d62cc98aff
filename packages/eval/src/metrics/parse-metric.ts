import { InvalidOptionsError } from '@gnnrec/graph'
import { closest, distance } from 'fastest-levenshtein'
import { builtInMetrics } from './built-in-metrics.js'
import type { Metric, MetricAtK } from './metric.js'

/**
 * Reads a metric string such as `'recall@20'`: a name, an at sign and a cut-off of at least 1; `'auc'`
 * and `'gauc'`, which look at whole rankings, go by their names alone.
 *
 * Names: `recall`, `ndcg`, `precision`, `hit`, `mrr`, `f1`, `recallCapped`, `map(min)`, `map(rel)`,
 * `pooledRecall`; `coverage`, `gini`, `entropy` (bits), `entropy(nats)`, `entropy(normalized)`,
 * `averagePopularity`, `popularityLift`, `novelty`, `novelty(users)`, `tailShare`, `personalization`,
 * `intraListDiversity`, `serendipity`.
 *
 * @throws InvalidOptionsError when the form is wrong, the cut-off is 0 or the name is unknown; the
 * message gives the nearest name
 */
export function parseMetric(text: string): MetricAtK {
  return parseMetricAmong(text, builtInMetrics)
}

/**
 * {@link parseMetric} among other metrics than the built-in ones.
 *
 * @param owner - whose they are, for messages
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
    return `${start}: it has more than one definition, and their numbers differ; ask for ${wanted}.`
  }
  const lowerCase = names.map((known) => known.toLowerCase())
  const found = closest(name.toLowerCase(), lowerCase)
  const nearest = names[lowerCase.indexOf(found)]
  const hint = distance(name.toLowerCase(), found) <= 2 ? ` (did you mean '${nearest}@${k}'?)` : ''
  const whose = owner ? ` of '${owner}'` : ''
  return `${start}${hint}; known metrics${whose}: ${names.join(', ')}. Pass a metric of your own as { metric, k }.`
}
