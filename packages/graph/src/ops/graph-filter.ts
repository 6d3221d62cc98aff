import type { Tensor2D, TensorInfo } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { InvalidOptionsError, ShapeMismatchError } from '../errors.js'
import type { SparseMatrix } from '../sparse-matrix.js'
import { checkTensor } from './checks.js'
import { deviceMatrix } from './kernels/device-matrix.js'
import { defineOp } from './kernels/register-op.js'

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
  /**
   * Whether the operator serves one step only, such as a random part of a graph: what backends hold
   * of it is freed after its gradient. @defaultValue false
   */
  readonly singleUse?: boolean
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
    // A product that runs out of memory must not leave those before it behind.
    const alive = new Set<TensorInfo>()
    const product: typeof kernels.spmm = (...given) => {
      const out = kernels.spmm(...given)
      alive.add(out)
      return out
    }
    const free = (tensor: TensorInfo) => {
      alive.delete(tensor)
      backend.disposeData(tensor.dataId)
    }
    // Horner's rule, from the last weight inwards: acc ← weights[l] · E + Â acc. The first product
    // takes the last weight as its scale.
    let acc = base
    try {
      for (let l = weights.length - 2; l >= 0; l--) {
        const isFirst = l === weights.length - 2
        const scale = isFirst ? weights[l + 1] : 1
        const weight = weights[l]
        const next = {
          users: product(backend, toUsers, acc.items, scale, { x: base.users, scale: weight }),
          items: product(backend, toItems, acc.users, scale, { x: base.items, scale: weight }),
        }
        if (!isFirst) for (const used of [acc.users, acc.items]) free(used)
        acc = next
      }
    } catch (error) {
      alive.forEach(free)
      throw error
    }
    return [acc.users, acc.items]
  },
  gradient([users, items], _saved, { operator, weights }) {
    const adjoint = { toUsers: operator.toItems.transpose(), toItems: operator.toUsers.transpose() }
    const dy = { users: users as Tensor2D, items: items as Tensor2D }
    return gradientPair(() => {
      const gradients = graphFilter(adjoint, dy, weights)
      if (operator.singleUse)
        for (const block of [operator.toUsers, operator.toItems]) block.dispose()
      return gradients
    })
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
 * @throws ShapeMismatchError when `x` does not fit the operator, or its blocks each other
 * @throws InvalidOptionsError when there are fewer than two weights, or one is not finite
 * @throws BackendUnavailableError when the active backend has no graph kernels
 */
export function graphFilter(
  operator: BipartiteOperator,
  x: NodeTensors,
  weights: readonly number[],
): NodeTensors {
  if (weights.length < 2 || !weights.every(Number.isFinite)) {
    throw new InvalidOptionsError(
      `graphFilter: got weights [${weights.join(', ')}]; expected at least 2, for the values themselves and one step, all finite.`,
    )
  }
  const { toUsers, toItems } = operator
  if (toUsers.rows !== toItems.columns || toUsers.columns !== toItems.rows) {
    throw new ShapeMismatchError(
      `graphFilter: got blocks of ${toUsers.rows} × ${toUsers.columns} and ${toItems.rows} × ${toItems.columns}; expected one to have the other's transposed shape.`,
    )
  }
  checkTensor('graphFilter (users)', x.users, 'float32', [toUsers.rows, 'd'])
  checkTensor('graphFilter (items)', x.items, 'float32', [toItems.rows, x.users.shape[1]])
  deviceMatrix(toUsers)
  deviceMatrix(toItems)
  const [users, items] = run({ users: x.users, items: x.items }, { operator, weights })
  return { users: users as Tensor2D, items: items as Tensor2D }
}
