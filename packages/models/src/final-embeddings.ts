import { yieldToEventLoop } from '@gnnrec/graph'
import type { NodeTensors } from '@gnnrec/ops'
import type { FoldIn, HostTensor } from '@gnnrec/serving/model-folder'
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { HistoryTables } from './history/history-tables.js'
import { ownValues } from './own-values.js'

/** The embeddings that a model ranks by, outside any backend. */
export interface FinalEmbeddings {
  readonly embeddingDim: number
  readonly userEmbeddings: Float32Array
  readonly itemEmbeddings: Float32Array
  readonly itemBias?: Float32Array
  /** The way in which histories get embeddings, if the model has one. */
  readonly foldIn?: FoldIn
  readonly foldInTensors?: ReadonlyMap<string, HostTensor>
}

/** The result of a forward pass. */
type Forward = NodeTensors & {
  readonly bias: Tensor1D | undefined
  readonly history: HistoryTables | undefined
}

/** Reads the result of a forward pass into arrays of the caller's own and frees it; a bias stays with its owner. */
export async function readEmbeddings(compute: () => Forward): Promise<FinalEmbeddings> {
  let foldIn: FoldIn | undefined
  const { users, items, bias, tables } = tf.tidy(() => {
    const { users, items, bias, history } = compute()
    foldIn = history?.foldIn
    const tables = { ...history?.tensors }
    return { users, items, tables, ...(bias && { bias: tf.clone(bias) }) }
  })
  try {
    // The pass, the copy and the work after it each take long on a large graph.
    await yieldToEventLoop()
    const read = await Promise.all([
      users.data<'float32'>(),
      items.data<'float32'>(),
      bias?.data<'float32'>(),
      readTables(tables),
    ])
    const [userEmbeddings, itemEmbeddings] = [ownValues(read[0]), ownValues(read[1])]
    const itemBias = read[2] && ownValues(read[2])
    await yieldToEventLoop()
    const embeddingDim = users.shape[1]
    return {
      embeddingDim,
      userEmbeddings,
      itemEmbeddings,
      ...(itemBias && { itemBias }),
      ...(foldIn && { foldIn, foldInTensors: read[3] }),
    }
  } finally {
    tf.dispose([users, items, ...Object.values(tables), ...(bias ? [bias] : [])])
  }
}

async function readTables(
  tables: Readonly<Record<string, Tensor>>,
): Promise<Map<string, HostTensor>> {
  const read = new Map<string, HostTensor>()
  for (const [name, tensor] of Object.entries(tables)) {
    read.set(name, { shape: tensor.shape, data: ownValues(await tensor.data<'float32'>()) })
  }
  return read
}
