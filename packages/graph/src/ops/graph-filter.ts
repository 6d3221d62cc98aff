import type { Tensor2D, TensorInfo } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { InvalidOptionsError } from '../errors.js'
import type { SparseMatrix } from '../sparse-matrix.js'
import { deviceMatrix } from './kernels/device-matrix.js'
import { defineOp } from './kernels/register-op.js'
import { checkRows } from './spmm.js'

/**
 * One step over a bipartite graph: what users take from items, and items from users.
 *
 * Together the blocks are the operator Â = [[0, toUsers], [toItems, 0]].
 */
export interface BipartiteOperator {
  /** userCount × itemCount */
  readonly toUsers: SparseMatrix
  /** itemCount × userCount */
  readonly toItems: SparseMatrix
}

/** Values of users [userCount, d] and items [itemCount, d]. */
export type NodeTensors = {
  readonly users: Tensor2D
  readonly items: Tensor2D
}

interface Attributes {
  readonly operator: BipartiteOperator
  readonly weights: readonly number[]
}

const run = defineOp<Attributes>({
  name: 'GnnGraphFilter',
  forward(kernels, backend, inputs, { operator, weights }) {
    const base = { users: inputs['users'] as TensorInfo, items: inputs['items'] as TensorInfo }
    const toUsers = deviceMatrix(operator.toUsers)
    const toItems = deviceMatrix(operator.toItems)
    // Horner's rule, from the last weight inwards: acc ← weights[l] · E + Â acc. The first product
    // takes the last weight as its scale.
    let acc = base
    for (let l = weights.length - 2; l >= 0; l--) {
      const isFirst = l === weights.length - 2
      const scale = isFirst ? weights[l + 1] : 1
      const weight = weights[l]
      const next = {
        users: kernels.spmm(backend, toUsers, acc.items, scale, { x: base.users, scale: weight }),
        items: kernels.spmm(backend, toItems, acc.users, scale, { x: base.items, scale: weight }),
      }
      if (!isFirst) for (const used of [acc.users, acc.items]) backend.disposeData(used.dataId)
      acc = next
    }
    return [acc.users, acc.items]
  },
  gradient([users, items], _saved, { operator, weights }) {
    const adjoint = { toUsers: operator.toItems.transpose(), toItems: operator.toUsers.transpose() }
    const dy = { users: users as Tensor2D, items: items as Tensor2D }
    return gradientPair(() => graphFilter(adjoint, dy, weights))
  },
})

/** A gradient that was computed along with another and has not been asked for yet. */
let unclaimed: Tensor2D | undefined

/**
 * Both gradients come from one computation, but tfjs asks for them one at a time and disposes of
 * all else that was made meanwhile. So the second waits, kept; if nobody asks for it (only one side
 * is trained), the next computation frees it.
 */
function gradientPair(compute: () => NodeTensors): Record<keyof NodeTensors, () => Tensor2D> {
  let waiting: { side: keyof NodeTensors; value: Tensor2D } | undefined
  const claim = (side: keyof NodeTensors, other: keyof NodeTensors) => () => {
    if (waiting?.side === side) {
      const claimed = tf.clone(waiting.value)
      waiting.value.dispose()
      waiting = undefined
      unclaimed = undefined
      return claimed
    }
    unclaimed?.dispose()
    const both = compute()
    unclaimed = tf.keep(both[other])
    waiting = { side: other, value: unclaimed }
    return both[side]
  }
  return { users: claim('users', 'items'), items: claim('items', 'users') }
}

/**
 * A polynomial of the graph operator: Z = Σ_l weights[l] · Âˡ · [users; items].
 *
 * One differentiable operator without the intermediate layers in memory: L = weights.length - 1
 * steps forward and L back, each 2·edges·d operations a direction. LightGCN's mean of layers is
 * `weights` = 1/(L+1) throughout.
 *
 * @param operator - blocks of Â
 * @param x - users [userCount, d] and items [itemCount, d]
 * @param weights - at least two (one step); finite
 * @throws ShapeMismatchError when `x` does not fit the operator
 * @throws InvalidOptionsError when there are fewer than two weights
 */
export function graphFilter(
  operator: BipartiteOperator,
  x: NodeTensors,
  weights: readonly number[],
): NodeTensors {
  if (weights.length < 2) {
    throw new InvalidOptionsError(
      `graphFilter: got ${weights.length} weights; expected at least 2, for the values themselves and one step.`,
    )
  }
  checkRows('graphFilter (toUsers)', operator.toUsers, x.items)
  checkRows('graphFilter (toItems)', operator.toItems, x.users)
  deviceMatrix(operator.toUsers)
  deviceMatrix(operator.toItems)
  const [users, items] = run({ users: x.users, items: x.items }, { operator, weights })
  return { users: users as Tensor2D, items: items as Tensor2D }
}
