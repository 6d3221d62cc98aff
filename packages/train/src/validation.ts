import { evaluate } from '@gnnrec/eval'
import { type Split, yieldToEventLoop } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import type { EpochRecord } from './training-history.js'

/** What an evaluation adds to the record of an epoch. */
type ValidationResult = Required<Pick<EpochRecord, 'validation' | 'evaluationSeconds'>>

/** The result of an evaluation, and what it says of its lists. */
export interface JudgedValidation {
  readonly result: ValidationResult
  /** Share of lists that item order cut, 0..1, and whether that is too many. */
  readonly degenerate: { readonly share: number; readonly isFlagged: boolean }
}

/**
 * Ranks the validation part with the model as it stands.
 *
 * @returns undefined when the signal was aborted meanwhile
 */
export async function validate(
  model: GraphModel,
  split: Split,
  metrics: readonly string[],
  signal: AbortSignal,
): Promise<JudgedValidation | undefined> {
  const started = performance.now()
  const ranker = await model.toRecommender()
  try {
    await yieldToEventLoop()
    const report = await evaluate(ranker, { split, on: 'validation', metrics, signal })
    const evaluationSeconds = (performance.now() - started) / 1000
    return {
      result: { validation: report.metrics, evaluationSeconds },
      degenerate: { share: report.degenerateShare, isFlagged: report.flags.includes('degenerate') },
    }
  } catch (error) {
    if (signal.aborted && error === signal.reason) return undefined
    throw error
  } finally {
    ranker.dispose()
  }
}
