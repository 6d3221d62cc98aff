import type { InteractionLists, RankedRows } from '@gnnrec/graph'

/** A filter of the item graph that is ready to score. */
export interface SpectralFilter {
  /**
   * Writes the scores of all items for each history, row-major. The scores of a history do not depend on the others,
   * nor on the number of threads.
   */
  score(histories: InteractionLists, out: Float32Array): void

  /**
   * Finds the `k` best items of each history; returns undefined when a score is NaN.
   *
   * @param excludeOf - returns the ascending items to leave out for the history at a place
   * @param shift - a number for each item that is added to its scores; -Infinity leaves the item out
   */
  rank(
    histories: InteractionLists,
    k: number,
    excludeOf: (place: number) => Int32Array,
    shift: Float32Array | undefined,
  ): RankedRows | undefined

  /** Frees the memory outside of the JavaScript heap; the filter must not be used afterwards. */
  free(): void
}
