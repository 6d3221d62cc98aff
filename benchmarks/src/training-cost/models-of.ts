import type { BipartiteGraph } from '@gnnrec/graph'
import {
  BprMf,
  Dgr,
  Gcnii,
  type GraphModel,
  GroupShuffle,
  LayerGcn,
  LightGcn,
} from '@gnnrec/models'

/** Makes the models whose steps are timed. */
export function modelsOf(graph: BipartiteGraph, seed: number): Record<string, () => GraphModel> {
  return {
    'BPR-MF': () => new BprMf(graph, { seed }),
    'LightGCN-3': () => new LightGcn(graph, { ...LightGcn.presets.paper.model, layers: 3, seed }),
    "LightGCN-3, preset 'fast'": () =>
      new LightGcn(graph, { ...LightGcn.presets.fast.model, seed }),
    'GCNII-4': () => new Gcnii(graph, { layers: 4, seed }),
    'DGR-3': () => new Dgr(graph, { layers: 3, seed }),
    'LayerGCN-4': () => new LayerGcn(graph, { layers: 4, seed }),
    'GroupShuffle-3': () => new GroupShuffle(graph, { layers: 3, seed }),
  }
}
