import { BipartiteGraph } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { useBackend } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import { optimizerFrom } from '../optimizers/optimizer-from.js'
import { type Calibration, calibrate, evaluates, type Planned } from './calibrate.js'
import type { GraphCounts } from './calibration-split.js'
import { PlanUnavailableError, TrainingTooLargeError } from './errors.js'
import { heapMeter, residentBytes } from './heap-meter.js'
import { isSameCourse, type KernelLog, memoryOf } from './kernel-log.js'
import type { PlannedTraining, PlanOptions } from './plan-options.js'
import { rememberedCalibrations } from './remembered-calibrations.js'
import type { PlannedParts, TrainingPlan } from './training-plan.js'

/** Nodes and edges of the smaller graph, */
const NODES = 12_000
const EDGES = 300_000
/** and edges that it has at least, since batches are drawn from 65,536 pairs at once. */
const LEAST_EDGES = 70_000
/**
 * Nodes of a side for each sample, for which the smaller graph may have MOST_TIMES as many: with fewer,
 * steps touch most rows and take other ways than on a large graph.
 */
const NODES_PER_SAMPLE = 9
const MOST_TIMES = 2
/** Arrays, the files made of them, and half as much on the way. */
const CHECKPOINT_COPIES = 2.5
/** No share of all pairs on which distinct ones would be hard to find. */
const LARGEST_DENSITY = 0.25
/** A training this small shows where code is new and memory is first used. */
const WARM_UP: GraphCounts = { users: 200, items: 200, edges: 2000 }

/** `plan` with checked options, by a trainer that is given. */
export async function planTraining({
  graph,
  maxMemory,
  ...planned
}: Planned & PlanOptions): Promise<TrainingPlan> {
  if (!tf.getBackend()) await useBackend('simd')
  if (tf.getBackend() !== 'simd') {
    throw new PlanUnavailableError(
      `plan knows the memory of the backend 'simd'; the active one is '${tf.getBackend()}'. Call useBackend('simd') first.`,
    )
  }
  // Room that is left in kernel memory is used before that grows.
  const { memoryBytes, usedBytes } = defaultRuntime().statistics
  const processBytes = residentBytes() - (memoryBytes - usedBytes)
  const counts =
    graph instanceof BipartiteGraph
      ? { users: graph.userCount, items: graph.itemCount, edges: graph.edgeCount }
      : graph
  const [small, large] = await calibrations(planned, counts)
  const target = estimate(small, large, counts)
  const isGiven = graph instanceof BipartiteGraph
  const { figures, kernelBytes } = target
  const isJudged = evaluates(planned.training)
  const training = {
    interactions: isGiven ? 0 : figures.table,
    graph: isGiven ? 0 : beyond(figures.graph, figures.table),
    model: beyond(figures.training, figures.graph),
    parameters: figures.parameters,
    kept: beyond(figures.kept, figures.parameters),
    step: beyond(kernelBytes, figures.kept),
    evaluation: isJudged ? beyond(figures.evaluation, figures.training) : 0,
    bestWeights: isJudged ? figures.parameters : 0,
    checkpoint: checkpointBytes(planned.training, figures.parameters),
    copies: figures.parameters,
  }
  const ofGraph = training.interactions + training.graph
  const parts: PlannedParts = {
    process: processBytes,
    ...training,
    // What is beyond all that training does, once the graph is there.
    preparation: Math.max(0, figures.preparation - figures.graph - (sum(training) - ofGraph)),
  }
  const peakBytes = sum(parts)
  const { stepsPerEpoch } = figures
  // Two short times say little of their difference; a larger graph does not take less.
  const stepSeconds = Math.max(figures.stepSeconds, large.figures.stepSeconds)
  const result: TrainingPlan = {
    ...{ parts, peakBytes, kernelBytes, secondsPerStep: stepSeconds },
    ...{ stepsPerEpoch: Math.ceil(stepsPerEpoch), secondsPerEpoch: stepSeconds * stepsPerEpoch },
  }
  if (maxMemory !== undefined && peakBytes > maxMemory) throw tooLarge(result, maxMemory)
  return result
}

/** Tables as large as the parameters that a checkpoint has, copied and encoded. */
function checkpointBytes(training: PlannedTraining, parameters: number): number {
  if (training.checkpoint === undefined) return 0
  const { optimizer = { name: 'adam' } } = training
  const remembered = optimizerFrom(optimizer).arraysPerParameter
  const best = Number(evaluates(training))
  return CHECKPOINT_COPIES * (1 + remembered + best) * parameters
}

/** How much of the first is not in the second; measures of little waver by more than that. */
function beyond(all: number, part: number): number {
  return Math.max(0, all - part)
}

function sum(parts: object): number {
  return Object.values(parts).reduce((total, bytes) => total + bytes, 0)
}

/** Of a small graph, and of one twice as large. */
async function calibrations(
  planned: Planned,
  counts: GraphCounts,
): Promise<readonly [Calibration, Calibration]> {
  const share = smallShare(counts, planned.training.batchSize)
  const sizes = [scaled(counts, share), scaled(counts, 2 * share)] as const
  return rememberedCalibrations(planned, sizes, async () => {
    await calibrate(planned, WARM_UP, async () => 0)
    const usedHeap = heapMeter()
    return [
      await calibrate(planned, sizes[0], usedHeap),
      await calibrate(planned, sizes[1], usedHeap),
    ]
  })
}

function smallShare({ users, items, edges }: GraphCounts, batchSize: number): number {
  const share = Math.max(Math.min(NODES / (users + items), EDGES / edges), LEAST_EDGES / edges)
  const wanted = (NODES_PER_SAMPLE * batchSize) / Math.min(users, items)
  const density = edges / users / items
  return Math.min(
    0.5,
    Math.max(share, Math.min(wanted, MOST_TIMES * share), density / LARGEST_DENSITY),
  )
}

function scaled({ users, items, edges }: GraphCounts, share: number): GraphCounts {
  const part = (count: number, least: number) => Math.max(least, Math.round(share * count))
  return { users: part(users, 1), items: part(items, 2), edges: part(edges, 1) }
}

/** What two sizes tell of a third, by the line through them. */
function estimate(small: Calibration, large: Calibration, { edges }: GraphCounts) {
  const reach = (edges - small.counts.edges) / (large.counts.edges - small.counts.edges)
  const extend = (from: number, to: number) => Math.max(0, from + reach * (to - from))
  const figures = Object.entries(small.figures).map(([name, value]) => [
    name,
    extend(value, large.figures[name as keyof Calibration['figures']]),
  ])
  return {
    figures: Object.fromEntries(figures) as Calibration['figures'],
    kernelBytes: isSameCourse(small.kernel, large.kernel)
      ? memoryOf(extendLog(small.kernel, large.kernel, extend))
      : extend(memoryOf(small.kernel), memoryOf(large.kernel)),
  }
}

/** Block by block, since another moment may be the highest on a larger graph. */
function extendLog(
  small: KernelLog,
  { events, sizes }: KernelLog,
  extend: (from: number, to: number) => number,
): KernelLog {
  return { events, sizes: sizes.map((size, i) => Math.round(extend(small.sizes[i], size))) }
}

function tooLarge(plan: TrainingPlan, maxMemory: number): TrainingTooLargeError {
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
  const parts = Object.entries(plan.parts).map(([name, bytes]) => `${name} ${megabytes(bytes)}`)
  return new TrainingTooLargeError(
    `maxMemory: got ${megabytes(maxMemory)}; the training would take ${megabytes(plan.peakBytes)} (${parts.join(', ')}). Allow more, take a smaller embeddingDim or batchSize, fewer layers, graphSampling, or let trainWithin of @gnnrec/out-of-core go over to files by itself (fit: 'auto').`,
    plan,
  )
}
