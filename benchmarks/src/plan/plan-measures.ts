/** What was foretold of a training, or measured of it. */
export interface PlanMeasures {
  /** Peak of resident memory of the training, */
  readonly peakMb: number
  /** and of WebAssembly memory in it. */
  readonly kernelMb: number
  readonly secondsPerStep: number
  /** What foretelling, or measuring, took itself. */
  readonly seconds: number
  readonly ownPeakMb: number
}
