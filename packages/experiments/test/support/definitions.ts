import type { ExperimentDefinition } from '@gnnrec/experiments'

/** A definition that nothing is wrong with. */
export const small: ExperimentDefinition = {
  name: 'small',
  models: [
    { model: 'popularity' },
    { model: 'light-gcn', options: { embeddingDim: 8, layers: 2 } },
  ],
  datasets: [{ dataset: 'movietweetings' }],
  seeds: [1, 2],
  protocol: { metrics: ['ndcg@10'], selection: 'ndcg@10' },
  training: { epochs: 2, batchSize: 4096, learningRate: 0.01, sampling: 'interaction-shuffle' },
}

/** A training that takes some seconds. */
export const long: ExperimentDefinition = {
  ...small,
  name: 'long',
  seeds: [1],
  models: [{ model: 'light-gcn', options: { embeddingDim: 16, layers: 2 } }],
  training: { ...small.training, epochs: 60, batchSize: 1024, evaluateEvery: 10 },
}
