import { LayerGcn } from '../../src/layer-gcn/layer-gcn.js'
import { describeFixtures } from '../support/fixture-suite.js'
import type { Edge } from '../support/graphs.js'
import { keptEdgesStream } from '../support/reference-layer-gcn.js'

describeFixtures({
  model: 'layergcn',
  count: 6,
  terms: { bpr: 'bpr', regularisation: 'l2' },
  create(graph, { params }) {
    const kept = params['keptEdges'] as Edge[] | undefined
    const model = new LayerGcn(graph, {
      embeddingDim: params['dim'] as number,
      layers: params['layers'] as number,
      l2Weight: params['regWeight'] as number,
      edgePruning: kept ? (params['dropout'] as number) : 0,
    })
    if (kept) model.beginEpoch(0, keptEdgesStream(graph, kept))
    return model
  },
})
