import { GnnRecError } from '@gnnrec/graph'
import type { MeasuredRecall } from './index-parts.js'

/**
 * An index whose recall stayed below the one asked for, however much effort was allowed.
 *
 * @example
 * ```ts
 * import { RecallError } from '@gnnrec/serving/vectors'
 *
 * const filtered = { recall: 0.89, standardError: 0.01, exactShare: 0 }
 * const measured = { ...filtered, k: 20, users: 200, seed: 1, filtered }
 * const error = new RecallError(0.98, measured, 4096)
 * console.log(error.code, error.measured.recall) // RECALL_NOT_REACHED 0.89
 * ```
 */
export class RecallError extends GnnRecError<'RECALL_NOT_REACHED'> {
  /** The best that was reached. */
  readonly measured: MeasuredRecall

  /**
   * @param asked - the recall that was asked for
   * @param measured - the best that was reached
   * @param effort - the number of candidates with which it was reached
   */
  constructor(asked: number, measured: MeasuredRecall, effort: number) {
    super('RECALL_NOT_REACHED', shortfallText(asked, measured, effort))
    this.measured = measured
  }
}

/** Describes an index that finds less than it should. */
export function shortfallText(
  asked: number,
  { recall, standardError, k, users, filtered }: MeasuredRecall,
  effort: number,
): string {
  const all = `${recall.toFixed(4)} of the best ${k} items of ${users} users with ${effort} candidates (standard error ${standardError.toFixed(4)})`
  const half = `${filtered.recall.toFixed(4)} (${filtered.standardError.toFixed(4)}) where a filter keeps half of the items`
  return `The index finds ${all}, and ${half}; expected at least ${asked} for both after two standard errors are taken off. Lower recallAtLeast, raise connectivity, or answer without an index.`
}
