import { evaluate } from '@gnnrec/eval'
import { BipartiteGraph, type Ranker, type Split } from '@gnnrec/graph'
import { LightGcn, type LightGcnOptions, type TrainingSettings } from '@gnnrec/models'
import {
  MemoryLimitError,
  OutOfCoreTrainer,
  type OutOfCoreTrainerOptions,
} from '@gnnrec/out-of-core'
import { Trainer } from '@gnnrec/train'
import type { GowallaOptions } from './options.js'
import { garbageCollector, windowBytes } from './resident-memory.js'

/** Result of a training. */
export interface GowallaResult {
  readonly metrics: Readonly<Record<string, number>>
  readonly epochs: number
  readonly seconds: number
  /** Limit of the memory of blocks and batches in bytes. */
  readonly windows: number | undefined
}

/** Options that decide how to train. */
export type TrainOptions = Pick<
  GowallaOptions,
  'preset' | 'epochs' | 'maxMemory' | 'folder' | 'resume' | 'seed'
>

const metrics = ['recall@20', 'ndcg@20'] as const

/** Number of users ranked at a time: their scores take 4 bytes × users × items. */
const usersPerBlock = 64

/** Trains with a preset, in memory or in blocks, and evaluates on the test part. */
export async function trainGowalla(split: Split, options: TrainOptions): Promise<GowallaResult> {
  const { model, training } = LightGcn.presets[options.preset] as {
    readonly model: LightGcnOptions
    readonly training: TrainingSettings
  }
  const epochs = options.epochs ?? training.epochs
  const settings = { ...training, epochs, seed: options.seed }
  const modelOptions = { ...model, seed: options.seed }
  const collect = options.maxMemory === undefined ? undefined : garbageCollector(options.maxMemory)
  const judge = async (ranker: Ranker) => {
    const asked = { split, on: 'test', metrics, blockSize: usersPerBlock } as const
    return (await evaluate(ranker, { ...asked, onProgress: () => collect?.() })).metrics
  }
  if (options.maxMemory === undefined) {
    const graph = BipartiteGraph.fromInteractions(split.train)
    const inMemory = new LightGcn(graph, modelOptions)
    const history = await new Trainer({ model: inMemory, split, ...settings }).fit()
    const found = await judge(await inMemory.toRecommender())
    inMemory.dispose()
    return {
      metrics: found,
      epochs: history.epochs.length,
      seconds: history.seconds,
      windows: undefined,
    }
  }
  const windows = windowBytes(options.maxMemory)
  const { folder, resume } = options
  const trainer = trainerWithin(options.maxMemory, windows, {
    model: { architecture: 'light-gcn', options: modelOptions },
    split,
    folder,
    resume,
    ...settings,
  })
  const trained = await trainer.fit({
    onEvent: (event) => {
      if (event.type === 'step') collect?.()
      if (event.type === 'epoch') {
        const { epoch, loss, seconds } = event.record
        console.error(
          `epoch ${epoch} of ${epochs}: loss ${loss.toFixed(4)}, ${seconds.toFixed(0)} s`,
        )
      }
      if (event.type === 'warning') console.error(event.message)
    },
  })
  try {
    const { epochs: records, seconds } = trained.history
    return {
      metrics: await judge(await trained.ranker()),
      epochs: records.length,
      seconds,
      windows,
    }
  } finally {
    await trained.close()
  }
}

/**
 * Trains in blocks.
 *
 * @throws MemoryLimitError with the smallest limit of the process, rather than that of blocks
 */
function trainerWithin(
  limit: number,
  windows: number,
  options: Omit<OutOfCoreTrainerOptions, 'maxMemory'>,
): OutOfCoreTrainer {
  try {
    return new OutOfCoreTrainer({ ...options, maxMemory: Math.max(1, Math.floor(windows)) })
  } catch (error) {
    if (!(error instanceof MemoryLimitError)) throw error
    const smallest = Math.ceil(limit - windows + error.smallest)
    throw new MemoryLimitError(
      `--max-memory: got ${limit} bytes; with the memory that the process uses already, the smallest possible limit is ${Math.ceil(smallest / 1e6)}MB.`,
      smallest,
    )
  }
}
