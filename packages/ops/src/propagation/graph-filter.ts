import { InvalidOptionsError, sizeLimits } from '@gnnrec/graph'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { defineOp } from '../kernels/register-op.js'
import {
  adjointOf,
  type BipartiteOperator,
  checkNodes,
  type NodeTensors,
  nodesOf,
  releaseSingleUse,
  withScratch,
} from './bipartite-operator.js'

interface Attributes {
  readonly operator: BipartiteOperator
  readonly weights: readonly number[]
}

const run = defineOp<Attributes>({
  name: 'GnnGraphFilter',
  forward(kernels, backend, inputs, { operator, weights }) {
    const base = nodesOf(inputs)
    return withScratch(kernels, backend, operator, ({ step, keepOnly }) => {
      // Horner's rule, from the last weight inwards: acc ← weights[l] · E + Â acc. The first product
      // takes the last weight as its scale.
      let acc = base
      for (let l = weights.length - 2; l >= 0; l--) {
        const isFirst = l === weights.length - 2
        acc = step(acc, isFirst ? weights[l + 1] : 1, base, weights[l])
        keepOnly(acc)
      }
      return [acc]
    })
  },
  gradient([users, items], _saved, { operator, weights }) {
    const dy = { users: users as Tensor2D, items: items as Tensor2D }
    return gradientPair(() => {
      const gradients = graphFilter(adjointOf(operator), dy, weights)
      releaseSingleUse(operator)
      return gradients
    })
  },
})

/** A gradient that was computed along with another one and has not been asked for yet. */
let unclaimed: Tensor2D | undefined

/**
 * Returns both gradients of one computation, one at a time. TensorFlow.js asks for them one after the
 * other and frees all other tensors made meanwhile, so the second one is kept. If nobody asks for it, as
 * when only one side is trained, the next computation frees it.
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
 * Applies a polynomial of the graph operator: Z = Σ_l weights[l] · Âˡ · [users; items].
 *
 * It is differentiable and keeps no intermediate layers in memory. It takes L = weights.length - 1 steps
 * forward and L back, each of 2·edges·d operations a direction. LightGCN's mean of layers has all
 * `weights` equal to 1/(L+1).
 *
 * @param operator - blocks of Â
 * @param x - users [userCount, d] and items [itemCount, d]
 * @param weights - two numbers (for one step) to 257, all finite
 * @returns Z: users [userCount, d] and items [itemCount, d]
 * @throws ShapeMismatchError when `x` does not fit the operator, or its blocks each other
 * @throws InvalidOptionsError when there are too few or too many weights, or one is not finite
 * @throws BackendUnavailableError when the active backend has no graph kernels
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { graphFilter, useBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'jaws' },
 *     { user: 'ann', item: 'alien' },
 *     { user: 'bob', item: 'alien' },
 *   ]),
 * )
 * await useBackend('simd')
 * const toUsers = graph.biadjacency()
 * const operator = { toUsers, toItems: toUsers.transpose() }
 * const x = { users: tf.ones<tf.Rank.R2>([2, 4]), items: tf.ones<tf.Rank.R2>([2, 4]) }
 * const { users } = graphFilter(operator, x, [1 / 3, 1 / 3, 1 / 3]) // LightGCN with two layers
 * console.log(await users.data())
 * ```
 */
export function graphFilter(
  operator: BipartiteOperator,
  x: NodeTensors,
  weights: readonly number[],
): NodeTensors {
  checkFilterWeights('graphFilter', weights)
  checkNodes('graphFilter', operator, x)
  const [users, items] = run({ users: x.users, items: x.items }, { operator, weights })
  return { users: users as Tensor2D, items: items as Tensor2D }
}

/** @throws InvalidOptionsError when there are too few or too many weights, or one is not finite */
export function checkFilterWeights(owner: string, weights: readonly number[]): void {
  const most = sizeLimits.layers + 1
  const { length } = weights
  const bad = weights.findIndex((weight) => !Number.isFinite(weight))
  if (length >= 2 && length <= most && bad < 0) return
  const got = bad < 0 ? `${length} weights` : `weights[${bad}] = ${weights[bad]}`
  throw new InvalidOptionsError(
    `${owner}: got ${got}; expected 2..${most} finite numbers, one for the values themselves and one for each step.`,
  )
}
