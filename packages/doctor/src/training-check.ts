import { loadMovieTweetings, temporalSplit } from '@gnnrec/data'
import { evaluate } from '@gnnrec/eval'
import { BipartiteGraph } from '@gnnrec/graph'
import { LightGcn } from '@gnnrec/models'
import { Trainer } from '@gnnrec/train'
import * as tf from '@tensorflow/tfjs-core'
import type { TrainingCheck } from './diagnosis.js'

const epochs = 3

/** Trains twice on the active backend and compares the results. */
export async function checkTraining(): Promise<TrainingCheck> {
  const start = performance.now()
  const { interactions } = await loadMovieTweetings()
  const split = temporalSplit(interactions)
  const graph = BipartiteGraph.fromInteractions(split.train, { lowRatings: 'accept' })
  const train = async () => {
    const model = new LightGcn(graph, { layers: 2, seed: 1 })
    const trainer = new Trainer({
      model,
      split,
      epochs,
      batchSize: 1024,
      learningRate: 0.01,
      seed: 1,
      sampling: 'interaction-shuffle',
      progress: 'none',
    })
    const losses: number[] = []
    const tensors: number[] = []
    for await (const event of trainer.run()) {
      if (event.type !== 'epoch') continue
      losses.push(event.record.loss)
      tensors.push(tf.memory().numTensors)
    }
    return { model, losses, leaked: tensors[epochs - 1] - tensors[epochs - 2] }
  }
  const first = await train()
  const seconds = (performance.now() - start) / 1000
  const second = await train()
  const isReproducible = await haveSameWeights(first.model, second.model)
  const recommender = await first.model.toRecommender()
  const report = await evaluate(recommender, { split, on: 'validation', metrics: ['recall@20'] })
  first.model.dispose()
  second.model.dispose()
  return {
    losses: first.losses,
    leakedTensors: first.leaked,
    isReproducible,
    seconds,
    recallAt20: report.metrics['recall@20'],
  }
}

async function haveSameWeights(a: LightGcn, b: LightGcn): Promise<boolean> {
  const others = b.parameters()
  for (const [name, parameter] of Object.entries(a.parameters())) {
    const [left, right] = await Promise.all([parameter.data(), others[name].data()])
    if (Buffer.compare(bytesOf(left), bytesOf(right)) !== 0) return false
  }
  return true
}

const bytesOf = (numbers: ArrayBufferView) =>
  Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength)
