import type { ResultRow } from '@gnnrec/example-support'
import type { BackendName } from '@gnnrec/ops'

/** Settings of one run of an entry. */
interface BenchmarkSettings {
  seed: number
  threads: number | undefined
  /** Name of the data set, for entries that run on several. */
  dataset?: string
  /** Number of repetitions, for entries that repeat something. */
  count?: number
  /** Name of the only model to train, for entries that train several. */
  model?: string
  /** Name of the only comparison to make, for the entry that has several. */
  peer?: string
  /** Name of the only kind of files to change, for the entry that changes several. */
  kind?: string
  /** The only number of edges to measure, for the entry that has several. */
  edges?: number
  /** Backend to compute on, for entries that run on several. */
  backend?: BackendName
}

/** A benchmark that yields its rows as they are measured. */
export interface BenchmarkEntry {
  /** One line of text for `--help`. */
  readonly summary: string
  run(settings: BenchmarkSettings): AsyncIterable<ResultRow>
}
