// Measures one size: node … measure-size.ts '<SizeTask as JSON>' prints SizeMeasures as JSON.
import { evaluate } from '@gnnrec/eval'
import { BatchIterator, BipartiteGraph, createSplit, Rng, selectRows } from '@gnnrec/graph'
import { LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { peakMegabytes } from '../measure.js'
import { AdamSteps } from '../training-cost/adam-steps.js'
import { generateInteractions } from './generated-interactions.js'
import type { SizeMeasures, SizeTask } from './size-measures.js'

const warmUpSteps = 2

async function measureSize(task: SizeTask): Promise<SizeMeasures> {
  const { edges, judgedUsers, batchSize, layers, threads, seed, steps } = task
  await useBackend('simd', { threads })
  const startMb = peakMegabytes()
  const generated = await timed(() => generateInteractions({ edges, judgedUsers, seed }))
  const { train, test } = generated.result
  const built = await timed(() => BipartiteGraph.fromInteractions(train))
  const graph = built.result

  const model = new LightGcn(graph, { layers, seed })
  const training = new AdamSteps(model)
  const batches = new BatchIterator(graph, { batchSize, rng: Rng.fromSeed(seed) }).epoch(0)
  const step = () => {
    const { value } = batches.next()
    if (!value) throw new Error('There are fewer batches than steps.')
    training.step(value)
  }
  for (let warmUp = 0; warmUp < warmUpSteps; warmUp++) step()
  let stepSeconds = Number.POSITIVE_INFINITY
  let stepCpuSeconds = Number.POSITIVE_INFINITY
  for (let repetition = 0; repetition < steps; repetition++) {
    const { seconds, cpuSeconds } = await timed(step)
    stepSeconds = Math.min(stepSeconds, seconds)
    stepCpuSeconds = Math.min(stepCpuSeconds, cpuSeconds)
  }
  const trainingPeakMb = peakMegabytes()

  const made = await timed(() => model.toRecommender())
  // The optimizer is not needed for the evaluation.
  training.dispose()
  const validation = selectRows(test, [])
  const split = createSplit({ train, validation, test, method: { name: 'generated' } })
  const metrics = ['recall@20', 'ndcg@20']
  const judged = await timed(() => evaluate(made.result, { split, on: 'test', metrics }))
  return {
    edges: graph.edgeCount,
    users: graph.userCount,
    items: graph.itemCount,
    judgedUsers: new Set(test.userIndex).size,
    generateSeconds: generated.seconds,
    graphSeconds: built.seconds,
    stepSeconds,
    stepCpuSeconds,
    recommenderSeconds: made.seconds,
    evaluateSeconds: judged.seconds,
    evaluationCpuSeconds: made.cpuSeconds + judged.cpuSeconds,
    startMb,
    trainingPeakMb,
    peakMb: peakMegabytes(),
  }
}

async function timed<T>(action: () => T | Promise<T>) {
  const cpu = process.cpuUsage()
  const start = performance.now()
  const result = await action()
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return { result, seconds, cpuSeconds: (user + system) / 1e6 }
}

console.log(JSON.stringify(await measureSize(JSON.parse(process.argv[2]) as SizeTask)))
