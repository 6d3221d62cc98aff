import type { BipartiteGraph, Split } from '@gnnrec/graph'

/** Data and metrics that all trials of an entry share. */
export interface Protocol {
  readonly dataset: string
  readonly split: Split
  /** Graph of the training part. */
  readonly graph: BipartiteGraph
  /** Metrics by name; the first one chooses, on validation. */
  readonly metrics: readonly [string, ...string[]]
  readonly seed: number
}
