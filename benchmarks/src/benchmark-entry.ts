import type { ResultRow } from '@gnnrec/example-support'

/** What an entry is run with. */
interface BenchmarkSettings {
  seed: number
  threads: number | undefined
}

/** A benchmark that yields its lines as they are measured. */
export interface BenchmarkEntry {
  /** One line for the help. */
  readonly summary: string
  run(settings: BenchmarkSettings): AsyncIterable<ResultRow>
}
