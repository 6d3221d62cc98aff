/**
 * The course of a training, as far as a report shows it. The `TrainingHistory` that `Trainer.fit` of
 * `@gnnrec/train` returns is one, and so is its JSON; any other trainer can supply the same fields.
 */
export interface ReportHistory {
  /** The complete epochs, in order. */
  readonly epochs: readonly ReportEpoch[]
  /** Epoch, counted from 1, whose weights the model now has; null if none was chosen. */
  readonly bestEpoch: number | null
  /**
   * Reason why training ended. The report speaks of `'early-stopping'` and warns of `'aborted'`; any
   * other text means that training ran to its end.
   */
  readonly stopReason: string
  /** Signs of trouble found during training; the report warns of each of them. */
  readonly findings: readonly ReportFinding[]
}

/** One complete epoch of a training. */
interface ReportEpoch {
  /** Number of the epoch, from 1. */
  readonly epoch: number
  /** Learning rate of the last step. */
  readonly learningRate: number
  /** Mean over the samples of the epoch of the value that training minimizes. */
  readonly loss: number
  /** Metrics on the validation part by name; absent if the epoch was not evaluated. */
  readonly validation?: Readonly<Record<string, number>> | undefined
  /** Wall-clock seconds of training. */
  readonly seconds: number
}

/** A sign that a model collapses or does not learn. */
interface ReportFinding {
  /** Stable name of the kind of trouble. */
  readonly code: string
  /** Epoch after which it was found, from 1; 0 before the first. */
  readonly epoch: number
  /** Description in one or more sentences. */
  readonly message: string
}
