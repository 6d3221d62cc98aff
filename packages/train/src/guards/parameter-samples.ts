import type { BipartiteGraph } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import { gatherRows } from '@gnnrec/ops'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { SampledNodes } from './sampled-nodes.js'

/** Numbers of a parameter that has no rows of users or items, at most. */
const denseSample = 4096

/** Some numbers of a parameter. */
export interface ParameterSample {
  readonly name: string
  /** Whether it has one row for each user, each item, or each node. */
  readonly isTable: boolean
  /** Length of a row. */
  readonly dim: number
  readonly values: Float32Array
}

/** Reads the rows of the sampled nodes of each table, and the first numbers of other parameters. */
export async function sampleParameters(
  model: GraphModel,
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

/** The sampled rows of a table with so many rows; undefined if they are no rows of nodes. */
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
 * The size of a typical number: for a table √(‖row‖² / d) of the row in the middle, so that a few
 * large rows hide nothing; else the root of the mean square.
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
