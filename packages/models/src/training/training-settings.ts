import type { NegativeDistribution, SamplingStrategy } from '@gnnrec/graph'

/** A learning-rate schedule as data; `@gnnrec/train` makes the function of it. */
export type ScheduleSettings =
  | { readonly name: 'constant' }
  | {
      readonly name: 'warmup-cosine'
      /** Epochs of linear warm-up, an integer >= 0. */
      readonly warmupEpochs: number
      /** Last rate as a share of the base rate, in [0, 1]. */
      readonly finalFraction: number
    }

/** An optimiser as data; `@gnnrec/train` makes it. */
export type OptimizerSettings =
  | {
      readonly name: 'adam'
      /** Decay of the mean of gradients, in [0, 1). @defaultValue 0.9 */
      readonly beta1?: number
      /** Decay of the mean of squared gradients, in [0, 1). @defaultValue 0.999 */
      readonly beta2?: number
      /** Added to the root of the squared gradients, > 0. @defaultValue 1e-8 */
      readonly epsilon?: number
    }
  | { readonly name: 'sgd' }

/** When to stop before the last epoch; see `EarlyStopping` of `@gnnrec/train`. */
export interface EarlyStoppingSettings {
  /** A metric as `evaluate` names it, for instance `'ndcg@10'`. */
  readonly metric: string
  /** Epochs (not evaluations) without improvement after which training ends, >= 1. */
  readonly patience: number
  /**
   * Improvement that counts, >= 0: a share of the best value so far, or `{ absolute }` in the
   * metric's own unit. @defaultValue 0
   */
  readonly minimumChange?: number | { readonly absolute: number }
}

/** How a model is trained: the half of a preset that a trainer applies. */
export interface TrainingSettings {
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
  readonly sampling: SamplingStrategy
  readonly negativesPerPositive?: number
  readonly negatives?: NegativeDistribution
  readonly optimizer?: OptimizerSettings
  /**
   * Coupled weight decay by group of parameters, the first part of their names; tables of embeddings
   * have none, see `l2Weight` of the models.
   */
  readonly weightDecay?: Readonly<Record<string, number>>
  readonly schedule?: ScheduleSettings
  /** Largest global norm of the gradient; none by default. */
  readonly clipNorm?: number
  /** Epochs between evaluations on the validation part. */
  readonly evaluateEvery?: number
  readonly earlyStopping?: EarlyStoppingSettings
}

/** Settings of a model and of its training that go together. */
export interface Preset<ModelOptions> {
  readonly model: ModelOptions
  readonly training: TrainingSettings
}
