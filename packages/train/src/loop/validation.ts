import { degenerateShareLimit, type EvaluationReport, evaluate, type MetricAtK } from '@gnnrec/eval'
import { type BipartiteGraph, type Split, yieldToEventLoop } from '@gnnrec/graph'
import type { EpochRecord } from '../record/training-history.js'
import type { TrainingPort } from './training-port.js'

/** Settings of {@link validate}. */
export interface ValidationSettings {
  readonly split: Split
  readonly graph: BipartiteGraph
  readonly metrics: readonly (string | MetricAtK)[]
  readonly signal: AbortSignal
}

/** The result of an evaluation, and how many of its lists say nothing. */
export interface JudgedValidation {
  /** Fields that an evaluation adds to the record of an epoch. */
  readonly result: Required<Pick<EpochRecord, 'validation' | 'evaluationSeconds'>> &
    Pick<EpochRecord, 'undefinedMetrics'>
  /**
   * Share of lists that were cut by item order, 0..1, and true when that is too many. Users without a row in
   * train are not counted: the model knows nothing of them and may well give them ties.
   */
  readonly degenerate: { readonly share: number; readonly isFlagged: boolean }
}

/**
 * Ranks the validation part with the present parameters.
 *
 * @returns undefined when the signal was aborted meanwhile
 */
export async function validate(
  port: TrainingPort,
  { split, graph, metrics, signal }: ValidationSettings,
): Promise<JudgedValidation | undefined> {
  const started = performance.now()
  const { ranker, release } = await port.ranker()
  try {
    await yieldToEventLoop()
    const report = await evaluate(ranker, { split, on: 'validation', metrics, signal })
    const evaluationSeconds = (performance.now() - started) / 1000
    const { metrics: validation, undefinedMetrics } = report
    const isAllDefined = Object.keys(undefinedMetrics).length === 0
    return {
      result: { validation, ...(!isAllDefined && { undefinedMetrics }), evaluationSeconds },
      degenerate: degenerateLists(report, graph),
    }
  } catch (error) {
    if (signal.aborted && error === signal.reason) return undefined
    throw error
  } finally {
    release()
  }
}

function degenerateLists(
  { degenerateShare, userIndices, flags }: EvaluationReport,
  { userDegrees }: BipartiteGraph,
): JudgedValidation['degenerate'] {
  const cold = userIndices.reduce((count, user) => count + Number(userDegrees[user] === 0), 0)
  const warm = userIndices.length - cold
  // The report does not say whose lists they are: at least so many belong to users with train rows.
  const lists = Math.max(0, Math.round(degenerateShare * userIndices.length) - cold)
  const share = warm > 0 ? lists / warm : 0
  return { share, isFlagged: flags.includes('degenerate') && share > degenerateShareLimit }
}
