/** What a training needs memory for; bytes. */
export interface PlannedParts {
  /** The process as it is when `plan` is called, with what it holds already. */
  readonly process: number
  /** The table of interactions and its ids; 0 where the graph is given. */
  readonly interactions: number
  /** The graph; 0 where it is given. */
  readonly graph: number
  /** What `prepare` of the model needs beyond all that training does. */
  readonly preparation: number
  /** What model and trainer keep outside of kernel memory: values of normalised matrices, for one. */
  readonly model: number
  /** Parameters in kernel memory. */
  readonly parameters: number
  /** What else stays in kernel memory between steps: matrices and the optimiser's memory. */
  readonly kept: number
  /** What one step, or the pass for an evaluation, needs besides, gaps between blocks included. */
  readonly step: number
  /** A recommender and its ranking; 0 without `metrics` and `earlyStopping`. */
  readonly evaluation: number
  /** Weights of the best epoch; 0 without `metrics` and `earlyStopping`. */
  readonly bestWeights: number
  /** Copies of weights and of the optimiser's memory while a checkpoint is written; 0 without `checkpoint`. */
  readonly checkpoint: number
  /** Copies on the way into and out of kernel memory that the garbage collector has yet to free. */
  readonly copies: number
}

/** What a training takes, estimated from trainings of smaller graphs. */
export interface TrainingPlan {
  readonly parts: PlannedParts
  /** Their sum: resident memory of the process at its highest. */
  readonly peakBytes: number
  /** Parameters, kept and step: what the WebAssembly memory grows to. */
  readonly kernelBytes: number
  readonly secondsPerStep: number
  readonly stepsPerEpoch: number
  /** Without evaluation. */
  readonly secondsPerEpoch: number
}
