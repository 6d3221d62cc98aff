import type { CsvOptions, RandomSplitOptions } from '@gnnrec/data'
import type { TrainingSettings } from '@gnnrec/models'
import type { GraphSamplingSettings, GuardSettings } from '@gnnrec/train'

/** A value that JSON and YAML can say. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/** Names of the data sets that experiments know without a file or module. */
export type KnownDataset =
  | 'movietweetings'
  | 'ml-latest-small'
  | 'ml-100k'
  | 'ml-1m'
  | 'book-crossing'
  | 'gowalla'

/** Options of a model and changes of its training that belong together. */
export interface ModelSetting {
  /** Name in tables. */
  readonly label: string
  /** Options of the model, over those of the entry. @defaultValue none */
  readonly options?: Readonly<Record<string, JsonValue>>
  /** Training settings, over all others. @defaultValue none */
  readonly training?: ExperimentTraining
}

/** Values that a search may choose: some of a list, or numbers from a range. */
export type SearchValues =
  | readonly JsonValue[]
  | {
      readonly min: number
      /** Above `min`. */
      readonly max: number
      /** `'log'` draws the logarithm evenly, for `min` > 0. @defaultValue 'linear' */
      readonly scale?: 'linear' | 'log'
      /** Whether only integers count. @defaultValue false */
      readonly integer?: boolean
    }

/** Training settings, each of which may be left out; see `TrainerOptions` of `@gnnrec/train`. */
export interface ExperimentTraining extends Partial<TrainingSettings> {
  /** The part of the graph that each step propagates over. @defaultValue the whole graph */
  readonly graphSampling?: GraphSamplingSettings
  /**
   * Draws samples of the graph on a thread of its own, to the same bytes: a second one for each of the
   * trials that run at a time. @defaultValue false
   */
  readonly sampleAhead?: boolean
  /** Levels of the guards, or false; at `'stop'` a trial fails. @defaultValue all are on */
  readonly guards?: false | GuardSettings
}

/** What a search tries for a model, by the names of options and of training settings. */
export interface SearchSpace {
  readonly options?: Readonly<Record<string, SearchValues>>
  readonly training?: Readonly<Record<string, SearchValues>>
}

/** A model of an experiment, with its settings. */
export interface ModelEntry {
  /** A known name, or with `module` the name of its export. */
  readonly model: string
  /** Name in tables. @defaultValue the model's */
  readonly label?: string
  /**
   * Path (relative to the experiment's file or else to the working folder) or package that exports a
   * class of your own: a `GraphModel` called as `model` says. @defaultValue none
   */
  readonly module?: string
  /** Name of a preset of the model, such as `'paper'` or `'paper.yelp'`. @defaultValue none */
  readonly preset?: string
  /** Options of the model, over those of the preset; the seed comes from `seeds`. @defaultValue none */
  readonly options?: Readonly<Record<string, JsonValue>>
  /** Training settings, over those of the preset and of the experiment. @defaultValue none */
  readonly training?: ExperimentTraining
  /** Variants, each of which is a row of the table. @defaultValue the entry as it stands */
  readonly settings?: readonly ModelSetting[]
  /** What the experiment's `search` tries; not together with `settings`. @defaultValue nothing */
  readonly search?: SearchSpace
  /** Labels of the data sets that the entry is for. @defaultValue all */
  readonly datasets?: readonly string[]
}

/** How interactions are cut into train, validation and test. */
export type SplitSettings =
  | {
      /** `temporalSplit` of `@gnnrec/data`. */
      readonly method: 'temporal'
      readonly scope?: 'user' | 'global'
      readonly ratios?: RandomSplitOptions['ratios']
      readonly rounding?: RandomSplitOptions['rounding']
    }
  | {
      /** `randomSplit` of `@gnnrec/data`. */
      readonly method: 'random'
      readonly scope?: 'user' | 'global'
      readonly ratios?: RandomSplitOptions['ratios']
      readonly rounding?: RandomSplitOptions['rounding']
      readonly seed?: number
    }
  | {
      /** `leaveLastOut` of `@gnnrec/data`. */
      readonly method: 'leave-last-out'
    }

/** Which interactions stay. Of a pair that comes again only the first row stays, always. */
export interface FilterSettings {
  /** The lowest rating that stays. @defaultValue all stay */
  readonly minRating?: number
  /** Interactions that a user must have, an integer >= 1. @defaultValue 1 */
  readonly minPerUser?: number
  /** Interactions that an item must have, an integer >= 1. @defaultValue 1 */
  readonly minPerItem?: number
  /** Whether to repeat until all that are left have enough (the k-core). @defaultValue true */
  readonly iterate?: boolean
}

/** A file of interactions as a data set; see `readCsv` of `@gnnrec/data`. */
export interface CsvDataset extends Omit<CsvOptions, 'signal'> {
  /** Path, relative to the experiment's file or else to the working folder. */
  readonly file: string
}

/** A data set of an experiment: one known by name, a file, or what a module gives. */
export interface DatasetEntry {
  /** A known name; with `csv` or `module` a name of your own. */
  readonly dataset: KnownDataset | (string & {})
  /** Name in tables. @defaultValue the data set's */
  readonly label?: string
  /** A file to read. @defaultValue none */
  readonly csv?: CsvDataset
  /**
   * Path or package whose export `loadDataset()` resolves to `{ interactions }` or `{ split }`.
   *
   * @defaultValue none
   */
  readonly module?: string
  /** Which interactions stay. @defaultValue all, each pair once */
  readonly filter?: FilterSettings
  /** How to cut it, in place of the protocol's `split`. @defaultValue the protocol's */
  readonly split?: SplitSettings
  /** In place of the protocol's `selection`. @defaultValue the protocol's */
  readonly selection?: string
  /** Training settings for this data set, over those of the models. @defaultValue none */
  readonly training?: ExperimentTraining
}

/** What all trials of an experiment have in common, so that they can be compared. */
export interface ProtocolSettings {
  /**
   * How to cut data sets. Those that come with a split (`book-crossing`, `gowalla`) keep theirs.
   *
   * @defaultValue { method: 'temporal', scope: 'user', ratios: [0.7, 0.1, 0.2] }
   */
  readonly split?: SplitSettings
  /** What to compute on the test part, such as `'recall@20'`; see `evaluate` of `@gnnrec/eval`. */
  readonly metrics: readonly string[]
  /**
   * What chooses the epoch, and the settings in a search: a validation metric, which takes the place of
   * `earlyStopping.metric`; `'loss'`, the training loss; or `'last-epoch'`, which trains all epochs
   * without early stopping.
   */
  readonly selection: string
  /**
   * Who answers users without a row in train: the model with what it started from, or Popularity.
   *
   * @defaultValue 'model'
   */
  readonly coldUsers?: 'model' | 'popularity'
}

/** How settings are searched: each model's `search` on each data set, on validation, before the test. */
export type SearchSettings =
  | {
      /** Every combination of the lists. */
      readonly method: 'grid'
      /** Seed of the trials. @defaultValue the first of `seeds` */
      readonly trialSeed?: number
    }
  | {
      /** Combinations drawn at random, each once. */
      readonly method: 'random'
      /** How many, an integer >= 1. */
      readonly trials: number
      /** Seed of the draws. @defaultValue 0 */
      readonly seed?: number
      readonly trialSeed?: number
    }
  | {
      /**
       * Draws as `'random'` does, trains all for a few epochs and goes on with the best `1 / factor` of
       * them, from where they stopped, for `factor` times as many epochs, until all epochs are trained.
       */
      readonly method: 'successive-halving'
      readonly trials: number
      /** Epochs of the first round, an integer >= 1. */
      readonly firstEpochs: number
      /** An integer >= 2. @defaultValue 3 */
      readonly factor?: number
      readonly seed?: number
      readonly trialSeed?: number
    }

/** What a trial may take. */
export interface BudgetSettings {
  /** No model trains longer, an integer >= 1. @defaultValue what the training settings say */
  readonly epochs?: number
  /** After so many seconds a trial is ended and recorded as failed, > 0. @defaultValue never */
  readonly secondsPerTrial?: number
  /**
   * A trial whose process takes more memory than so many megabytes is ended and recorded as failed, > 0.
   *
   * @defaultValue what the machine has
   */
  readonly megabytesPerTrial?: number
}

/** Models × data sets × seeds × settings, and how they are judged; plain data. */
export interface ExperimentDefinition {
  /** Name, for reports. */
  readonly name: string
  readonly models: readonly ModelEntry[]
  readonly datasets: readonly DatasetEntry[]
  /** Seeds of models and training, each a trial of every model. @defaultValue [0] */
  readonly seeds?: readonly number[]
  readonly protocol: ProtocolSettings
  /** Training settings of all models, over those of their presets. @defaultValue none */
  readonly training?: ExperimentTraining
  readonly budget?: BudgetSettings
  /** @defaultValue settings are taken as they stand */
  readonly search?: SearchSettings
}
