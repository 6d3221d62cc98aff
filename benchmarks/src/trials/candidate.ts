import type { BipartiteGraph } from '@gnnrec/graph'
import { type GraphModel, models, type TrainingSettings } from '@gnnrec/models'

/** Names of all models that are trained. */
export const modelNames: readonly string[] = models.names({ isTrained: true })

/** A model with settings to try. */
export interface Candidate {
  /** Name of the model in the registry: `'light-gcn'`. */
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  readonly training: TrainingSettings
}

export function candidate(name: string, options: object, training: TrainingSettings): Candidate {
  return { name, options: { ...options }, training }
}

/** Returns a model with the settings of its preset. */
export function presetCandidate(name: string, preset: string): Candidate {
  const { model, training } = models.preset(name, preset)
  return candidate(name, model, training)
}

export function createModel(
  { name, options }: Candidate,
  graph: BipartiteGraph,
  seed: number,
): GraphModel {
  return models.createTrained(graph, { architecture: name, options: { ...options, seed } })
}

/** Returns what a table of settings has for a model, and names the table when it has nothing. */
export function settingsOf<Settings>(
  table: Readonly<Record<string, Settings>>,
  name: string,
  file: string,
): Settings {
  const found = table[name]
  if (found !== undefined) return found
  throw new Error(`${file} has no settings of ${name}; add some, or choose models by --model.`)
}

/** Returns the model that `--model` names, or all models. */
export function modelsNamed(name: string | undefined): readonly string[] {
  if (name === undefined) return modelNames
  if (modelNames.includes(name)) return [name]
  throw new Error(`--model: got '${name}'; expected one of ${modelNames.join(', ')}.`)
}
