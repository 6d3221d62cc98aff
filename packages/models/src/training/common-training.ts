/** The training of LightGCN-PyTorch and of codes that follow it. */
export const officialTraining = {
  epochs: 1000,
  batchSize: 2048,
  learningRate: 1e-3,
  sampling: 'user-uniform',
} as const

/** For sets of up to about a hundred thousand ratings; training ends when validation does not grow. */
export const smallDataTraining = {
  epochs: 120,
  batchSize: 1024,
  learningRate: 5e-3,
  sampling: 'user-uniform',
  evaluateEvery: 5,
  earlyStopping: { metric: 'ndcg@20', patience: 60 },
} as const

/** For Gowalla, whose official split has no validation part: a fixed number of epochs. */
export const gowallaTraining = {
  epochs: 40,
  batchSize: 8192,
  learningRate: 5e-3,
  sampling: 'user-uniform',
} as const
