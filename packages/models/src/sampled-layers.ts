import { type BipartiteOperator, graphFilter, type NodeTensors, spmm } from '@gnnrec/graph/ops'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

/** Â x with the operator of one step of a sample. */
export function sampledStep({ toUsers, toItems }: BipartiteOperator, x: NodeTensors): NodeTensors {
  return { users: spmm(toUsers, x.items), items: spmm(toItems, x.users) }
}

/** Σ_l weights[l] · X⁽ˡ⁾ with X⁽ˡ⁺¹⁾ = steps[l] X⁽ˡ⁾: `graphFilter` with an operator for each step. */
export function sampledFilter(
  steps: readonly BipartiteOperator[],
  x: NodeTensors,
  weights: readonly number[],
): NodeTensors {
  const [first] = steps
  if (steps.every((step) => step === first)) return graphFilter(first, x, weights)
  const layers = [x]
  for (const [l, step] of steps.entries()) layers.push(sampledStep(step, layers[l]))
  const sum = (side: keyof NodeTensors): Tensor2D => {
    const terms = layers.flatMap((layer, l) =>
      weights[l] === 0 ? [] : [tf.mul<Tensor2D>(layer[side], weights[l])],
    )
    return terms.length > 0 ? tf.addN(terms) : tf.zerosLike(x[side])
  }
  return { users: sum('users'), items: sum('items') }
}
