import { LightGcn } from '../../src/index.js'
import { directedEdge, maskStream } from '../support/edge-mask.js'
import { describeFixtures } from '../support/fixture-suite.js'

describeFixtures({
  model: 'lightgcn',
  count: 12,
  terms: { bpr: 'bpr', regularisation: 'l2' },
  create(graph, { params }) {
    const layerWeights = params['layerWeights'] as number[] | undefined
    const kept = params['keptDirectedNonzeros'] as [number, number][] | undefined
    const model = new LightGcn(graph, {
      embeddingDim: params['dim'] as number,
      layers: params['layers'] as number,
      l2Weight: params['decay'] as number,
      ...(layerWeights && { layerWeights }),
      ...(kept && { edgeDropout: 1 - (params['keepProb'] as number) }),
    })
    if (kept) {
      const names = kept.map(([row, column]) => directedEdge(row, column))
      model.beginEpoch(0, maskStream(graph, new Set(names)))
    }
    return model
  },
})
