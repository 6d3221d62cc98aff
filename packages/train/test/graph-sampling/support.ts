import type { GraphSamplingSettings } from '../../src/index.js'

/** One of each kind, for a model of two layers. */
export const methods: readonly GraphSamplingSettings[] = [
  { method: 'neighbours', fanOuts: [3, 2] },
  { method: 'layers', layerSizes: [40, 30] },
  { method: 'walk-neighbours', neighbours: [4, 3], walks: 8 },
  { method: 'clusters', clusters: 5, clustersPerStep: 2 },
  { method: 'walk-subgraphs', roots: 60 },
]
