import { InvalidOptionsError } from '@gnnrec/graph'
import { closest, distance } from 'fastest-levenshtein'
import { coverage } from './coverage.js'
import { hit } from './hit.js'
import type { Metric, MetricAtK } from './metric.js'
import { mrr } from './mrr.js'
import { ndcg } from './ndcg.js'
import { precision } from './precision.js'
import { recall } from './recall.js'

const builtIn: ReadonlyMap<string, Metric> = new Map(
  [recall, ndcg, precision, hit, mrr, coverage].map((metric) => [metric.name, metric]),
)

/**
 * Reads a metric string such as `'recall@20'`: a name, an at sign and a cut-off of at least 1.
 *
 * Names: `recall`, `ndcg`, `precision`, `hit`, `mrr`, `coverage`.
 *
 * @throws InvalidOptionsError when the form is wrong, the cut-off is 0 or the name is unknown; the
 * message gives the nearest name
 */
export function parseMetric(text: string): MetricAtK {
  const [, name, digits] = /^([^@]+)@(0|[1-9]\d*)$/.exec(text) ?? []
  const k = Number(digits)
  if (name === undefined || k === 0 || !Number.isSafeInteger(k)) {
    throw new InvalidOptionsError(
      `metrics: got '${text}'; expected NAME@K with an integer K of at least 1, such as 'recall@20'.`,
    )
  }
  const metric = builtIn.get(name)
  if (metric === undefined) {
    const names = [...builtIn.keys()]
    const nearest = closest(name.toLowerCase(), names)
    const hint =
      distance(name.toLowerCase(), nearest) <= 2 ? ` (did you mean '${nearest}@${k}'?)` : ''
    throw new InvalidOptionsError(
      `metrics: unknown metric '${text}'${hint}; known metrics: ${names.join(', ')}. Pass a metric of your own as { metric, k }.`,
    )
  }
  return { metric, k }
}
