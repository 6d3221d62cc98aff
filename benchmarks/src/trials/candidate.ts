import type { BipartiteGraph } from '@gnnrec/graph'
import {
  BprMf,
  Dgr,
  Gcnii,
  type GraphModel,
  type GraphModelClass,
  GroupShuffle,
  LayerGcn,
  LightGcn,
  SvdGcn,
  type TrainingSettings,
} from '@gnnrec/models'

const classes = { BprMf, LightGcn, Gcnii, Dgr, SvdGcn, LayerGcn, GroupShuffle }

/** Name of one of the seven models, as its class is called. */
export type ModelName = keyof typeof classes

export const modelNames = Object.keys(classes) as readonly ModelName[]

/** Options of a model's class. */
export type ModelOptions<Name extends ModelName> = NonNullable<
  ConstructorParameters<(typeof classes)[Name]>[1]
>

/** A model with settings to try. */
export interface Candidate<Name extends ModelName = ModelName> {
  readonly name: Name
  readonly options: Readonly<Record<string, unknown>>
  readonly training: TrainingSettings
}

export function candidate<Name extends ModelName>(
  name: Name,
  options: ModelOptions<Name>,
  training: TrainingSettings,
): Candidate<Name> {
  return { name, options: { ...options }, training }
}

export function createModel(
  { name, options }: Candidate,
  graph: BipartiteGraph,
  seed: number,
): GraphModel {
  const Model: GraphModelClass<GraphModel> = classes[name]
  return new Model(graph, { ...options, seed } as never)
}

/** Returns the model that `--model` names, or all models. */
export function modelsNamed(name: string | undefined): readonly ModelName[] {
  if (name === undefined) return modelNames
  const found = modelNames.filter((each) => each === name)
  if (found.length > 0) return found
  throw new Error(`--model: got '${name}'; expected one of ${modelNames.join(', ')}.`)
}
