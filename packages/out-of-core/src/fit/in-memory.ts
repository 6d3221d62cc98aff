import { join } from 'node:path'
import { BipartiteGraph } from '@gnnrec/graph'
import { awaitCallback } from '@gnnrec/graph/kernels'
import { models } from '@gnnrec/models'
import { Trainer, type TrainingEvent, type TrainingHistory } from '@gnnrec/train'
import { checkpointOnFullDisk, closedError } from '../files/system-error.js'
import { OpenedOnce } from '../serving/opened-once.js'
import type { ResolvedTrainWithinOptions } from './fit-options.js'
import type { FitDecision, FittedModel } from './fitted-model.js'

/** Name of the folder for checkpoints of a training in memory. */
export const memoryFolder = 'in-memory'

/** Trains in memory. */
export async function trainInMemory(
  { model: modelSettings, split, folder, resume, training }: ResolvedTrainWithinOptions,
  decision: FitDecision,
  {
    signal,
    onEvent,
  }: { signal: AbortSignal | undefined; onEvent: (event: TrainingEvent) => unknown },
): Promise<FittedModel> {
  const graph = BipartiteGraph.fromInteractions(split.train)
  const model = models.createTrained(graph, modelSettings)
  const recommender = new OpenedOnce(
    () => model.toRecommender(),
    (opened) => opened.dispose(),
  )
  const recommend = async () => {
    if (model.isDisposed) throw closedError()
    return recommender.get()
  }
  const free = () => {
    model.dispose()
    graph.dispose()
  }
  try {
    const trainer = new Trainer({
      model,
      split,
      ...training,
      progress: 'none',
      handleInterrupt: false,
      checkpoint: join(folder, memoryFolder),
      ...(resume && { resume: 'latest-or-start' }),
    })
    let history: TrainingHistory | undefined
    for await (const event of trainer.run(signal ? { signal } : {})) {
      await awaitCallback('onEvent', () => onEvent(event))
      if (event.type === 'end') history = event.history
    }
    return {
      decision,
      history: history as TrainingHistory,
      ranker: recommend,
      async *recommendAll(options) {
        yield* (await recommend()).recommendAll(options)
      },
      toRecommender: () => model.toRecommender(),
      weights: () => model.weights(),
      // A model that was trained in files has no tables to answer for histories, and folders are alike.
      save: (target) => model.save(target, { foldIn: false }),
      async close() {
        free()
        await recommender.close()
      },
    }
  } catch (error) {
    free()
    throw checkpointOnFullDisk(error, folder) ?? error
  }
}
