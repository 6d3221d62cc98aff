import type { BipartiteGraph } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import { gatherRows } from '@gnnrec/ops'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { SampledNodes } from './sampled-nodes.js'

/** Largest number of values that are read of a parameter without rows of users or items. */
const denseSample = 4096

/** A sample of the numbers of a parameter. */
export interface ParameterSample {
  readonly name: string
  /** True when the parameter has a row for each user, each item, or each node. */
  readonly isTable: boolean
  /** Length of a row. */
  readonly dim: number
  readonly values: Float32Array
}

/** Reads the rows of the sampled nodes of each table, and the first numbers of other parameters. */
export async function sampleParameters(
  model: Pick<GraphModel, 'graph' | 'parameters'>,
  nodes: SampledNodes,
): Promise<ParameterSample[]> {
  const samples: ParameterSample[] = []
  for (const [name, parameter] of Object.entries(model.parameters())) {
    const rows = parameter.rank === 2 ? rowsOf(parameter.shape[0], model.graph, nodes) : undefined
    const part = tf.tidy(() => {
      if (rows) return gatherRows(parameter as unknown as Tensor2D, tf.tensor1d(rows, 'int32'))
      return tf.slice(tf.reshape(parameter, [-1]), 0, Math.min(parameter.size, denseSample))
    })
    const values = (await part.data<'float32'>()).slice()
    part.dispose()
    samples.push({ name, isTable: rows !== undefined, dim: parameter.shape.at(-1) ?? 1, values })
  }
  return samples
}

/** Returns the sampled rows of a table; undefined if its rows are not those of nodes. */
function rowsOf(
  rowCount: number,
  { userCount, itemCount }: BipartiteGraph,
  { users, items }: SampledNodes,
): Int32Array | undefined {
  if (rowCount === userCount + itemCount) {
    return Int32Array.of(...users, ...items.map((item) => userCount + item))
  }
  if (rowCount === userCount) return users
  return rowCount === itemCount ? items : undefined
}

/**
 * Returns the size of a typical number: for a table √(‖row‖² / d) of the median row, so that a few large rows do
 * not hide small ones; otherwise the root of the mean square.
 */
export function typicalSize({ isTable, dim, values }: ParameterSample): number {
  if (!isTable) return rootMeanSquare(values)
  const sizes = new Float64Array(values.length / dim)
  for (let row = 0; row < sizes.length; row++) {
    sizes[row] = rootMeanSquare(values.subarray(row * dim, (row + 1) * dim))
  }
  return sizes.sort()[sizes.length >> 1] ?? 0
}

function rootMeanSquare(values: Float32Array): number {
  let sum = 0
  for (const value of values) sum += value * value
  return Math.sqrt(sum / Math.max(1, values.length))
}
