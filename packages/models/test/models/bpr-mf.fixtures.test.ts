import { BprMf } from '../../src/index.js'
import { describeFixtures } from '../support/fixture-suite.js'

describeFixtures({
  model: 'bpr-mf',
  count: 5,
  terms: { bpr: 'bpr', regularisation: 'l2' },
  create: (graph, { params }) =>
    new BprMf(graph, {
      embeddingDim: params['dim'] as number,
      l2Weight: params['decay'] as number,
    }),
})
