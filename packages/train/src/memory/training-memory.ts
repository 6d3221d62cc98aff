/** Memory that a training needs, by what needs it; bytes. */
export interface TrainingMemoryParts {
  /** The process as it is at the time of the estimate, with all that it holds already; 0 in a page. */
  readonly process: number
  /** The table of interactions and its ids; 0 where the graph is given. */
  readonly interactions: number
  /** The graph; 0 where it is given. */
  readonly graph: number
  /** JavaScript arrays that the model keeps, such as the values of normalized matrices. */
  readonly model: number
  /** Arrays that `prepare` of the model makes and drops, where they are more than all that follows. */
  readonly preparation: number
  /** Parameters, in kernel memory. */
  readonly parameters: number
  /** Arrays that the optimizer remembers, in kernel memory. */
  readonly optimizer: number
  /** Matrices and samples that stay in kernel memory between steps. */
  readonly kept: number
  /** Kernel memory at the highest moment of a step, an evaluation or the guards, gaps between blocks included. */
  readonly step: number
  /** A recommender for evaluations and guards, and the scores that guards look at; 0 without both. */
  readonly evaluation: number
  /** Weights of the best epoch; 0 where nothing decides which epoch is best. */
  readonly bestWeights: number
  /** Copies of weights and optimizer while a checkpoint is written; 0 without `checkpoint`. */
  readonly checkpoint: number
  /** Dropped arrays and objects that the garbage collector has yet to free. */
  readonly garbage: number
}

/** Estimated memory of a training. */
export interface TrainingMemory {
  /** The estimate by what needs the memory; bytes. */
  readonly parts: TrainingMemoryParts
  /** The size that the WebAssembly memory of the backend grows to: parameters, optimizer, kept and step; bytes. */
  readonly kernelBytes: number
  /** Resident memory of the process at its highest, which is the sum of all parts; bytes. */
  readonly peakBytes: number
}
