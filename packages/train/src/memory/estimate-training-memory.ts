import { BipartiteGraph, InvalidOptionsError, parseOptions } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { type GraphModel, type ModelSettings, models } from '@gnnrec/models'
import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { usersPerList } from '../guards/inspection.js'
import { probeSize } from '../guards/probe-batch.js'
import { sampledRows } from '../guards/training-guards.js'
import { optimizerFrom } from '../optimizers/optimizer-from.js'
import type { TrainerOptions } from '../options/trainer-options.js'
import { defaultTraining } from '../options/training-loop-options.js'
import type { GraphCounts } from './graph-counts.js'
import { tablesOf } from './model-tables.js'
import { sampledShare } from './sampled-share.js'
import { smallGraph } from './small-graph.js'
import type { TrainingMemory, TrainingMemoryParts } from './training-memory.js'

/** Options of {@link estimateTrainingMemory}. */
export interface TrainingMemoryOptions {
  /** The graph of the train part, or the counts that it will have. */
  readonly graph: BipartiteGraph | GraphCounts
  /**
   * The model, as in `{ architecture: 'light-gcn', options: { layers: 3 } }`. It is made once, for a small graph
   * of 4,001 users and 3,989 items.
   */
  readonly model: ModelSettings
  /** Options of the training: the `training` half of a preset, with `metrics` if there will be any. */
  readonly training: Omit<
    TrainerOptions,
    'model' | 'split' | 'maxMemory' | 'progress' | 'log' | 'handleInterrupt' | 'resume'
  >
}

/** Bytes of an edge in the lists, matrices and transposes of a graph, in JavaScript arrays. */
const graphBytesPerEdge = 20
/** Bytes of an id in the array and in the hash table of an `IdMap`, which grows by doubling. */
const bytesPerId = 45
/** Bytes of the indices of a user and an item. */
const bytesPerInteraction = 8
/** Number of pairs that the sampler draws at once. */
const drawnPairs = 65_536
/** Number of matrices of batch size × batch size that losses within the batch hold at once. */
const batchMatrices: Readonly<Record<string, number>> = { 'sampled-softmax': 3.3, 'direct-au': 5 }
/** Factor for gaps between blocks of kernel memory; 1 to 1.08 was measured. */
const gaps = 1.04
/** Number of copies of what a checkpoint writes; most of them are freed while it is written. */
const checkpointCopies = 1.5
/** Bytes of dropped objects and arrays, and of compiled code, at the highest moment. */
const garbageBytes = 65e6
/** Bytes of dropped arrays up to which Node.js puts off collecting them. */
const uncollectedBytes = 64e6
/** Number of users whose scores of all items guards look at. */
const watchedUsers = sampledRows / usersPerList
/** Number of users who are ranked at once in kernel memory. */
const rankedUsers = 64
/** Largest buffer of scores of a ranker that finds no lists by itself, as Popularity, to which guards compare. */
const scoreBufferBytes = 32e6

const count = (least: number) => z.int().min(least)

const schema = z.strictObject({
  graph: z.union(
    [
      z.custom<BipartiteGraph>((value) => value instanceof BipartiteGraph),
      z.strictObject({ users: count(1), items: count(2), edges: count(1) }),
    ],
    { error: 'expected a BipartiteGraph, or { users, items, edges } as integers' },
  ),
  model: z.custom<ModelSettings>(
    (value) => typeof value === 'object' && value !== null && 'architecture' in value,
    { error: "expected settings such as { architecture: 'light-gcn', options: { layers: 3 } }" },
  ),
  training: z.custom<TrainingMemoryOptions['training']>(
    (value) => typeof value === 'object' && value !== null,
    { error: 'expected options of Trainer, such as LightGcn.presets.paper.training' },
  ),
})

/**
 * Estimates the memory that a training will take, by part and at its highest, from counts and measured
 * constants: nothing is trained, and it takes milliseconds.
 *
 * It holds for the backend `simd`. Kernel memory comes within 20 % of what is measured for every model of
 * `@gnnrec/models`; a class that extends one of them counts as that one, any other as GCNII with its number of
 * layers (3 if its options have none), which keeps the most. With `graphSampling` the estimate is an upper bound.
 * The peak of the process also depends on how much garbage Node.js leaves lying.
 *
 * @throws InvalidOptionsError when an option is wrong, or another backend than `simd` is active
 *
 * @example
 * ```ts
 * import { LightGcn } from '@gnnrec/models'
 * import { estimateTrainingMemory } from '@gnnrec/train'
 *
 * const { model, training } = LightGcn.presets.paper
 * const { parts, kernelBytes } = estimateTrainingMemory({
 *   graph: { users: 200_000, items: 150_000, edges: 6_000_000 },
 *   model: { architecture: 'light-gcn', options: model },
 *   training: { ...training, metrics: ['recall@20'] },
 * })
 * console.log(parts.parameters / 1e6, 'MB of parameters', kernelBytes / 1e6, 'MB of kernel memory')
 * ```
 */
export function estimateTrainingMemory(options: TrainingMemoryOptions): TrainingMemory {
  const {
    graph,
    model: settings,
    training,
  } = parseOptions('estimateTrainingMemory', schema, options)
  const small = smallGraph()
  const model = models.createTrained(small, settings)
  try {
    if (!(graph instanceof BipartiteGraph)) return estimateMemory(model, graph, training)
    const estimate = estimateMemory(model, countsOf(graph), training)
    return totals({ ...estimate.parts, interactions: 0, graph: 0 })
  } finally {
    model.dispose()
    small.dispose()
  }
}

/** Estimates the memory of a training of a model of this kind, which may be made on a smaller graph. */
export function estimateMemory(
  model: GraphModel,
  counts: GraphCounts,
  training: TrainingMemoryOptions['training'],
): TrainingMemory {
  checkBackend()
  const { users, items, edges } = counts
  const {
    batchSize = defaultTraining.batchSize,
    negativesPerPositive = defaultTraining.negativesPerPositive,
    optimizer = defaultTraining.optimizer,
  } = training
  const { metrics = [], earlyStopping, guards, accumulateSteps = 1 } = training
  const isRanked = metrics.length > 0 || (earlyStopping && earlyStopping.metric !== 'loss')
  const isJudged = metrics.length > 0 || earlyStopping !== undefined
  const isWatched = guards !== false
  const law = model.memoryLaw(counts, negativesPerPositive)
  const { table, parameters, largest } = tablesOf(model, counts)
  const row = table / (users + items)

  const { arraysPerParameter } = optimizerFrom(optimizer)
  const optimizerBytes = arraysPerParameter * parameters
  const bytesPerPair = parameters > 0 ? 12 + 4 * negativesPerPositive : 0
  const samplerBytes = bytesPerPair * Math.min(edges, drawnPairs)
  const kept = law.keptBytes + samplerBytes

  const share = sampledShare(training, counts)
  const batchBytes = (samples: number, negatives: number) =>
    samples * law.rowsPerSample * row * ((1 + negatives) / 2)
  // The gradient of a table is a whole table, however few of its rows a step samples.
  const stepTables = share < 1 ? 2 + share * law.stepTables : law.stepTables
  const tableBytes = stepTables * table + law.stepBytesPerEdge * edges
  const rowBytes = batchBytes(batchSize, negativesPerPositive)
  const matrices = batchMatrices[lossName(model)]
  // The matrices of a loss are there before the gradients of tables are, and not together with most rows.
  const stepBytes = matrices
    ? matrices * 4 * batchSize ** 2 + Math.max(tableBytes, rowBytes)
    : tableBytes + rowBytes
  const moments = [
    stepBytes + (accumulateSteps > 1 ? parameters : 0),
    parameters + temporariesOf(optimizer) * largest,
  ]
  if (isJudged || isWatched) {
    // The recommender packs its items for products, from a copy of them, and computes scores for some users at once.
    const packedItems = 2 * row * items + 4 * rankedUsers * items
    moments.push(law.outputTables * table, packedItems)
  }
  if (isWatched) {
    // Guards compare two gradients, the second of which is computed while the first is held.
    moments.push(parameters + law.stepTables * table + batchBytes(probeSize, 1))
    moments.push(2 * parameters + largest, law.layerTables * table)
  }
  const inUse = parameters + optimizerBytes + kept + Math.max(...moments)

  // The final embeddings, and their directions where they are ranked by cosines.
  const recommender = isJudged || isWatched ? (isCosine(model) ? 2 : 1) * table : 0
  const watchedScores = isWatched ? 4 * watchedUsers * items : 0
  const popularityScores = isWatched && isRanked ? Math.min(scoreBufferBytes, 4 * users * items) : 0
  const evaluation = recommender + watchedScores + popularityScores
  const bestWeights = isJudged ? parameters : 0
  const saved = parameters + optimizerBytes + bestWeights
  const needed = {
    model: law.heapBytes + (training.sampleAhead ? graphBytesPerEdge * edges : 0),
    parameters,
    optimizer: optimizerBytes,
    kept,
    step: gaps * inUse - parameters - optimizerBytes - kept,
    evaluation,
    bestWeights,
    checkpoint: training.checkpoint === undefined ? 0 : checkpointCopies * saved,
    // Guards make a recommender now and then, whose arrays lie about for a while.
    garbage: garbageBytes + parameters + (isWatched ? Math.min(uncollectedBytes, table) : 0),
  }
  return totals({
    process: processBytes(),
    interactions: bytesPerInteraction * edges + bytesPerId * (users + items),
    graph: graphBytesPerEdge * edges + 16 * (users + items),
    ...needed,
    preparation: Math.max(0, law.preparationBytes - sum(needed)),
  })
}

function lossName(model: GraphModel): string {
  return (model.options['loss'] as { readonly name: string } | undefined)?.name ?? 'bpr'
}

function isCosine(model: GraphModel): boolean {
  const { similarity, rankBy } = (model.options['loss'] ?? {}) as Record<string, unknown>
  return similarity === 'cosine' || rankBy === 'cosine'
}

/** Arrays as large as a parameter that an optimizer makes and drops while it moves that parameter. */
function temporariesOf(optimizer: NonNullable<TrainerOptions['optimizer']>): number {
  if (optimizer.name === 'sgd') return (optimizer.momentum ?? 0) > 0 ? 3 : 2
  if (optimizer.name === 'adagrad') return 6
  return 'amsgrad' in optimizer && optimizer.amsgrad ? 12 : 0
}

function checkBackend(): void {
  const active: string | undefined = tf.getBackend()
  if (!active || active === 'simd') return
  throw new InvalidOptionsError(
    `Memory can be estimated for the backend 'simd' only; the active one is '${active}'. Call useBackend('simd') first, or leave out maxMemory.`,
  )
}

/** Resident memory of the process without the kernel memory and the heap that a training can still use. */
function processBytes(): number {
  const usage: NodeJS.Process['memoryUsage'] | undefined = globalThis.process?.memoryUsage
  if (!usage) return 0
  const { memoryBytes, usedBytes } = defaultRuntime().statistics
  const { rss, heapTotal, heapUsed } = usage()
  return Math.max(0, rss - (memoryBytes - usedBytes) - (heapTotal - heapUsed))
}

/** Returns the counts of a graph. */
export function countsOf({ userCount, itemCount, edgeCount }: BipartiteGraph): GraphCounts {
  return { users: userCount, items: itemCount, edges: edgeCount }
}

/** Adds the parts of an estimate up. */
export function totals(parts: TrainingMemoryParts): TrainingMemory {
  const { parameters, optimizer, kept, step } = parts
  return { parts, kernelBytes: parameters + optimizer + kept + step, peakBytes: sum(parts) }
}

function sum(parts: object): number {
  return Object.values(parts).reduce((total, bytes) => total + bytes, 0)
}
