import type { Batch } from '@gnnrec/graph'
import type { BatchGradients } from '@gnnrec/train/internal'
import type { BlockCache } from '../cache/block-cache.js'
import type { BatchLoss } from '../models/batch-loss.js'
import { batchNodes } from '../models/batch-nodes.js'
import { sides } from '../operator/sides.js'
import { bySide, type NodeTables } from '../propagation/node-tables.js'
import type { PropagationWorkspace } from '../propagation/workspace.js'
import { squaredNorm, squaredSum } from './table-optimizer.js'
import type { TrainingState } from './training-state.js'

/** Loss and gradients of a batch, or the mean of several; `gradients` are those of what is no table. */
export interface Gradients extends BatchGradients {
  /** Gradients of the tables, of the workspace, to be given back. */
  readonly tables: NodeTables
}

/** The forward and backward pass of a batch on the tables as they stand; tensors are to be disposed of. */
export async function gradientsOf(
  state: TrainingState,
  loss: BatchLoss,
  batch: Batch,
  signal?: AbortSignal,
): Promise<Gradients> {
  const { propagation, embeddings } = state
  const negatives = loss.looksAtNegatives ? batch.negatives : new Int32Array(0)
  const nodes = batchNodes(batch, negatives, loss.otherItems(batch))
  const final = await propagation.forwardRows(embeddings, nodes.rows, signal)
  const regularized = bySide((side) => {
    const rows = new Float32Array(nodes.rows[side].length * embeddings[side].shape.columns)
    embeddings[side].gather(nodes.rows[side], rows)
    return rows
  })
  const {
    gradients: ofRows,
    dense,
    ...found
  } = await loss.gradients(batch, nodes, {
    ...{ final, regularized },
  })
  try {
    const { final: ofFinal, regularized: direct } = ofRows
    const tables = await propagation.gradient(nodes.rows, ofFinal, direct, signal)
    return { ...found, gradients: dense, tables }
  } catch (error) {
    for (const gradient of Object.values(dense)) gradient.dispose()
    throw error
  }
}

/**
 * Adds `share` times the gradients of a batch to a sum, in float32 as tensors are added.
 *
 * @returns the sum; the others are given back
 */
export function addTables(
  workspace: PropagationWorkspace,
  sum: NodeTables | undefined,
  tables: NodeTables,
  share: number,
): NodeTables {
  const factor = Math.fround(share)
  for (const side of sides) {
    for (let block = 0; block < tables[side].blockCount; block++) {
      if (!sum) {
        tables[side].withValues(block, 'change', (values) => {
          for (let at = 0; at < values.length; at++) values[at] *= factor
        })
        continue
      }
      tables[side].withValues(block, 'read', (values) => {
        sum[side].withValues(block, 'change', (out) => {
          for (let at = 0; at < out.length; at++) out[at] += Math.fround(values[at] * factor)
        })
      })
    }
  }
  if (!sum) return tables
  workspace.giveBack(tables)
  return sum
}

/** Σ x² of each gradient in the order of parameters, in float64 in the order of `globalNorm`. */
export async function squaredNorms(
  cache: BlockCache,
  { tables, gradients }: Pick<Gradients, 'tables' | 'gradients'>,
): Promise<number[]> {
  const squares = sides.map((side) => squaredNorm(cache, tables, side))
  for (const gradient of Object.values(gradients)) {
    squares.push(squaredSum(cache.runtime, await gradient.data<'float32'>()))
  }
  return squares
}
