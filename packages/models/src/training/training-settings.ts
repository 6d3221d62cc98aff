import type { NegativeDistribution, SamplingStrategy } from '@gnnrec/graph'

/**
 * A learning-rate schedule as data; `@gnnrec/train` makes the function of it and documents the
 * formulas: see `schedules.warmupCosine` and its
 * neighbours there.
 */
export type ScheduleSettings =
  | { readonly name: 'constant' }
  | {
      readonly name: 'warmup-cosine'
      /** Epochs of linear warm-up, an integer >= 0. */
      readonly warmupEpochs: number
      /** Last rate as a share of the base rate, in [0, 1]. */
      readonly finalFraction: number
      /** The unit after which the rate changes. @defaultValue 'epoch' */
      readonly per?: 'epoch' | 'step'
    }
  | {
      readonly name: 'linear-warmup'
      /** Epochs until the base rate is reached, an integer >= 1. */
      readonly epochs: number
      /** The unit after which the rate changes. @defaultValue 'epoch' */
      readonly per?: 'epoch' | 'step'
    }
  | {
      readonly name: 'cosine'
      /** Last rate as a share of the base rate, in [0, 1]. @defaultValue 0 */
      readonly finalFraction?: number
      /** The unit after which the rate changes. @defaultValue 'epoch' */
      readonly per?: 'epoch' | 'step'
    }
  | {
      readonly name: 'cosine-restarts'
      /** Epochs of the first period, an integer >= 1. */
      readonly period: number
      /** Factor by which each period is longer than the one before, an integer >= 1. @defaultValue 1 */
      readonly periodFactor?: number
      /** Lowest rate as a share of the base rate, in [0, 1]. @defaultValue 0 */
      readonly finalFraction?: number
      /** The unit after which the rate changes. @defaultValue 'epoch' */
      readonly per?: 'epoch' | 'step'
    }
  | {
      readonly name: 'step'
      /** Epochs between drops, an integer >= 1. */
      readonly every: number
      /** Factor of each drop, in (0, 1]. */
      readonly factor: number
    }
  | {
      readonly name: 'exponential'
      /** Factor of each epoch, in (0, 1]. */
      readonly factor: number
      /** The unit after which the rate changes. @defaultValue 'epoch' */
      readonly per?: 'epoch' | 'step'
    }
  | {
      readonly name: 'reduce-on-plateau'
      /** Factor of each reduction, in (0, 1). @defaultValue 0.1 */
      readonly factor?: number
      /** Epochs without improvement before a reduction, an integer >= 1. @defaultValue 10 */
      readonly patience?: number
      /** Epochs after a reduction that do not count, an integer >= 0. @defaultValue 0 */
      readonly cooldown?: number
      /** Lowest rate as a share of the base rate, in [0, 1]. @defaultValue 0 */
      readonly finalFraction?: number
      /** Improvement that counts, as in early stopping. @defaultValue 1e-4 */
      readonly minimumChange?: number | { readonly absolute: number }
    }
  | {
      readonly name: 'sequence'
      /** Schedules one after another; all but the last say for how many epochs. */
      readonly parts: readonly {
        readonly schedule: ScheduleSettings
        readonly epochs?: number
      }[]
    }
  | {
      readonly name: 'product'
      /** Schedules whose shares are multiplied. */
      readonly factors: readonly ScheduleSettings[]
    }

/** An optimizer as data; `@gnnrec/train` makes it. */
export type OptimizerSettings =
  | {
      /** `'adamw'` decouples weight decay from the gradient. */
      readonly name: 'adam' | 'adamw'
      /** Decay of the mean of gradients, in [0, 1). @defaultValue 0.9 */
      readonly beta1?: number
      /** Decay of the mean of squared gradients, in [0, 1). @defaultValue 0.999 */
      readonly beta2?: number
      /** Added to the root of the squared gradients, > 0. @defaultValue 1e-8 */
      readonly epsilon?: number
      /** Divides by the largest mean of squared gradients so far. @defaultValue false */
      readonly amsgrad?: boolean
    }
  | {
      /** Touches only the rows of a table that have a gradient. */
      readonly name: 'lazy-adam'
      /** Decay of the mean of gradients, in [0, 1). @defaultValue 0.9 */
      readonly beta1?: number
      /** Decay of the mean of squared gradients, in [0, 1). @defaultValue 0.999 */
      readonly beta2?: number
      /** Added to the root of the squared gradients, > 0. @defaultValue 1e-8 */
      readonly epsilon?: number
    }
  | {
      readonly name: 'adagrad'
      /** Initial value of the sums of squared gradients, >= 0. @defaultValue 0 */
      readonly initialAccumulator?: number
      /** Added to the root of the sums, > 0. @defaultValue 1e-10 */
      readonly epsilon?: number
    }
  | {
      readonly name: 'sgd'
      /** Share of the last step that is added to the next, in [0, 1). @defaultValue 0 */
      readonly momentum?: number
      /** Looks ahead along the momentum. @defaultValue false */
      readonly nesterov?: boolean
    }

/** Settings of early stopping, which ends a training before its last epoch. */
export interface EarlyStoppingSettings {
  /** A validation metric as `evaluate` names it, for instance `'ndcg@10'`, or `'loss'`. */
  readonly metric: string
  /** Epochs (not evaluations) without improvement after which training ends, >= 1. */
  readonly patience: number
  /**
   * Improvement that counts, >= 0: a share of the best value so far, or `{ absolute }` in the
   * metric's own unit. @defaultValue 0
   */
  readonly minimumChange?: number | { readonly absolute: number }
}

/** Settings of a training: the half of a preset that a trainer applies. */
export interface TrainingSettings {
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
  readonly sampling: SamplingStrategy
  readonly negativesPerPositive?: number
  readonly negatives?: NegativeDistribution
  readonly optimizer?: OptimizerSettings
  /**
   * Weight decay by group of parameters, the first part of their names, coupled but for `'adamw'`;
   * tables of embeddings have none, see `l2Weight` of the models.
   */
  readonly weightDecay?: Readonly<Record<string, number>>
  readonly schedule?: ScheduleSettings
  /** Largest global norm of the gradient. @defaultValue no limit */
  readonly clipNorm?: number
  /** Largest size of a number of the gradient. @defaultValue no limit */
  readonly clipValue?: number
  /** Batches whose gradients make one step, an integer >= 1. @defaultValue 1 */
  readonly accumulateSteps?: number
  /** Epochs between evaluations on the validation part. */
  readonly evaluateEvery?: number
  readonly earlyStopping?: EarlyStoppingSettings
}

/** Settings of a model and of its training that go together. */
export interface Preset<ModelOptions> {
  readonly model: ModelOptions
  readonly training: TrainingSettings
}
