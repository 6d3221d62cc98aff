import { BipartiteGraph, interactionLists } from '@gnnrec/graph'
import { BprMf } from '@gnnrec/models'
import { OutOfCoreFilter, OutOfCoreTrainer } from '@gnnrec/out-of-core'
import { Trainer, type TrainerOptions } from '@gnnrec/train'
import { digestOfJson, madeSplit } from './made-data.js'

/** Settings of a training of two epochs. */
const settings = {
  split: madeSplit(),
  epochs: 2,
  batchSize: 16,
  learningRate: 0.01,
  sampling: 'interaction-shuffle',
} as const

const maxMemory = 4_000_000

/** Returns a model, and a trainer that trains it for two epochs. */
export function madeTrainer(
  options: Pick<TrainerOptions, 'checkpoint' | 'resume' | 'epochs' | 'log'> = {},
): { readonly trainer: Trainer; readonly model: BprMf } {
  const graph = BipartiteGraph.fromInteractions(settings.split.train)
  const model = new BprMf(graph, { embeddingDim: 4 })
  const trainer = new Trainer({
    model,
    ...settings,
    metrics: ['recall@3'],
    progress: 'none',
    handleInterrupt: false,
    ...options,
  })
  return { trainer, model }
}

/** Returns a trainer that trains in files for two epochs, from its newest checkpoint if there is one. */
export function madeTrainerInFiles(
  folder: string,
  options: { readonly checkpoint?: { readonly keepLast: number; readonly keepBest: number } } = {},
): OutOfCoreTrainer {
  return new OutOfCoreTrainer({
    model: { architecture: 'light-gcn', options: { embeddingDim: 4, layers: 1 } },
    folder,
    maxMemory,
    resume: true,
    ...settings,
    metrics: ['recall@3'],
    ...options,
  })
}

/** Trains in files without checkpoints, and returns the model. */
export function madeModelInFiles(folder: string, epochs: number) {
  return new OutOfCoreTrainer({
    model: { architecture: 'light-gcn', options: { embeddingDim: 4, layers: 1, seed: epochs } },
    folder,
    maxMemory,
    ...settings,
    epochs,
    learningRate: 0.1,
  }).fit({ onEvent: () => undefined })
}

/** Opens a graph in files, makes it where there is none, filters with it, and returns a digest of the result. */
export async function filterInFiles(folder: string): Promise<string> {
  const { train } = settings.split
  const filter = await OutOfCoreFilter.open({
    userCount: train.users.size,
    itemCount: train.items.size,
    interactions: interactionLists(train),
    embeddingDim: 4,
    folder,
    maxMemory,
  })
  try {
    filter.fill('users', ({ first }, values) => values.fill(1 + first))
    filter.fill('items', ({ first }, values) => values.fill(2 + first))
    await filter.run([0.5, 0.5])
    const read: number[] = []
    filter.read('users', (_rows, values) => read.push(...values))
    return digestOfJson(read)
  } finally {
    filter.close()
  }
}
