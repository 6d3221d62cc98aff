import { degenerateShareLimit, type EvaluationReport, evaluate } from '@gnnrec/eval'
import { type BipartiteGraph, type Split, yieldToEventLoop } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import type { EpochRecord } from '../record/training-history.js'

/** What an evaluation adds to the record of an epoch. */
type ValidationResult = Required<Pick<EpochRecord, 'validation' | 'evaluationSeconds'>>

/** The result of an evaluation, and what it says of its lists. */
export interface JudgedValidation {
  readonly result: ValidationResult
  /**
   * Share of lists that item order cut, 0..1, and whether that is too many. Of users without a row in
   * train the model knows nothing, and it may well give them ties: they do not count.
   */
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
      degenerate: degenerateOf(report, model.graph),
    }
  } catch (error) {
    if (signal.aborted && error === signal.reason) return undefined
    throw error
  } finally {
    ranker.dispose()
  }
}

/** What the report of a validation says of its lists. */
export function degenerateOf(
  { degenerateShare, userIndices, flags }: EvaluationReport,
  { userDegrees }: BipartiteGraph,
): JudgedValidation['degenerate'] {
  const cold = userIndices.reduce((count, user) => count + Number(userDegrees[user] === 0), 0)
  const warm = userIndices.length - cold
  // Whose lists they are is not known: so many at least are not those of cold users.
  const lists = Math.max(0, Math.round(degenerateShare * userIndices.length) - cold)
  const share = warm > 0 ? lists / warm : 0
  return { share, isFlagged: flags.includes('degenerate') && share > degenerateShareLimit }
}
