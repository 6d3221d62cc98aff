import {
  type BipartiteOperator,
  gatherRows,
  graphFilterRows,
  type NodeRows,
  type NodeTensors,
  spmm,
} from '@gnnrec/ops'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

/** Â x with the operator of one step of a sample. */
export function sampledStep({ toUsers, toItems }: BipartiteOperator, x: NodeTensors): NodeTensors {
  return { users: spmm(toUsers, x.items), items: spmm(toItems, x.users) }
}

/** Rows of both sides. */
export function rowsOf({ users, items }: NodeTensors, rows: NodeRows): NodeTensors {
  return { users: gatherRows(users, rows.users), items: gatherRows(items, rows.items) }
}

/** Rows of Σ_l weights[l] · layers[l]; only the rows are summed. */
export function weightedRows(
  layers: readonly NodeTensors[],
  weights: readonly number[],
  rows: NodeRows,
): NodeTensors {
  const sum = (side: keyof NodeTensors): Tensor2D => {
    const terms = layers.flatMap((layer, l) =>
      weights[l] === 0 ? [] : [tf.mul<Tensor2D>(gatherRows(layer[side], rows[side]), weights[l])],
    )
    const [first] = layers
    return terms.length > 0 ? tf.addN(terms) : tf.zerosLike(gatherRows(first[side], rows[side]))
  }
  return { users: sum('users'), items: sum('items') }
}

/**
 * Rows of Σ_l weights[l] · X⁽ˡ⁾ with X⁽ˡ⁺¹⁾ = steps[l] X⁽ˡ⁾: `graphFilterRows` with an operator for each
 * step.
 */
export function sampledFilterRows(
  steps: readonly BipartiteOperator[],
  x: NodeTensors,
  weights: readonly number[],
  rows: NodeRows,
): NodeTensors {
  const [first] = steps
  if (steps.every((step) => step === first)) return graphFilterRows(first, x, weights, rows)
  const layers = [x]
  for (const [l, step] of steps.entries()) layers.push(sampledStep(step, layers[l]))
  return weightedRows(layers, weights, rows)
}
