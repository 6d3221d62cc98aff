import { type Batch, yieldToEventLoop } from '@gnnrec/graph'
import { globalNorm } from '@gnnrec/ops'
import {
  type DataGradient,
  finalEmbeddings,
  type GuardedModel,
  type ParameterSample,
  type SampledLayer,
  type SampledNodes,
  sampleParameters,
  swapped,
} from '@gnnrec/train/internal'
import type { Tensor } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { BatchLoss } from '../models/batch-loss.js'
import type { ResolvedModel } from '../models/resolved-model.js'
import { sides } from '../operator/sides.js'
import { bySide, type NodeTables, type NodeValues } from '../propagation/node-tables.js'
import { openRanker } from '../trained-model.js'
import { type Gradients, gradientsOf } from './gradients.js'
import { squaredNorm } from './table-optimizer.js'
import type { TrainingState } from './training-state.js'

/** A model whose tables are in files, as guards see it. */
export function guardedTables(
  { architecture, options }: ResolvedModel,
  state: TrainingState,
  loss: BatchLoss,
  signal: AbortSignal,
): GuardedModel {
  return {
    ...{ architecture, options, graph: loss.graph },
    samples: async (nodes) => [
      ...sampleTables(state.embeddings, nodes),
      ...(await sampleParameters(loss, nodes)),
    ],
    async ranker() {
      const ranker = await openRanker(state, loss)
      return { ranker, release: () => ranker.close() }
    },
    layers: (nodes) => sampledLayers(state, nodes, signal),
    dataGradient: (batch) => dataGradient(state, loss, batch, signal),
  }
}

function sampleTables(embeddings: NodeTables, nodes: SampledNodes): ParameterSample[] {
  const values = rowsOf(embeddings, nodes)
  const dim = embeddings.users.shape.columns
  return [
    { name: 'userEmbeddings', isTable: true, dim, values: values.users },
    { name: 'itemEmbeddings', isTable: true, dim, values: values.items },
  ]
}

/** One layer after the other, and what is ranked by. */
async function* sampledLayers(
  { embeddings, final, propagation, workspace }: TrainingState,
  nodes: SampledNodes,
  signal: AbortSignal,
): AsyncGenerator<SampledLayer> {
  const dim = embeddings.users.shape.columns
  yield { name: 'layer 0', dim, ...rowsOf(embeddings, nodes) }
  let x = embeddings
  for (let layer = 1; layer <= propagation.layers; layer++) {
    const next = workspace.borrow()
    await propagation.layer(layer, x, embeddings, next, signal)
    if (x !== embeddings) workspace.giveBack(x)
    x = next
    yield { name: `layer ${layer}`, dim, ...rowsOf(x, nodes) }
  }
  if (x !== embeddings) workspace.giveBack(x)
  await propagation.forward(embeddings, final, signal)
  yield { name: finalEmbeddings, dim, ...rowsOf(final, nodes) }
}

function rowsOf(tables: NodeTables, nodes: SampledNodes): NodeValues {
  return bySide((side) => {
    const rows = new Float32Array(nodes[side].length * tables[side].shape.columns)
    tables[side].gather(nodes[side], rows)
    return rows
  })
}

/** `measureDataGradient` of gradients in files. */
async function dataGradient(
  state: TrainingState,
  loss: BatchLoss,
  batch: Batch,
  signal: AbortSignal,
): Promise<DataGradient> {
  const found: Gradients[] = []
  try {
    for (const each of [batch, swapped(batch)]) {
      found.push(await gradientsOf(state, loss, each, signal))
      await yieldToEventLoop()
    }
    const [own, other] = found
    return {
      data: 0.5 * normOf(state, own, other, -1),
      rest: 0.5 * normOf(state, own, other, 1),
    }
  } finally {
    for (const { tables, gradients } of found) {
      state.workspace.giveBack(tables)
      tf.dispose(gradients)
    }
  }
}

/** The norm of own + sign · other. */
function normOf(
  { cache, workspace }: TrainingState,
  own: Gradients,
  other: Gradients,
  sign: 1 | -1,
): number {
  const combined = workspace.borrow()
  let squares = 0
  try {
    for (const side of sides) {
      for (let block = 0; block < combined[side].blockCount; block++) {
        own.tables[side].withValues(block, 'read', (a) => {
          other.tables[side].withValues(block, 'read', (b) => {
            combined[side].withValues(block, 'write', (out) => {
              for (let at = 0; at < out.length; at++) out[at] = a[at] + sign * b[at]
            })
          })
        })
      }
      squares += Math.sqrt(squaredNorm(cache, combined, side)) ** 2
    }
  } finally {
    workspace.giveBack(combined)
  }
  for (const name of new Set([...Object.keys(own.gradients), ...Object.keys(other.gradients)])) {
    const [a, b]: (Tensor | undefined)[] = [own.gradients[name], other.gradients[name]]
    squares += tf.tidy(() => {
      const sum = a && b ? (sign === 1 ? tf.add(a, b) : tf.sub(a, b)) : ((a ?? b) as Tensor)
      return globalNorm([sum]) ** 2
    })
  }
  return Math.sqrt(squares)
}
