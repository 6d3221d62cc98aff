import type { LossSettings } from '../losses/loss-settings.js'

/** The size of a graph. */
export interface GraphCounts {
  /** Number of users, an integer >= 1. */
  readonly users: number
  /** Number of items, an integer >= 2. */
  readonly items: number
  /** Distinct (user, item) pairs, an integer >= 1. */
  readonly edges: number
}

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
export const operatorBytesPerEdge = 16
/** Values of the normalized matrix and of its transpose, in JavaScript arrays. */
export const valueBytesPerEdge = 8
/** The lists, matrices and transposes of a graph, in JavaScript arrays. */
export const graphBytesPerEdge = 20

/** Options that tell about memory; a model has some of them. */
interface OptionsOfLaws {
  readonly layers?: number
  readonly loss?: LossSettings
  readonly activation?: string
  readonly variant?: string
  readonly head?: string
  readonly dropout?: number
}

/**
 * Returns the law of a model that says nothing itself: that of plain dense layers, which take the most, unless
 * the options say that it has no layers.
 */
export function defaultLaw(
  options: OptionsOfLaws,
  counts: GraphCounts,
  negativesPerPositive: number,
): ModelMemoryLaw {
  if (options.layers === 0 && options.head === undefined) {
    return freeEmbeddings(options, counts, negativesPerPositive)
  }
  return { ...propagating(counts), ...denseLayers(options, Math.max(3, options.layers ?? 0)) }
}

/** Returns the law of tables that are ranked by as they are, as matrix factorization does. */
export function freeEmbeddings(
  options: OptionsOfLaws,
  counts: GraphCounts,
  negativesPerPositive: number,
): ModelMemoryLaw {
  // One kernel computes BPR with one negative and its gradient without copies of rows.
  const isFused = (options.loss?.name ?? 'bpr') === 'bpr' && negativesPerPositive === 1
  return { ...withoutPropagation(counts), rowsPerSample: isFused ? 0 : 10 }
}

/**
 * Returns the law of layers made of plain TensorFlow.js operators, which keep most of what they compute for the
 * gradient: GCNII, and classes that say nothing themselves.
 */
export function denseLayers(options: OptionsOfLaws, layers: number) {
  const isLinear = options.activation === 'identity'
  const isStar = options.variant === 'gcnii*'
  const perLayer = isStar ? 8 : isLinear ? 4 : 6
  const outputsPerLayer = isStar ? 5 : isLinear ? 2 : 3
  const headTables = options.head === 'none' ? 0 : 3
  const drops = (options.dropout ?? 0) > 0
  return {
    stepTables: drops ? (perLayer + 1) * layers + 8 : Math.max(perLayer * layers - 1, 5),
    rowsPerSample: isStar ? 46 : 37,
    outputTables: outputsPerLayer * layers + headTables,
    layerTables: outputsPerLayer * layers,
  }
}

/** The part of a law that all models share that multiply by the adjacency matrix. */
export function propagating({ users, items, edges }: GraphCounts) {
  return {
    stepBytesPerEdge: 0,
    keptBytes: operatorBytesPerEdge * edges + 8 * (users + items),
    heapBytes: valueBytesPerEdge * edges,
    preparationBytes: 0,
  }
}

/** The law of free embeddings alone, for which the sampler keeps its own copy of the lists of items. */
export function withoutPropagation({ users, edges }: GraphCounts) {
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
