import { GnnRecError } from '@gnnrec/graph'
import type { MeasuredRecall } from './index-parts.js'

/**
 * An index whose recall stayed below the one asked for, however much effort was allowed.
 *
 * @example
 * ```ts
 * import { RecallError } from '@gnnrec/serving/vectors'
 *
 * const measured = { recall: 0.9, standardError: 0.01, k: 20, users: 200, seed: 1, exactShare: 0 }
 * const error = new RecallError(0.98, measured, 4096)
 * console.log(error.code, error.measured.recall) // RECALL_NOT_REACHED 0.9
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
  { recall, k, users }: MeasuredRecall,
  effort: number,
): string {
  return `The index finds ${recall.toFixed(4)} of the best ${k} items of ${users} users with ${effort} candidates; expected at least ${asked}. Lower recallAtLeast, raise connectivity, or answer without an index.`
}
