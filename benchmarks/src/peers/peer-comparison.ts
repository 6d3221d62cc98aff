import type { ResultRow } from '@gnnrec/example-support'

/** Settings of a comparison. */
interface ComparisonSettings {
  readonly seed: number
  /** Threads of both sides; some comparisons measure one thread as well. */
  readonly threads: number
  /** Number of measured runs of each side; the sides take turns. */
  readonly repetitions: number
}

/**
 * A comparison of the same work by this library and by others: results are compared, then both are
 * timed in turns.
 */
export interface PeerComparison {
  /** One line of text for `--help`. */
  readonly summary: string
  run(settings: ComparisonSettings): AsyncIterable<ResultRow>
}
