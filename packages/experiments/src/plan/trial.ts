import { createHash } from 'node:crypto'
import type {
  BudgetSettings,
  DatasetEntry,
  ExperimentTraining,
  JsonValue,
  SplitSettings,
} from '../definition/experiment-definition.js'

/** The model of a trial. */
interface TrialModel {
  /** Name in tables. */
  readonly label: string
  /** Name of a known model, or of an export of the module. */
  readonly name: string
  /** Path or package of a module of your own. */
  readonly module?: string
  /** Options of the model, without the seed. */
  readonly options: Readonly<Record<string, JsonValue>>
  /** Training settings; null for a baseline. */
  readonly training: ExperimentTraining | null
}

/** The data set of a trial and its split. */
export interface TrialDataset
  extends Pick<DatasetEntry, 'dataset' | 'csv' | 'module' | 'savedSplit' | 'filter' | 'weights'> {
  /** Name in tables. */
  readonly label: string
  /** The split of the data set, unless it comes with one. */
  readonly split: SplitSettings
}

/** The identity of what a trial reads besides its settings. */
export interface TrialInputs {
  /** Hash of the split, which covers the content of the data. */
  readonly splitHash: string
  /** Digest of the files of the model's module; absent for a known model. */
  readonly moduleDigest?: string
  /** Version of this library. */
  readonly libraryVersion: string
}

/** The protocol that judges a trial. */
export interface TrialProtocol {
  /** Metrics on the test part. */
  readonly metrics: readonly string[]
  /** A validation metric, `'loss'` or `'last-epoch'`. */
  readonly selection: string
  /** Further metrics on the validation part, which a search compares. */
  readonly validated?: readonly string[]
  /**
   * True when a trial of a search is judged on the validation part by all metrics, with the values of every user, and
   * the cost of answering is measured.
   */
  readonly reportsValidation?: boolean
  /** The recommender for users without training interactions. */
  readonly coldUsers: 'model' | 'popularity'
}

/** One training and its evaluation, as plain JSON that any process can run. */
export interface Trial {
  /** Unique name, also among other experiments: readable names and a digest of all that results depend on. */
  readonly id: string
  /** Name of its folder. The rounds of a search share it, as each continues the one before. */
  readonly folder: string
  /** The phase: trials of a `'search'` are judged on the validation part alone. */
  readonly phase: 'search' | 'test'
  /** The model. */
  readonly model: TrialModel
  /** The data set. */
  readonly dataset: TrialDataset
  /** The identity of the data, the module and the library. */
  readonly inputs: TrialInputs
  /** Label of the setting; empty when the model has only one. */
  readonly setting: string
  /** Seed of the model and its training. */
  readonly seed: number
  /** The protocol that judges the trial. */
  readonly protocol: TrialProtocol
  /** Epoch after which a round of a search stops; absent when the trial trains to the end. */
  readonly untilEpoch?: number
  /** Limits of time, memory and epochs. */
  readonly limits: BudgetSettings
  /** Folder that paths of modules and files are relative to. */
  readonly baseFolder: string
}

/** Returns true when a trial of a search trains to its end and reports on the validation part. */
export function reportsValidation({ protocol, untilEpoch }: Trial): boolean {
  return protocol.reportsValidation === true && untilEpoch === undefined
}

/** Returns true when the model of a trial is judged as a whole, so that it can be saved. */
export function isFinal(trial: Trial): boolean {
  return trial.phase === 'test' || reportsValidation(trial)
}

/**
 * Names a trial by its labels and all that its results depend on. Labels are a part of the digest, too,
 * because a folder cannot spell all of their letters.
 */
export function withId(trial: Omit<Trial, 'id' | 'folder'>): Trial {
  const { phase, model, dataset, inputs, setting, seed, protocol, untilEpoch } = trial
  const digest = createHash('sha256')
    .update(canonicalJson({ phase, model, dataset, inputs, setting, seed, protocol }))
    .digest('hex')
    .slice(0, 10)
  const names = [dataset.label, model.label, ...(setting ? [setting] : []), `seed-${seed}`]
  const folder = `${names.map(slug).join('--')}--${digest}`
  const id = untilEpoch === undefined ? folder : `${folder}--until-${untilEpoch}`
  return { id, folder, ...trial }
}

/** Number of characters of a name that are looked at for a folder. */
const longestName = 1000
/** Number of bytes of a name that a folder keeps. Systems allow 255 for all names together. */
const keptBytes = 40

/** Turns a name into one that a folder may have on any system. */
export function slug(name: string): string {
  const plain = name
    .slice(0, longestName)
    .replace(/[^\p{L}\p{N}.]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
  let kept = ''
  for (const letter of plain) {
    if (Buffer.byteLength(kept + letter) > keptBytes) break
    kept += letter
  }
  return kept || 'x'
}

/** Encodes a value as JSON with sorted keys, so that equal values give the same text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
