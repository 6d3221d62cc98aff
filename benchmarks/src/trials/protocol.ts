import type { BipartiteGraph, Split } from '@gnnrec/graph'

/** What all trials of an entry have in common. */
export interface Protocol {
  readonly dataset: string
  readonly split: Split
  /** Of the training part. */
  readonly graph: BipartiteGraph
  /** Metrics by name; the first one chooses, on validation. */
  readonly metrics: readonly [string, ...string[]]
  readonly seed: number
}
