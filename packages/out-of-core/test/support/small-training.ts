import {
  type OutOfCoreModel,
  OutOfCoreTrainer,
  type OutOfCoreTrainerOptions,
} from '@gnnrec/out-of-core'
import type { TrainingHistory } from '@gnnrec/train'
import { madeSplit } from './made-split.ts'

/** A short training with validation, in several blocks. */
export function smallOptions(folder: string): OutOfCoreTrainerOptions {
  return {
    model: {
      architecture: 'light-gcn',
      options: { embeddingDim: 64, layers: 2, loss: { name: 'bpr', itemBias: true } },
    },
    split: madeSplit({ users: 200, items: 150 }),
    folder,
    maxMemory: 2_500_000,
    epochs: 4,
    batchSize: 100,
    learningRate: 0.02,
    sampling: 'interaction-shuffle',
    metrics: ['recall@10'],
  }
}

/** Everything that a training gave. */
type Outcome = TrainingHistory & { readonly weights: readonly (readonly string[])[] }

/** Collects everything that a training gave, with times set to 0. */
export async function outcome(model: OutOfCoreModel): Promise<Outcome> {
  const { epochs, ...history } = model.history
  const weights = await model.weights()
  return {
    ...history,
    seconds: 0,
    epochs: epochs.map((record) => ({
      ...record,
      seconds: 0,
      evaluationSeconds: 0,
      guardSeconds: 0,
    })),
    weights: [...weights].map(([name, { data }]) => [
      name,
      Buffer.from(data.slice().buffer).toString('hex'),
    ]),
  }
}

/** Trains to the end. */
export async function train(options: OutOfCoreTrainerOptions): Promise<Outcome> {
  const model = await new OutOfCoreTrainer(options).fit()
  const result = await outcome(model)
  await model.close()
  return result
}
