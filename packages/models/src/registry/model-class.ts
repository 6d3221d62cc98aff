import type { BipartiteGraph, Id } from '@gnnrec/graph'
import type { ModelTarget, Recommender } from '@gnnrec/serving'
import type { $ZodType } from 'zod/v4/core'
import type { LossSettings } from '../losses/loss-settings.js'
import type { PrepareOptions } from '../model-contract.js'
import type { PresetTree } from '../training/preset-tree.js'

/**
 * A model of a graph, from its making to the recommender that it becomes. Graph models and baselines are
 * made by `new`, computed by {@link prepare} and asked for their recommender alike; graph models that
 * train go through a `Trainer` in between.
 */
export interface RecommenderModel<User extends Id = Id, Item extends Id = Id> {
  /** Name of the class as strings spell it: `'light-gcn'`. */
  readonly architecture: string
  readonly graph: BipartiteGraph<User, Item>
  /** The options in full, defaults included; JSON values. */
  readonly options: Readonly<Record<string, unknown>>
  /** Hash of the split whose training part the graph is made of; a trainer sets it. */
  splitHash: string | null
  /** Computes what the model needs once from its graph; of a baseline, everything. */
  prepare(options?: PrepareOptions): Promise<void>
  /** Returns the model as it stands, frozen; it is prepared first. */
  toRecommender(): Promise<Recommender<User, Item>>
  /** Saves the model, so that `Recommender.load` can answer from it. */
  save(target: ModelTarget): Promise<void>
  /** Frees what the model holds; a graph that it was given stays. */
  dispose(): void
}

/** The abilities of a model class, with some of its options at least. */
export interface ModelCapabilities {
  /** True when a `Trainer` trains the model; false for baselines, which compute. */
  readonly isTrained: boolean
  /** True when the result depends on the option `seed`. */
  readonly isSeeded: boolean
  /** Names that the option `loss` takes. */
  readonly losses: readonly LossSettings['name'][]
  /** True when the model can train on samples of the graph (`graphSampling` of `Trainer`). */
  readonly sampledGraphs: boolean
  /** True when `@gnnrec/out-of-core` can train the model in files. */
  readonly files: boolean
  /** True when the weights of a graph change the result. Models of other classes say once that they do not. */
  readonly usesWeights: boolean
}

/** A class of models: a name, what is known about it, and a constructor from a graph and options. */
export interface ModelClass<Model extends RecommenderModel = RecommenderModel> {
  /** Name under which models are saved and asked for: that of the class in kebab case. */
  readonly architecture: string
  readonly capabilities: ModelCapabilities
  /** The zod schema of the options, if the class has one. */
  readonly optionsSchema?: $ZodType | undefined
  /** Settings that go together, by name. */
  readonly presets: PresetTree
  new (graph: BipartiteGraph, options: never): Model
}
