import { InvalidOptionsError } from '@gnnrec/graph'
import type { Tensor, Tensor1D, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { checkAlike, checkTensor } from '../checks.js'
import { deviceMatrix } from '../kernels/device-matrix.js'
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

/** A number for each user and each item. */
export interface NodeNumbers {
  /** Numbers of users, [userCount]. */
  readonly users: Tensor1D
  /** Numbers of items, [itemCount]. */
  readonly items: Tensor1D
}

interface Attributes {
  readonly operator: BipartiteOperator
  readonly scale: number
  readonly baseScale: number
}

const run = defineOp<Attributes>({
  name: 'GnnLoopedStep',
  inputsToSave: ['userLoops', 'itemLoops'],
  forward(kernels, backend, inputs, { operator, scale, baseScale }) {
    const { users, items } = nodesOf(inputs)
    const base = (tensor: TensorInfo | undefined) => tensor && { x: tensor, scale: baseScale }
    return withScratch(kernels, backend, operator, ({ track }) => {
      const toUsers = deviceMatrix(operator.toUsers)
      const toItems = deviceMatrix(operator.toItems)
      const ofUsers = { x: users, loops: inputs['userLoops'] as TensorInfo }
      const ofItems = { x: items, loops: inputs['itemLoops'] as TensorInfo }
      const [userBase, itemBase] = [base(inputs['userBase']), base(inputs['itemBase'])]
      return [
        {
          users: track(kernels.spmm(backend, toUsers, items, scale, userBase, ofUsers)),
          items: track(kernels.spmm(backend, toItems, users, scale, itemBase, ofItems)),
        },
      ]
    })
  },
  gradient([dUsers, dItems], [userLoops, itemLoops], { operator, scale, baseScale }) {
    const inputs = { users: dUsers, items: dItems, userLoops, itemLoops } as Record<string, Tensor>
    // Both are computed at once, in the scope of the backward pass, which frees those not asked for.
    const attributes = { operator: adjointOf(operator), scale, baseScale: 0 }
    const [users, items] = run(inputs, attributes) as [Tensor, Tensor]
    releaseSingleUse(operator)
    return {
      users: () => users,
      items: () => items,
      userBase: () => tf.mul(dUsers as Tensor, baseScale),
      itemBase: () => tf.mul(dItems as Tensor, baseScale),
    }
  },
})

/**
 * Takes one step over a graph whose nodes have loops, and adds a residual:
 *
 *     (1 - share) · (Â + diag(loops)) · x + share · base
 *
 * It is differentiable in `x` and `base`, and each side is one pass, forward and back. Results have the
 * same bytes for any number of threads.
 *
 * @param operator - blocks of Â
 * @param loops - a constant for each node; it has no gradient
 * @param x - users [userCount, d] and items [itemCount, d]
 * @param residual - `base`, users [userCount, d] and items [itemCount, d], and its `share` in [0, 1]; the
 * share is 0 when it is left out
 * @throws ShapeMismatchError when `x`, `loops` or the base does not fit the operator, or its blocks each
 * other
 * @throws InvalidOptionsError when the share is not in [0, 1]
 * @throws BackendUnavailableError when the active backend has no graph kernels
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { loopedStep, useBackend } from '@gnnrec/ops'
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
 * const loops = { users: tf.tensor1d([0.5, 0.5]), items: tf.tensor1d([0.5, 0.5]) }
 * console.log(await loopedStep(operator, loops, x, { base: x, share: 0.1 }).users.data())
 * ```
 */
export function loopedStep(
  operator: BipartiteOperator,
  loops: NodeNumbers,
  x: NodeTensors,
  residual?: { readonly base: NodeTensors; readonly share: number },
): NodeTensors {
  const share = residual?.share ?? 0
  if (!(share >= 0 && share <= 1)) {
    throw new InvalidOptionsError(`loopedStep: got a share of ${share}; expected one in [0, 1].`)
  }
  checkNodes('loopedStep', operator, x)
  checkTensor('loopedStep (loops of users)', loops.users, 'float32', [operator.toUsers.rows])
  checkTensor('loopedStep (loops of items)', loops.items, 'float32', [operator.toItems.rows])
  const inputs: Record<string, Tensor> = {
    users: x.users,
    items: x.items,
    userLoops: loops.users,
    itemLoops: loops.items,
  }
  if (residual) {
    const { users, items } = residual.base
    checkAlike('loopedStep (base of users)', x.users, users)
    checkAlike('loopedStep (base of items)', x.items, items)
    Object.assign(inputs, { userBase: users, itemBase: items })
  }
  const [users, items] = run(inputs, { operator, scale: 1 - share, baseScale: share })
  return { users: users as Tensor2D, items: items as Tensor2D }
}
