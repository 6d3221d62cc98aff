import { BipartiteGraph, fromColumns, InvalidOptionsError, parseOptions } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import type { GraphModel } from '@gnnrec/models'
import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import type { GraphSamplingSettings } from '../batches/graph-sampling-options.js'
import { optimizerFrom } from '../optimizers/optimizer-from.js'
import type { TrainerOptions } from '../options/trainer-options.js'
import { defaultTraining } from '../options/training-loop-options.js'
import type { GraphCounts } from './graph-counts.js'
import { graphBytesPerEdge, memoryLawOf } from './model-memory-law.js'
import type { TrainingMemory, TrainingMemoryParts } from './training-memory.js'

/** Options of {@link estimateTrainingMemory}. */
export interface TrainingMemoryOptions {
  /** The graph of the train part, or the counts that it will have. */
  readonly graph: BipartiteGraph | GraphCounts
  /**
   * A function that makes the model, such as `(graph) => new LightGcn(graph, { layers: 3 })`. It is called
   * once, for a small graph of 4,001 users and 3,989 items.
   */
  readonly model: (graph: BipartiteGraph) => GraphModel
  /** Options of the training: the `training` half of a preset, with `metrics` if there will be any. */
  readonly training: Omit<
    TrainerOptions,
    'model' | 'split' | 'maxMemory' | 'progress' | 'log' | 'handleInterrupt' | 'resume'
  >
}

/** Numbers of nodes that no other number of a model is likely to equal, so that tables are recognized. */
const smallUsers = 4001
const smallItems = 3989
/** An id in the array and in the hash table of an `IdMap`, which grows by doubling. */
const bytesPerId = 45
/** Indices of a user and an item. */
const bytesPerInteraction = 8
/** Pairs that the sampler draws at once. */
const drawnPairs = 65_536
/** Samples of the batch that guards look at, and gradient tables that they hold meanwhile. */
const guardBatch = 256
/** Matrices of batch size × batch size that losses within the batch hold at once. */
const batchMatrices: Readonly<Record<string, number>> = { 'sampled-softmax': 3.3, 'direct-au': 5 }
/** Gaps between blocks of kernel memory: 0 to 8 % were measured. */
const gaps = 1.04
/** Copies of what a checkpoint writes, of which most are freed while it is written. */
const checkpointCopies = 1.5
/** Dead objects and arrays, and compiled code, that lie about at the highest moment. */
const garbageBytes = 65e6

const count = (least: number) => z.int().min(least)

const schema = z.strictObject({
  graph: z.union(
    [
      z.custom<BipartiteGraph>((value) => value instanceof BipartiteGraph),
      z.strictObject({ users: count(1), items: count(2), edges: count(1) }),
    ],
    { error: 'expected a BipartiteGraph, or { users, items, edges } as integers' },
  ),
  model: z.custom<TrainingMemoryOptions['model']>((value) => typeof value === 'function', {
    error: 'expected a function such as (graph) => new LightGcn(graph)',
  }),
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
 *   model: (graph) => new LightGcn(graph, model),
 *   training: { ...training, metrics: ['recall@20'] },
 * })
 * console.log(parts.parameters / 1e6, 'MB of parameters', kernelBytes / 1e6, 'MB of kernel memory')
 * ```
 */
export function estimateTrainingMemory(options: TrainingMemoryOptions): TrainingMemory {
  const { graph, model: make, training } = parseOptions('estimateTrainingMemory', schema, options)
  const small = smallGraph()
  const model = make(small)
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
  const { batchSize = defaultTraining.batchSize, negativesPerPositive = 1 } = training
  const { optimizer = { name: 'adam' } } = training
  const { metrics = [], earlyStopping, guards, accumulateSteps = 1 } = training
  const isJudged = metrics.length > 0 || earlyStopping !== undefined
  const isWatched = guards !== false
  const law = memoryLawOf(model, counts, negativesPerPositive)
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
  if (isJudged || isWatched) moments.push(law.outputTables * table)
  if (isWatched) {
    // Guards compare two gradients, the second of which is computed while the first is held.
    moments.push(parameters + law.stepTables * table + batchBytes(guardBatch, 1))
    moments.push(2 * parameters + largest, law.layerTables * table)
  }
  const inUse = parameters + optimizerBytes + kept + Math.max(...moments)

  const evaluation = isJudged || isWatched ? table : 0
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
    garbage: garbageBytes + parameters,
  }
  return totals({
    process: processBytes(),
    interactions: bytesPerInteraction * edges + bytesPerId * (users + items),
    graph: graphBytesPerEdge * edges + 16 * (users + items),
    ...needed,
    preparation: Math.max(0, law.preparationBytes - sum(needed)),
  })
}

/** Bytes of one table of all nodes, of all parameters, and of the largest parameter, on a graph of other counts. */
function tablesOf(model: GraphModel, { users, items }: GraphCounts) {
  const { userCount, itemCount, nodeCount } = model.graph
  const grown = new Map([
    [userCount, users],
    [itemCount, items],
    [nodeCount, users + items],
  ])
  const { tensors } = model.describe()
  const trained = tensors.filter(({ role }) => role !== 'buffer')
  const bytes = trained.map(({ role, shape, bytes }) => {
    const rows = role === 'embeddings' ? grown.get(shape[0]) : undefined
    return rows === undefined ? bytes : (bytes / shape[0]) * rows
  })
  const widths = trained.map(({ role, shape }) => (role === 'embeddings' ? (shape[1] ?? 1) : 0))
  const { embeddingDim, rank } = model.options
  const width = Number(embeddingDim ?? rank ?? Math.max(1, ...widths))
  return {
    table: 4 * width * (users + items),
    parameters: bytes.reduce((total, each) => total + each, 0),
    largest: Math.max(0, ...bytes),
  }
}

function lossName(model: GraphModel): string {
  return (model.options['loss'] as { readonly name: string } | undefined)?.name ?? 'bpr'
}

/** Arrays as large as a parameter that an optimizer makes and drops while it moves that parameter. */
function temporariesOf(optimizer: NonNullable<TrainerOptions['optimizer']>): number {
  if (optimizer.name === 'sgd') return (optimizer.momentum ?? 0) > 0 ? 3 : 2
  if (optimizer.name === 'adagrad') return 6
  return 'amsgrad' in optimizer && optimizer.amsgrad ? 12 : 0
}

/** The share of all nodes, at most, that a step with `graphSampling` propagates over. */
function sampledShare(
  {
    graphSampling,
    batchSize = defaultTraining.batchSize,
    negativesPerPositive = 1,
  }: TrainingMemoryOptions['training'],
  { users, items }: GraphCounts,
): number {
  if (graphSampling === undefined) return 1
  const batchNodes = batchSize * (2 + negativesPerPositive)
  return Math.min(1, sampledNodes(graphSampling, batchNodes, users + items) / (users + items))
}

function sampledNodes(
  settings: GraphSamplingSettings,
  batchNodes: number,
  allNodes: number,
): number {
  switch (settings.method) {
    case 'neighbours':
      return reachedNodes(settings.fanOuts, batchNodes)
    case 'walk-neighbours':
      return reachedNodes(settings.neighbours, batchNodes)
    case 'layers':
      return batchNodes + 2 * settings.layerSizes.reduce((total, size) => total + size, 0)
    case 'clusters':
      return (allNodes * settings.clustersPerStep) / settings.clusters
    case 'walk-subgraphs':
      return settings.roots * (1 + (settings.walkLength ?? 2))
  }
}

function reachedNodes(fanOuts: readonly (number | 'all')[], batchNodes: number): number {
  let last = batchNodes
  let all = batchNodes
  for (const fanOut of fanOuts) {
    last *= fanOut === 'all' ? Number.POSITIVE_INFINITY : fanOut
    all += last
  }
  return all
}

function checkBackend(): void {
  const active: string | undefined = tf.getBackend()
  if (!active || active === 'simd') return
  throw new InvalidOptionsError(
    `Memory can be estimated for the backend 'simd' only; the active one is '${active}'. Call useBackend('simd') first, or leave out maxMemory.`,
  )
}

/** Resident memory of the process without the kernel memory that a training can still use. */
function processBytes(): number {
  const usage: NodeJS.Process['memoryUsage'] | undefined = globalThis.process?.memoryUsage
  if (!usage) return 0
  const { memoryBytes, usedBytes } = defaultRuntime().statistics
  return Math.max(0, usage().rss - (memoryBytes - usedBytes))
}

/** Each user has the items of their own number and of the two after it. */
function smallGraph(): BipartiteGraph {
  const rows = Array.from({ length: 3 * smallUsers }, (_, row) => row)
  return BipartiteGraph.fromInteractions(
    fromColumns({
      user: rows.map((row) => Math.floor(row / 3)),
      item: rows.map((row) => (Math.floor(row / 3) + (row % 3)) % smallItems),
    }),
  )
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
