import type { ResultRow } from '@gnnrec/example-support'

/** What a comparison is run with. */
interface ComparisonSettings {
  readonly seed: number
  /** Of both sides; one thread is measured besides where that says something. */
  readonly threads: number
  /** Measured runs of each side, which take turns. */
  readonly repetitions: number
}

/** The same work by this library and by others, checked to be the same and timed in turns. */
export interface PeerComparison {
  /** One line for the help. */
  readonly summary: string
  run(settings: ComparisonSettings): AsyncIterable<ResultRow>
}
