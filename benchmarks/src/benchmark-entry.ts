import type { ResultRow } from '@gnnrec/example-support'
import type { BackendName } from '@gnnrec/ops'

/** What an entry is run with. */
interface BenchmarkSettings {
  seed: number
  threads: number | undefined
  /** Which data set, for entries that run on several. */
  dataset?: string
  /** How often, for entries that repeat something. */
  count?: number
  /** Only this model, for entries that train several. */
  model?: string
  /** Only this comparison, for the entry that has several. */
  peer?: string
  /** Only this number of edges, for the entry that has several. */
  edges?: number
  /** Where it computes, for entries that run on several. */
  backend?: BackendName
}

/** A benchmark that yields its lines as they are measured. */
export interface BenchmarkEntry {
  /** One line for the help. */
  readonly summary: string
  run(settings: BenchmarkSettings): AsyncIterable<ResultRow>
}
