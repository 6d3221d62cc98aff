import { Gcnii } from '../../src/gcnii/gcnii.js'
import { describeFixtures } from '../support/fixture-suite.js'

describeFixtures({
  model: 'gcnii',
  count: 9,
  terms: { bpr: 'bpr', regularisation: 'l2' },
  create: (graph, { params, trainable }) =>
    new Gcnii(graph, {
      embeddingDim: params['dim'] as number,
      layers: params['layers'] as number,
      initialResidual: params['alpha'] as number,
      identityDecay: params['lambda'] as number,
      activation: params['activation'] as 'relu' | 'identity',
      head: !trainable.includes('head.weight')
        ? 'none'
        : trainable.includes('head.bias')
          ? 'linear'
          : 'linear-without-bias',
      l2Weight: params['decay'] as number,
    }),
})
