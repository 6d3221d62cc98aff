/** A checkpoint that is on the disk. */
export interface WrittenCheckpoint {
  readonly path: string
  /** Complete epochs. */
  readonly epoch: number
  /** Optimiser steps in all. */
  readonly totalSteps: number
}
