/** Task of a process that measures one size. */
export interface SizeTask {
  readonly edges: number
  readonly judgedUsers: number
  readonly batchSize: number
  readonly layers: number
  readonly threads: number
  readonly seed: number
  /** Number of steps; the fastest counts, since other work on the machine only slows steps down. */
  readonly steps: number
}

/** Measurements of one size; times are in seconds, CPU times are sums over all threads. */
export interface SizeMeasures {
  readonly edges: number
  readonly users: number
  readonly items: number
  readonly judgedUsers: number
  readonly generateSeconds: number
  readonly graphSeconds: number
  readonly stepSeconds: number
  readonly stepCpuSeconds: number
  /** Time of the forward pass and of the copies for a recommender. */
  readonly recommenderSeconds: number
  /** Time of ranking all items for the judged users. */
  readonly evaluateSeconds: number
  /** CPU time of making the recommender and ranking. */
  readonly evaluationCpuSeconds: number
  /** Resident memory before anything is made. */
  readonly startMb: number
  /** Peak of the resident memory up to the last step. */
  readonly trainingPeakMb: number
  /** Peak of the resident memory over the whole run. */
  readonly peakMb: number
}
