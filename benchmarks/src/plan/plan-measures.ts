/** Cost of a training, estimated or measured. */
export interface PlanMeasures {
  /** Peak of the resident memory of the training. */
  readonly peakMb: number
  /** Peak of the WebAssembly memory of the training. */
  readonly kernelMb: number
  readonly secondsPerStep: number
  /** Seconds that the estimate or the measurement took. */
  readonly seconds: number
  /** Peak of the resident memory of the estimate or the measurement. */
  readonly ownPeakMb: number
}
