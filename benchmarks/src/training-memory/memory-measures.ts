/** Memory of a training as it was estimated, and as it was measured afterwards in the same process. */
export interface MemoryMeasures {
  /** Estimated peak of the resident memory. */
  readonly estimatedMb: number
  /** Measured peak of the resident memory. */
  readonly peakMb: number
  /** Estimated size of the WebAssembly memory. */
  readonly estimatedKernelMb: number
  /** Measured size of the WebAssembly memory, an eighth of which may lie unused at its end. */
  readonly kernelMb: number
}
