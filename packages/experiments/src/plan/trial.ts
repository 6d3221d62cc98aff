import { createHash } from 'node:crypto'
import type {
  BudgetSettings,
  DatasetEntry,
  ExperimentTraining,
  JsonValue,
  SplitSettings,
} from '../definition/experiment-definition.js'

/** A model with the settings of a trial. */
export interface TrialModel {
  readonly label: string
  readonly name: string
  readonly module?: string
  readonly options: Readonly<Record<string, JsonValue>>
  /** Null for a baseline. */
  readonly training: ExperimentTraining | null
}

/** A data set of a trial, and how it is cut. */
export interface TrialDataset extends Pick<DatasetEntry, 'dataset' | 'csv' | 'module' | 'filter'> {
  readonly label: string
  readonly split: SplitSettings
}

/** How a trial is judged. */
export interface TrialProtocol {
  readonly metrics: readonly string[]
  readonly selection: string
  readonly coldUsers: 'model' | 'popularity'
}

/** One training and its judgement; plain JSON, so that any process can run it. */
export interface Trial {
  /** Tells it from others, also of other experiments: names to read and a digest of all it depends on. */
  readonly id: string
  /** Name of its folder; rounds of one search share it, as each goes on where the last stopped. */
  readonly folder: string
  /** `'search'` is judged on validation alone. */
  readonly phase: 'search' | 'test'
  readonly model: TrialModel
  readonly dataset: TrialDataset
  /** Label of the setting; empty where there is one only. */
  readonly setting: string
  readonly seed: number
  readonly protocol: TrialProtocol
  /** Epoch after which a round of a search stops; absent: train to the end. */
  readonly untilEpoch?: number
  readonly limits: BudgetSettings
  /** What paths of modules and files are relative to. */
  readonly baseFolder: string
}

/** Gives a trial its name, from what its results depend on. */
export function withId(trial: Omit<Trial, 'id' | 'folder'>): Trial {
  const { phase, model, dataset, setting, seed, protocol, untilEpoch } = trial
  const { label: _model, ...modelSettings } = model
  const { label: _dataset, ...datasetSettings } = dataset
  const digest = createHash('sha256')
    .update(
      canonicalJson({ phase, model: modelSettings, dataset: datasetSettings, seed, protocol }),
    )
    .digest('hex')
    .slice(0, 10)
  const names = [dataset.label, model.label, ...(setting ? [setting] : []), `seed-${seed}`]
  const folder = `${names.map(slug).join('--')}--${digest}`
  const id = untilEpoch === undefined ? folder : `${folder}--until-${untilEpoch}`
  return { id, folder, ...trial }
}

/** What a folder may be called on any system. */
function slug(name: string): string {
  const plain = name.replace(/[^\p{L}\p{N}.]+/gu, '-').replace(/^[-.]+|[-.]+$/g, '')
  return [...plain].slice(0, 40).join('') || 'x'
}

/** The same text for the same value, in whatever order its keys were put. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
