import {
  BprMf,
  Dgr,
  Gcnii,
  type GraphModel,
  GroupShuffle,
  LayerGcn,
  LightGcn,
  SvdGcn,
} from '@gnnrec/models'
import type { GraphCounts } from './graph-counts.js'

/**
 * Memory that training a model takes, as multiples of sizes that are known beforehand. A table has one row of
 * `embeddingDim` floats for every user and item. The figures were read off the allocations of the backend
 * `simd` on small graphs, where they are exact multiples.
 */
export interface ModelMemoryLaw {
  /** Tables in kernel memory at the highest moment of a step, gradients included. */
  readonly stepTables: number
  /** Bytes of kernel memory for each edge at that moment, besides {@link keptBytes}. */
  readonly stepBytesPerEdge: number
  /** Rows of `embeddingDim` floats for each sample of a batch, with one negative per positive. */
  readonly rowsPerSample: number
  /** Tables in kernel memory while the final embeddings are computed, for evaluations and guards. */
  readonly outputTables: number
  /** Tables in kernel memory while guards look at every layer. */
  readonly layerTables: number
  /** Bytes that stay in kernel memory between steps, besides parameters and the optimizer's arrays. */
  readonly keptBytes: number
  /** Bytes of JavaScript arrays that the model keeps. */
  readonly heapBytes: number
  /** Bytes of JavaScript arrays at the highest moment of `prepare`. */
  readonly preparationBytes: number
}

/** Indices and values of both directions of an edge, in kernel memory: int32 and float32. */
const operatorBytesPerEdge = 16
/** Values of the normalized matrix and of its transpose, in JavaScript arrays. */
const valueBytesPerEdge = 8
/** The lists, matrices and transposes of a graph, in JavaScript arrays. */
export const graphBytesPerEdge = 20
/** Indices and factors of the edges that dropout keeps, forward and backward. */
const droppedBytesPerEdge = 24
/** Number of vectors that a decomposition computes beyond those that are kept. */
const extraVectors = 10

/** Returns the law of a model for a graph with these counts and batches with so many negatives a positive. */
export function memoryLawOf(
  model: GraphModel,
  counts: GraphCounts,
  negativesPerPositive: number,
): ModelMemoryLaw {
  const { options } = model
  const number = (name: string) => Number(options[name] ?? 0)
  const layers = number('layers')
  if (model instanceof SvdGcn) return spectralLaw(options, counts)
  if (model instanceof BprMf || (layers === 0 && options['head'] === undefined)) {
    const { name } = (options['loss'] ?? { name: 'bpr' }) as { readonly name: string }
    // One kernel computes BPR with one negative and its gradient without copies of rows.
    const isFused = name === 'bpr' && negativesPerPositive === 1
    return { ...withoutPropagation(counts), rowsPerSample: isFused ? 0 : 10 }
  }
  if (model instanceof LightGcn) {
    return {
      ...propagating(counts),
      stepTables: Math.min(layers + 2, 4),
      stepBytesPerEdge: number('edgeDropout') > 0 ? droppedBytesPerEdge : 0,
      rowsPerSample: 15,
      outputTables: Math.min(layers, 2),
      layerTables: layers,
    }
  }
  if (model instanceof LayerGcn) {
    // The edges that pruning leaves are a graph of their own beside the whole one.
    const pruning = number('edgePruning')
    const keptEdges = pruning > 0 ? (1 - pruning) * counts.edges : 0
    const whole = propagating(counts)
    return {
      ...whole,
      keptBytes: whole.keptBytes + operatorBytesPerEdge * keptEdges,
      heapBytes: whole.heapBytes + (graphBytesPerEdge + valueBytesPerEdge) * keptEdges,
      stepTables: layers + 5,
      rowsPerSample: 13,
      outputTables: layers + 3,
      layerTables: layers + 1,
    }
  }
  if (model instanceof Dgr) {
    const lists = Number(number('neighbourWeight') > 0) + Number(number('marginalWeight') > 0)
    const neighbours = lists * number('neighbours')
    const whole = propagating(counts)
    return {
      ...whole,
      heapBytes: whole.heapBytes + 8 * neighbours * counts.items,
      stepTables: 5.8,
      rowsPerSample: 15 + 4 * neighbours,
      outputTables: 4,
      layerTables: 5,
    }
  }
  if (model instanceof GroupShuffle) {
    return {
      ...propagating(counts),
      stepTables: number('dropout') > 0 ? 7 * layers + 7 : Math.min(Math.max(layers + 1, 3), 4),
      rowsPerSample: 22 + 12 * layers,
      outputTables: 2 * layers + 2,
      layerTables: 3 * layers + 1,
    }
  }
  return { ...propagating(counts), ...denseLayers(options, model instanceof Gcnii ? layers : 3) }
}

/**
 * Returns the law of layers made of plain TensorFlow.js operators, which keep most of what they compute for the
 * gradient: GCNII, and classes that this package does not know.
 */
function denseLayers(options: GraphModel['options'], layers: number) {
  const isLinear = options['activation'] === 'identity'
  const isStar = options['variant'] === 'gcnii*'
  const perLayer = isStar ? 8 : isLinear ? 4 : 6
  const outputsPerLayer = isStar ? 5 : isLinear ? 2 : 3
  const headTables = options['head'] === 'none' ? 0 : 3
  const drops = Number(options['dropout'] ?? 0) > 0
  return {
    stepTables: drops ? (perLayer + 1) * layers + 8 : Math.max(perLayer * layers - 1, 5),
    rowsPerSample: isStar ? 46 : 37,
    outputTables: outputsPerLayer * layers + headTables,
    layerTables: outputsPerLayer * layers,
  }
}

/** The part of a law that all models share that multiply by the adjacency matrix. */
function propagating({ users, items, edges }: GraphCounts) {
  return {
    stepBytesPerEdge: 0,
    keptBytes: operatorBytesPerEdge * edges + 8 * (users + items),
    heapBytes: valueBytesPerEdge * edges,
    preparationBytes: 0,
  }
}

/** The law of free embeddings alone, for which the sampler keeps its own copy of the lists of items. */
function withoutPropagation({ users, edges }: GraphCounts) {
  return {
    stepTables: 1,
    stepBytesPerEdge: 0,
    outputTables: 0,
    layerTables: 0,
    keptBytes: 4 * (edges + users),
    heapBytes: 0,
    preparationBytes: 0,
  }
}

/** Returns the law of singular vectors, with a trained matrix of rank × embeddingDim or without. */
function spectralLaw(options: GraphModel['options'], counts: GraphCounts): ModelMemoryLaw {
  const { users, items, edges } = counts
  const rank = Number(options['rank'])
  const dim = Number(options['embeddingDim'] ?? rank)
  const pairs = { B: 0, U: 2, I: 2, M: 4 }[String(options['variant'])] ?? 0
  const vectors = 4 * rank * (users + items)
  const heapBytes = vectors + valueBytesPerEdge * edges
  // Panels of float64: two of the items, one of the users.
  const preparationBytes = vectors + 8 * (rank + extraVectors) * (2 * items + users)
  const whole = { ...withoutPropagation(counts), stepTables: 0, layerTables: 1 }
  if (options['variant'] === 'S') {
    return { ...whole, rowsPerSample: 0, keptBytes: vectors, heapBytes, preparationBytes }
  }
  return {
    ...whole,
    rowsPerSample: (3 + pairs) * (3.7 + (1.4 * rank) / dim),
    outputTables: 1,
    keptBytes: whole.keptBytes + vectors,
    heapBytes,
    preparationBytes,
  }
}
