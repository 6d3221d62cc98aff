// Estimates the memory of one training, or measures it over its first steps and an evaluation:
//   node … measure-training.ts plan|train 'name of the case'
// It prints PlanMeasures as JSON.
import { evaluate } from '@gnnrec/eval'
import { BipartiteGraph, createSplit, selectRows } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import { plan, Trainer } from '@gnnrec/train'
import { peakMegabytes } from '../measure.js'
import { generateInteractions } from '../scale/generated-interactions.js'
import type { PlanMeasures } from './plan-measures.js'
import { type PlannedCase, plannedCases } from './planned-trainings.js'

const steps = 6
const judgedUsers = 500

async function foretell({ counts, model, training }: PlannedCase): Promise<PlanMeasures> {
  const started = performance.now()
  const { peakBytes, kernelBytes, secondsPerStep } = await plan({ graph: counts, model, training })
  const seconds = (performance.now() - started) / 1000
  return {
    peakMb: peakBytes / 2 ** 20,
    kernelMb: kernelBytes / 2 ** 20,
    secondsPerStep,
    seconds,
    ownPeakMb: peakMegabytes(),
  }
}

async function train({ counts, model: make, training }: PlannedCase): Promise<PlanMeasures> {
  const started = performance.now()
  const { train, test } = generateInteractions({ ...counts, judgedUsers, seed: 1 })
  const none = selectRows(test, [])
  const method = { name: 'generated' }
  const split = createSplit({ train, validation: test, test: none, method })
  const model = make(BipartiteGraph.fromInteractions(train))
  await model.prepare()
  const quiet = { progress: 'none', handleInterrupt: false } as const
  const events = new Trainer({ model, split, ...training, ...quiet }).run()
  const seconds: number[] = []
  let last = performance.now()
  for (let next = await events.next(); !next.done; next = await events.next()) {
    if (next.value.type === 'step') seconds.push((performance.now() - last) / 1000)
    last = performance.now()
    if (seconds.length === steps) break
  }
  // The trainer evaluates at the end of an epoch, while all memory of the training is in use.
  const recommender = await model.toRecommender()
  await evaluate(recommender, { split, on: 'validation', metrics: ['ndcg@20'] })
  const weights = await model.weights()
  const { defaultRuntime } = await import('@gnnrec/graph/kernels')
  const kernelMb = defaultRuntime().statistics.memoryBytes / 2 ** 20
  const peakMb = peakMegabytes()
  if (weights.size === 0) throw new Error('The model has nothing to train.')
  return {
    peakMb,
    kernelMb,
    secondsPerStep: Math.min(...seconds.slice(1)),
    ownPeakMb: peakMb,
    seconds: (performance.now() - started) / 1000,
  }
}

const [mode, name] = process.argv.slice(2)
const found = plannedCases.find((each) => each.name === name)
if (!found) throw new Error(`There is no case '${name}'.`)
await useBackend('simd', { threads: found.threads })
console.log(JSON.stringify(await (mode === 'plan' ? foretell(found) : train(found))))
