import type { BipartiteGraph } from '@gnnrec/graph'
import { type ModelMemory, ModelTooLargeError } from './model-too-large-error.js'

/** Indices and values of both directions, of an edge: int32 and float32. */
const OPERATOR_BYTES = 16
const FLOAT_BYTES = 4

/** Of a model with a row per node, that propagates or does not. */
export function embeddingMemory(
  { userCount, itemCount, edgeCount }: BipartiteGraph,
  settings: { readonly embeddingDim: number; readonly layers?: unknown },
): ModelMemory {
  const table = FLOAT_BYTES * (userCount + itemCount) * settings.embeddingDim
  const propagates = Number(settings.layers ?? 0) > 0
  return {
    parameters: table,
    buffers: 0,
    operators: propagates ? OPERATOR_BYTES * edgeCount : 0,
    finalEmbeddings: propagates ? table : 0,
  }
}

/** Of a model of singular vectors, that trains a map of them to `embeddingDim` numbers, or nothing. */
export function spectralMemory(
  { userCount, itemCount, edgeCount }: BipartiteGraph,
  { rank, embeddingDim }: { readonly rank: number; readonly embeddingDim?: number },
): ModelMemory {
  const row = FLOAT_BYTES * (userCount + itemCount)
  return {
    parameters: FLOAT_BYTES * rank * (embeddingDim ?? 0),
    buffers: row * rank,
    operators: OPERATOR_BYTES * edgeCount,
    finalEmbeddings: row * (embeddingDim ?? rank),
  }
}

/** @throws ModelTooLargeError when the parts together are above a limit in bytes */
export function checkModelMemory(architecture: string, parts: ModelMemory, limit: number): void {
  const total = Object.values(parts).reduce((sum, bytes) => sum + bytes, 0)
  if (total <= limit) return
  const named = Object.entries(parts).map(([name, bytes]) => `${name} ${bytes}`)
  throw new ModelTooLargeError(
    `${architecture}: maxMemory: got ${limit} bytes; the model takes at least ${total} (${named.join(', ')}). Allow more, take a smaller embeddingDim or rank, or train in files with @gnnrec/out-of-core.`,
    { parts },
  )
}
