import type { BipartiteGraph } from '@gnnrec/graph'
import {
  BprMf,
  Dgr,
  Ease,
  Gcnii,
  type GraphModel,
  type GraphModelClass,
  GroupShuffle,
  ItemKnn,
  LayerGcn,
  LightGcn,
  Popularity,
  type PresetModel,
  Random,
  SvdGcn,
} from '@gnnrec/models'
import type { Recommender } from '@gnnrec/serving'

/** A class of models, and the name of its presets. */
interface TrainedModel {
  readonly modelClass: GraphModelClass<GraphModel>
  readonly presets: PresetModel
}

/** What is fitted in one go; it takes no training settings. */
interface Baseline {
  fit(
    graph: BipartiteGraph,
    options: Readonly<Record<string, unknown>>,
  ): Recommender | Promise<Recommender>
  /** Whether its lists depend on a seed. */
  readonly hasSeed: boolean
}

/** The models by their names in experiments. */
export const trainedModels: Readonly<Record<string, TrainedModel>> = {
  'bpr-mf': { modelClass: BprMf, presets: 'bprMf' },
  'light-gcn': { modelClass: LightGcn, presets: 'lightGcn' },
  gcnii: { modelClass: Gcnii, presets: 'gcnii' },
  dgr: { modelClass: Dgr, presets: 'dgr' },
  'svd-gcn': { modelClass: SvdGcn, presets: 'svdGcn' },
  'layer-gcn': { modelClass: LayerGcn, presets: 'layerGcn' },
  'group-shuffle': { modelClass: GroupShuffle, presets: 'groupShuffle' },
}

/** The baselines by their names in experiments. */
export const baselines: Readonly<Record<string, Baseline>> = {
  popularity: { fit: (graph, options) => Popularity.fit(graph, options), hasSeed: false },
  random: { fit: (graph, options) => Random.fit(graph, options), hasSeed: true },
  'item-knn': { fit: (graph, options) => ItemKnn.fit(graph, options), hasSeed: false },
  ease: { fit: (graph, options) => Ease.fit(graph, options), hasSeed: false },
}

export function isBaseline(model: string, module: string | undefined): boolean {
  return module === undefined && Object.hasOwn(baselines, model)
}
