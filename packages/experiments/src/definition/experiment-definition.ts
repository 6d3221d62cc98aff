import type { CsvOptions, RandomSplitOptions } from '@gnnrec/data'
import type { TrainingSettings } from '@gnnrec/models'
import type { GraphSamplingSettings, GuardSettings } from '@gnnrec/train'

/** A value that JSON and YAML can express. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/** Name of a data set that experiments know without a file or module. */
type KnownDataset =
  | 'movietweetings'
  | 'ml-latest-small'
  | 'ml-100k'
  | 'ml-1m'
  | 'book-crossing'
  | 'gowalla'

/** A variant of a model: options and training settings that belong together. */
export interface ModelSetting {
  /** Name in tables. */
  readonly label: string
  /** Options of the model, over those of the entry. @defaultValue none */
  readonly options?: Readonly<Record<string, JsonValue>>
  /** Training settings, over all others. @defaultValue none */
  readonly training?: ExperimentTraining
}

/** Values that a search chooses from: a list, or a range of numbers. */
type SearchValues =
  | readonly JsonValue[]
  | {
      /** The smallest value. */
      readonly min: number
      /** The largest value, above `min`. */
      readonly max: number
      /** The scale to draw on: `'log'`, for `min` > 0, draws the logarithm evenly. @defaultValue 'linear' */
      readonly scale?: 'linear' | 'log'
      /** True to draw integers only. @defaultValue false */
      readonly integer?: boolean
    }

/** Training settings, all of them optional; see `TrainerOptions` of `@gnnrec/train`. */
export interface ExperimentTraining extends Partial<TrainingSettings> {
  /** The sampling of the part of the graph that each step propagates over. @defaultValue the whole graph */
  readonly graphSampling?: GraphSamplingSettings
  /**
   * True to draw samples of the graph on a second thread. Results do not depend on it.
   *
   * @defaultValue false
   */
  readonly sampleAhead?: boolean
  /** Levels of the guards, or false for none; a guard at `'stop'` fails the trial. @defaultValue all are on */
  readonly guards?: false | GuardSettings
}

/** The values that a search tries for a model. */
interface SearchSpace {
  /** Values of options of the model, by name. */
  readonly options?: Readonly<Record<string, SearchValues>>
  /** Values of training settings, by name. */
  readonly training?: Readonly<Record<string, SearchValues>>
}

/** A model of an experiment, with its options and training settings. */
export interface ModelEntry {
  /** Name of a known model, or with `module` the name of an export there. */
  readonly model: string
  /** Name in tables. @defaultValue the name of the model */
  readonly label?: string
  /**
   * Path or package that exports a class of your own, a `GraphModel` with the name `model`. A path is
   * relative to the experiment's file, or to the working folder.
   *
   * @defaultValue none
   */
  readonly module?: string
  /** Name of a preset of the model, such as `'paper'` or `'paper.yelp'`. @defaultValue none */
  readonly preset?: string
  /** Options of the model, which override the preset's; the seed comes from `seeds`. @defaultValue none */
  readonly options?: Readonly<Record<string, JsonValue>>
  /** Training settings, which override the preset's and the experiment's. @defaultValue none */
  readonly training?: ExperimentTraining
  /** Variants, each of which is a row of the table. @defaultValue the entry as it stands */
  readonly settings?: readonly ModelSetting[]
  /** Values that the experiment's `search` tries; not together with `settings`. @defaultValue none */
  readonly search?: SearchSpace
  /** Labels of the data sets that the entry is for. @defaultValue all */
  readonly datasets?: readonly string[]
}

/** The method that splits interactions into training, validation and test part. */
export type SplitSettings =
  | {
      /** Splits by `temporalSplit` of `@gnnrec/data`. */
      readonly method: 'temporal'
      readonly scope?: 'user' | 'global'
      readonly ratios?: RandomSplitOptions['ratios']
      readonly rounding?: RandomSplitOptions['rounding']
    }
  | {
      /** Splits by `randomSplit` of `@gnnrec/data`. */
      readonly method: 'random'
      readonly scope?: 'user' | 'global'
      readonly ratios?: RandomSplitOptions['ratios']
      readonly rounding?: RandomSplitOptions['rounding']
      readonly seed?: number
    }
  | {
      /** Splits by `leaveLastOut` of `@gnnrec/data`. */
      readonly method: 'leave-last-out'
    }

/** Filter of interactions. Of several rows with the same user and item only the first stays, always. */
interface FilterSettings {
  /** The lowest rating that stays. @defaultValue all ratings stay */
  readonly minRating?: number
  /** Least number of interactions of a user, an integer >= 1. @defaultValue 1 */
  readonly minPerUser?: number
  /** Least number of interactions of an item, an integer >= 1. @defaultValue 1 */
  readonly minPerItem?: number
  /** True to repeat until all users and items that are left have enough (the k-core). @defaultValue true */
  readonly iterate?: boolean
}

/** A CSV file of interactions; see `readCsv` of `@gnnrec/data`. */
interface CsvDataset extends Omit<CsvOptions, 'signal'> {
  /** Path of the file, relative to the experiment's file or to the working folder. */
  readonly file: string
}

/** A data set of an experiment: a known one, a file, a saved split, or one that a module loads. */
export interface DatasetEntry {
  /** Name of a known data set; with `csv`, `module` or `savedSplit` a name of your own. */
  readonly dataset: KnownDataset | (string & {})
  /** Name in tables. @defaultValue the name of the data set */
  readonly label?: string
  /** A file to read. @defaultValue none */
  readonly csv?: CsvDataset
  /**
   * Path or package whose export `loadDataset()` resolves to `{ interactions }` or `{ split }`.
   *
   * @defaultValue none
   */
  readonly module?: string
  /**
   * Folder of a split that `saveSplit` of `@gnnrec/data` saved, relative to the experiment's file or to the working
   * folder. The split stays as it is.
   *
   * @defaultValue none
   */
  readonly savedSplit?: string
  /** Filter of interactions. @defaultValue all stay, each pair once */
  readonly filter?: FilterSettings
  /**
   * The weights of the edges of the graph, as in `BipartiteGraph.fromInteractions` of `@gnnrec/graph`. Unless they are
   * `'none'`, a pair has the sum of the weights of its rows, or their number without weights.
   *
   * @defaultValue 'none', with a warning for interactions that have weights
   */
  readonly weights?: 'none' | 'counts' | 'log'
  /** The split of this data set. @defaultValue the protocol's split */
  readonly split?: SplitSettings
  /** The selection for this data set. @defaultValue the protocol's selection */
  readonly selection?: string
  /** Training settings for this data set, which override those of the models. @defaultValue none */
  readonly training?: ExperimentTraining
  /** Seeds of the trials on this data set. @defaultValue those of the experiment */
  readonly seeds?: readonly number[]
  /**
   * Number of epochs of the first round of a successive halving on this data set, an integer >= 1.
   *
   * @defaultValue that of the search
   */
  readonly firstEpochs?: number
}

/** The protocol that all trials of an experiment share, so that they can be compared. */
interface ProtocolSettings {
  /**
   * The split of the data sets. `book-crossing` and `gowalla` come with a split and keep it.
   *
   * @defaultValue { method: 'temporal', scope: 'user', ratios: [0.7, 0.1, 0.2] }
   */
  readonly split?: SplitSettings
  /** Metrics on the test part, such as `'recall@20'`; see `evaluate` of `@gnnrec/eval`. */
  readonly metrics: readonly string[]
  /**
   * The choice of the epoch, and of the settings in a search: by a validation metric, which replaces
   * `earlyStopping.metric`; by `'loss'`, the training loss; or `'last-epoch'`, which trains all epochs
   * without early stopping.
   */
  readonly selection: string
  /**
   * The scores for users without training interactions: the model's, from their untrained embeddings, or
   * popularity, which is what recommenders answer with.
   *
   * @defaultValue 'model'
   */
  readonly coldUsers?: 'model' | 'popularity'
}

/**
 * A second choice of each search: the best setting among those that keep a share of another metric, such as coverage.
 * Where it is not the best of all, both are trained with all seeds and judged on the test part.
 */
interface SecondChoice {
  /** Metric on the validation part to keep, such as `'coverage@10'`. */
  readonly metric: string
  /** Smallest share of the value of the model `of`, > 0: 0.8 keeps four fifths. */
  readonly share: number
  /** Label of a model with a search on every data set, whose best setting has the value to keep. */
  readonly of: string
}

/** The method that searches settings for each model with a `search`, on the validation part of each data set. */
export type SearchSettings = {
  /** A second choice for each model but `of`. @defaultValue none */
  readonly keep?: SecondChoice
} & (
  | {
      /** Tries every combination of the lists. */
      readonly method: 'grid'
      /** Seed of the trials. @defaultValue the first of `seeds` */
      readonly trialSeed?: number
    }
  | {
      /** Tries combinations that are drawn at random, each once. */
      readonly method: 'random'
      /** Number of combinations, an integer >= 1. */
      readonly trials: number
      /** Seed of the draws. @defaultValue 0 */
      readonly seed?: number
      readonly trialSeed?: number
    }
  | {
      /**
       * Draws as `'random'` does and trains all combinations for a few epochs. The best `1 / factor` of
       * them are trained on for `factor` times as many epochs, and so on until all epochs are trained.
       */
      readonly method: 'successive-halving'
      readonly trials: number
      /** Number of epochs of the first round, an integer >= 1. */
      readonly firstEpochs: number
      /** Factor between rounds, an integer >= 2. @defaultValue 3 */
      readonly factor?: number
      readonly seed?: number
      readonly trialSeed?: number
    }
)

/** Limits of each trial. */
export interface BudgetSettings {
  /** Most epochs of a training, an integer >= 1. @defaultValue the epochs of the training settings */
  readonly epochs?: number
  /** Seconds after which a trial is ended and recorded as failed, > 0. @defaultValue no limit */
  readonly secondsPerTrial?: number
  /**
   * Megabytes of memory above which a trial's process is ended and recorded as failed, > 0.
   *
   * @defaultValue no limit
   */
  readonly megabytesPerTrial?: number
}

/** An experiment as plain data: models × data sets × seeds × settings, and the protocol that judges them. */
export interface ExperimentDefinition {
  /** Name of the experiment, for reports. */
  readonly name: string
  /** The models, at least one. */
  readonly models: readonly ModelEntry[]
  /** The data sets, at least one. */
  readonly datasets: readonly DatasetEntry[]
  /** Seeds of models and training; every model has a trial with each. @defaultValue [0] */
  readonly seeds?: readonly number[]
  /** The protocol that judges all trials. */
  readonly protocol: ProtocolSettings
  /** Training settings of all models, which override those of their presets. @defaultValue none */
  readonly training?: ExperimentTraining
  /** Limits of each trial. @defaultValue no limits */
  readonly budget?: BudgetSettings
  /** The search of settings. @defaultValue no search */
  readonly search?: SearchSettings
}
