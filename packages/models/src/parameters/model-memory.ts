import type { BipartiteGraph } from '@gnnrec/graph'
import { machineMemory } from '@gnnrec/graph/kernels'
import { type ModelMemory, ModelTooLargeError } from './model-too-large-error.js'

/** Bytes of an edge: indices (int32) and values (float32) of both directions. */
const operatorBytes = 16
const floatBytes = 4

/** Counts the bytes of a model with a row per node. */
export function embeddingMemory(
  { userCount, itemCount, edgeCount }: BipartiteGraph,
  settings: { readonly embeddingDim: number; readonly layers?: unknown },
): ModelMemory {
  const table = floatBytes * (userCount + itemCount) * settings.embeddingDim
  const propagates = Number(settings.layers ?? 0) > 0
  return {
    parameters: table,
    buffers: 0,
    operators: propagates ? operatorBytes * edgeCount : 0,
    finalEmbeddings: propagates ? table : 0,
  }
}

/** Counts the bytes of a model of singular vectors, which may train a map of them to `embeddingDim` numbers. */
export function spectralMemory(
  { userCount, itemCount, edgeCount }: BipartiteGraph,
  { rank, embeddingDim }: { readonly rank: number; readonly embeddingDim?: number },
): ModelMemory {
  const row = floatBytes * (userCount + itemCount)
  return {
    parameters: floatBytes * rank * (embeddingDim ?? 0),
    buffers: row * rank,
    operators: operatorBytes * edgeCount,
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

/** @throws ModelTooLargeError when the tensors of a model take more bytes than the machine has */
export function checkTensorBytes(architecture: string, bytes: number): void {
  const most = machineMemory()
  if (bytes <= most) return
  throw new ModelTooLargeError(
    `${architecture}: its tensors take at least ${bytes} bytes; this machine has ${most}. Take a smaller embeddingDim or rank or fewer layers, or train in files with @gnnrec/out-of-core.`,
  )
}
