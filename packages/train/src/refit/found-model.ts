import type { ModelClass, TrainingSettings } from '@gnnrec/models'

/** A model with the settings that validation has found, such as `chosen` of a choice of `@gnnrec/experiments`. */
export interface FoundModel {
  /** The name of a model of the registry (`'light-gcn'`), or a class of your own. */
  readonly model: string | ModelClass
  /** Options of the model. @defaultValue those of the class */
  readonly options?: Readonly<Record<string, unknown>> | undefined
  /**
   * Settings of the training, those of `TrainerOptions` that belong to a model, as presets have them; null for a model
   * that is computed.
   *
   * @defaultValue those of `Trainer`
   */
  readonly training?:
    | Readonly<Record<string, unknown>>
    | Partial<TrainingSettings>
    | null
    | undefined
  /**
   * Epoch whose weights were the best on validation, an integer >= 0; 0 leaves the model as it starts.
   *
   * @defaultValue the last one of `training`
   */
  readonly bestEpoch?: number | undefined
  /** Seed of the model and its training. @defaultValue 0 */
  readonly seed?: number | undefined
}
