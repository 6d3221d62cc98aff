/** A checkpoint that is on the disk. */
export interface WrittenCheckpoint {
  /** Path of its folder. */
  readonly path: string
  /** Number of complete epochs. */
  readonly epoch: number
  /** Number of optimizer steps in all. */
  readonly totalSteps: number
}
