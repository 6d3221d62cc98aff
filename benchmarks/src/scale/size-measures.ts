/** What a process of its own is told to measure. */
export interface SizeTask {
  readonly edges: number
  readonly judgedUsers: number
  readonly batchSize: number
  readonly layers: number
  readonly threads: number
  readonly seed: number
  /** Steps of which the fastest counts: what else a machine does only makes them longer. */
  readonly steps: number
}

/** What it has found; times in seconds, those of CPUs of all threads together. */
export interface SizeMeasures {
  readonly edges: number
  readonly users: number
  readonly items: number
  readonly judgedUsers: number
  readonly generateSeconds: number
  readonly graphSeconds: number
  readonly stepSeconds: number
  readonly stepCpuSeconds: number
  /** The forward pass and the copies for a recommender, */
  readonly recommenderSeconds: number
  /** and ranking all items for the judged users. */
  readonly evaluateSeconds: number
  /** Of both. */
  readonly evaluationCpuSeconds: number
  /** Resident memory before anything is made, and its peaks up to the last step and in all. */
  readonly startMb: number
  readonly trainingPeakMb: number
  readonly peakMb: number
}
