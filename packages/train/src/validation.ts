import { evaluate } from '@gnnrec/eval'
import type { Split } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import { DegenerateModelError } from './errors.js'
import type { EpochRecord } from './training-history.js'

/** What an evaluation adds to the record of an epoch. */
export type ValidationResult = Required<Pick<EpochRecord, 'validation' | 'evaluationSeconds'>>

/**
 * Ranks the validation part with the model as it stands.
 *
 * @param epoch - from 1, for messages
 * @returns undefined when the signal was aborted meanwhile
 * @throws DegenerateModelError when item order, not the model, ranks
 */
export async function validate(
  model: GraphModel,
  split: Split,
  metrics: readonly string[],
  { epoch, signal }: { epoch: number; signal: AbortSignal },
): Promise<ValidationResult | undefined> {
  const started = performance.now()
  const ranker = await model.toRecommender()
  try {
    const report = await evaluate(ranker, { split, on: 'validation', metrics, signal })
    if (report.flags.includes('degenerate')) {
      const share = (100 * report.degenerateShare).toFixed(0)
      throw new DegenerateModelError(
        `${model.architecture} gives equal scores to so many items after epoch ${epoch} that their order decides ${share} % of the lists. Its embeddings have collapsed: lower l2Weight or the learning rate, or check the model's forward pass.`,
      )
    }
    const evaluationSeconds = (performance.now() - started) / 1000
    return { validation: report.metrics, evaluationSeconds }
  } catch (error) {
    if (signal.aborted && error === signal.reason) return undefined
    throw error
  } finally {
    ranker.dispose()
  }
}
