import type { Batch, EpochBatch, Ranker, Rng } from '@gnnrec/graph'
import type { HostTensor } from '@gnnrec/serving/model-folder'
import type { LossProbe } from '../guards/loss-probe.js'
import type { ParameterSample } from '../guards/parameter-samples.js'
import type { SampledNodes } from '../guards/sampled-nodes.js'

/** Gradients of a loss in all parameters, wherever they are kept. */
export interface Gradients {
  /** Multiplies all gradients by a factor. */
  scale(factor: number): void
  /** Adds `share` times other gradients of the same model, and frees those. */
  add(other: this, share: number): void
  /** Cuts every number to the range from -limit to limit; NaN stays NaN. */
  clip(limit: number): void
  /** Computes the root of the sum of all squares. */
  norm(): number | Promise<number>
  /** Computes the sum of all squares of `own + sign · other`, and changes neither; a guard asks for it. */
  combinedSquares(other: this, sign: 1 | -1): Promise<number>
  /** Frees memory. */
  dispose(): void
}

/** Loss and gradients of one batch. */
export interface BatchGradients {
  readonly loss: number
  /** Parts of the loss by name, before their weights. */
  readonly lossTerms: Readonly<Record<string, number>>
  readonly gradients: Gradients
}

/** Numbers of one optimizer step. */
export interface ApplySettings {
  readonly learningRate: number
  /** Factor on all gradients, from clipping by norm. */
  readonly gradientScale: number
  /** Weight decay by parameter name. */
  readonly weightDecay: ReadonlyMap<string, number>
  /** Number of the step, from 1. */
  readonly step: number
}

/** Places where a NaN or an infinity may have begun. */
export interface NonFiniteSuspects {
  readonly lossTerms?: Readonly<Record<string, number>>
  readonly gradients?: Gradients
}

/** Rows of the sampled nodes in one layer, row-major. */
export interface SampledRows {
  /** Number of the layer, from 0, or `'final'` for the embeddings that are ranked by. */
  readonly layer: number | 'final'
  readonly users: Float32Array
  readonly items: Float32Array
  /** Length of a row. */
  readonly dim: number
}

/** A part of the state that is already in a file. */
export interface StateFile {
  /** Copies the file to a new path and waits until the copy is on the disk. */
  copyTo(path: string): Promise<FileDigest>
}

/** Size and SHA-256 (in hexadecimal) of a file. */
export interface FileDigest {
  readonly bytes: number
  readonly sha256: string
}

/** Values that a training goes on from, as a checkpoint keeps them. */
export interface TrainingState<File = StateFile> {
  /** Optimizer steps by parameter. */
  readonly optimizerSteps: Readonly<Record<string, number>>
  /** Values in memory, each group of which becomes a file of the checkpoint. */
  readonly tensors: {
    readonly weights: ReadonlyMap<string, HostTensor>
    readonly optimizer: ReadonlyMap<string, HostTensor>
    /** Weights of the best epoch so far, with the names and shapes of `weights`. */
    readonly best?: ReadonlyMap<string, HostTensor> | undefined
  }
  /** Values in files, by the name that they get in the checkpoint. */
  readonly files?: ReadonlyMap<string, File>
}

/** A file of a checkpoint, whose content is to be compared with the digest when it is read. */
export interface SavedFile extends FileDigest {
  readonly path: string
}

/**
 * Parameters in training, as {@link TrainingLoop} sees them: it decides what is done when, and the port
 * does it, wherever the parameters are kept. `Trainer` has a port for models in memory, `OutOfCoreTrainer`
 * of `@gnnrec/out-of-core` one for tables in files.
 *
 * A method that is given a signal may end early by throwing the signal's reason, as long as parameters and
 * optimizer are then as before.
 */
export interface TrainingPort {
  /** True when there are parameters; a model without any is only evaluated. */
  readonly hasParameters: boolean
  /** Computes what is needed before the first step. */
  prepare?(signal: AbortSignal): Promise<void>
  /**
   * Draws anew what changes with the epoch.
   *
   * @param epoch - number of complete epochs
   * @param rng - stream of the model; its state is saved in checkpoints
   * @param startStep - number of batches that the model has seen of this epoch, when training resumes
   */
  beginEpoch(epoch: number, rng: Rng, startStep: number, signal: AbortSignal): void | Promise<void>
  /** Computes loss and gradients of a batch at the present parameters. */
  computeGradients(batch: EpochBatch | Batch, signal: AbortSignal): Promise<BatchGradients>
  /** Takes one optimizer step. */
  applyGradients(gradients: Gradients, settings: ApplySettings): void | Promise<void>
  /** Names the first tensor with a NaN or an infinity, for the error message. */
  nameFirstNonFinite?(suspects: NonFiniteSuspects): Promise<string>
  /** Makes a ranker of the present parameters for evaluation. */
  ranker(): Promise<{ readonly ranker: Ranker; release(): void }>
  /** Keeps a copy of the present weights as the best so far. */
  keepBest(): Promise<void>
  /** Sets the weights to the best that were kept; does nothing when none were. */
  restoreBest(): void | Promise<void>
  /** Copies what a checkpoint keeps; the next step must not change it, but for `files`. */
  saveState(): Promise<TrainingState>
  /**
   * Sets everything to a saved state.
   *
   * @throws CheckpointError when a file is not whole; the checkpoint before it is tried then
   */
  restoreState(state: TrainingState<SavedFile>): Promise<void>
  /**
   * Sets the weights to the best of a saved state, or to its weights where it has none that are best, and nothing else;
   * left out where training cannot start from given weights.
   *
   * @throws CheckpointError when a file is not whole; the checkpoint before it is tried then
   */
  startFrom?(state: TrainingState<SavedFile>): Promise<void>
  /** Reads the rows of the sampled nodes of each table, and some numbers of other parameters. */
  sampleParameters(nodes: SampledNodes): Promise<ParameterSample[]>
  /** Reads the rows of the sampled nodes in each layer, the final embeddings last. */
  sampleLayers(nodes: SampledNodes, signal: AbortSignal): AsyncIterable<SampledRows>
  /** Computes the loss as evaluation would; left out where no embedding can outlive a step. */
  probeLoss?(batch: Batch): Promise<LossProbe>
}
