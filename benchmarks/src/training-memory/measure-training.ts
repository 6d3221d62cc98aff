// Estimates the memory of one training, then measures it over the first steps and an evaluation:
//   node … measure-training.ts 'name of the case'
// It prints MemoryMeasures as JSON.
import { evaluate } from '@gnnrec/eval'
import { BipartiteGraph, createSplit, selectRows } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { models } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { estimateTrainingMemory, Trainer } from '@gnnrec/train'
import { peakMegabytes } from '../measure.js'
import { generateInteractions } from '../scale/generated-interactions.js'
import type { MemoryMeasures } from './memory-measures.js'
import { type TrainingCase, trainingCases } from './training-cases.js'

const steps = 6
const judgedUsers = 500

async function measure({
  counts,
  model: modelSettings,
  training,
}: TrainingCase): Promise<MemoryMeasures> {
  const estimate = estimateTrainingMemory({ graph: counts, model: modelSettings, training })
  const { train, test } = generateInteractions({ ...counts, judgedUsers, seed: 1 })
  const none = selectRows(test, [])
  const method = { name: 'generated' }
  const split = createSplit({ train, validation: test, test: none, method })
  const model = models.createTrained(BipartiteGraph.fromInteractions(train), modelSettings)
  const quiet = { progress: 'none', handleInterrupt: false } as const
  const events = new Trainer({ model, split, ...training, ...quiet }).run()
  let step = 0
  for (let next = await events.next(); !next.done; next = await events.next()) {
    if (next.value.type === 'step') step++
    if (step === steps) break
  }
  // The trainer evaluates at the end of an epoch, while all memory of the training is in use.
  const recommender = await model.toRecommender()
  await evaluate(recommender, { split, on: 'validation', metrics: ['ndcg@20'] })
  const weights = await model.weights()
  const peakMb = peakMegabytes()
  if (weights.size === 0) throw new Error('The model has nothing to train.')
  return {
    estimatedMb: estimate.peakBytes / 2 ** 20,
    peakMb,
    estimatedKernelMb: estimate.kernelBytes / 2 ** 20,
    kernelMb: defaultRuntime().statistics.memoryBytes / 2 ** 20,
  }
}

const [name] = process.argv.slice(2)
const found = trainingCases.find((each) => each.name === name)
if (!found) throw new Error(`There is no case '${name}'.`)
await useBackend('simd', { threads: found.threads })
console.log(JSON.stringify(await measure(found)))
