import { evaluate } from '@gnnrec/eval'
import type { Split } from '@gnnrec/graph'
import { Popularity } from '@gnnrec/models'
import type { GuardedTraining } from './guarded-model.js'

/**
 * Returns the value of a metric that Popularity, which trains nothing, reaches on the validation part. A metric that
 * is undefined for Popularity counts as lower than any value.
 */
export async function popularityOf(
  metric: string,
  { model, split }: GuardedTraining,
  signal: AbortSignal,
): Promise<number> {
  const ranker = await new Popularity(model.graph).toRecommender()
  try {
    const report = await evaluate(ranker, {
      split: split as Split,
      on: 'validation',
      metrics: [metric],
      signal,
    })
    return report.metrics[metric] ?? -Number.MAX_VALUE
  } finally {
    ranker.dispose()
  }
}
