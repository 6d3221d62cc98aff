import type { Tensor2D } from '@tensorflow/tfjs-core'
import { checkTensor } from '../checks.js'
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
import { checkFilterWeights } from './graph-filter.js'
import { markRows, type NodeRows, scatterRows, stepOfRows } from './node-rows.js'

interface Attributes {
  readonly operator: BipartiteOperator
  readonly weights: readonly number[]
}

const run = defineOp<Attributes>({
  name: 'GnnGraphFilterRows',
  inputsToSave: ['userRows', 'itemRows'],
  forward(kernels, backend, inputs, { operator, weights }) {
    const base = nodesOf(inputs)
    const rows = { users: inputs['userRows'], items: inputs['itemRows'] }
    return withScratch(kernels, backend, operator, (scratch) => {
      // These are the steps of graphFilter; the last one computes the wanted rows only.
      let acc = base
      let scale = weights[weights.length - 1]
      for (let l = weights.length - 2; l >= 1; l--) {
        acc = scratch.step(acc, scale, base, weights[l])
        scale = 1
        scratch.keepOnly(acc)
      }
      const last = { x: acc, scale, base, baseScale: weights[0] }
      const result = stepOfRows(scratch, kernels, backend, last, rows)
      scratch.keepOnly(result)
      return [result]
    })
  },
  gradient([users, items], [userRows, itemRows], { operator, weights }) {
    // Both are computed at once, in the scope of the backward pass, which frees those not asked for.
    const attributes = { operator: adjointOf(operator), weights }
    const [dUsers, dItems] = runGradient({ users, items, userRows, itemRows }, attributes)
    releaseSingleUse(operator)
    return { users: () => dUsers, items: () => dItems }
  },
})

const runGradient = defineOp<Attributes>({
  name: 'GnnGraphFilterRowsGradient',
  forward(kernels, backend, inputs, { operator, weights }) {
    const rows = { users: inputs['userRows'], items: inputs['itemRows'] }
    const counts = { users: operator.toUsers.rows, items: operator.toItems.rows }
    return withScratch(kernels, backend, operator, (scratch) => {
      const base = scatterRows(scratch, kernels, backend, nodesOf(inputs), { rows, counts })
      const nonZeroRows = markRows(scratch, backend, rows, counts)
      let acc = base
      for (let l = weights.length - 2; l >= 0; l--) {
        const isFirst = l === weights.length - 2
        const scale = isFirst ? weights[l + 1] : 1
        acc = scratch.step(acc, scale, base, weights[l], isFirst ? { nonZeroRows } : undefined)
        scratch.keepOnly(acc, base)
      }
      scratch.keepOnly(acc)
      return [acc]
    })
  },
  gradient() {
    throw new Error('graphFilterRows has no second derivative.')
  },
})

/**
 * Computes rows of {@link graphFilter} for a batch. Values and gradients have the same bytes as rows
 * that are gathered from the filter of all nodes. It is once differentiable.
 *
 * The last of the L = weights.length - 1 steps forward computes the wanted rows only, and the first step
 * back skips rows without a gradient. For a batch that saves most of both steps: about 2·(L - 1) of 2·L
 * steps remain.
 *
 * @param operator - blocks of Â
 * @param x - users [userCount, d] and items [itemCount, d]
 * @param weights - two numbers (for one step) to 257, all finite
 * @param rows - k users and n items, repeated or not
 * @returns users [k, d] and items [n, d]
 * @throws ShapeMismatchError when `x` does not fit the operator or its blocks each other, or `rows`
 * are not int32 vectors
 * @throws InvalidOptionsError when there are too few or too many weights, one is not finite, or an index is out of
 * range
 * @throws BackendUnavailableError when the active backend has no graph kernels
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { graphFilterRows, useBackend } from '@gnnrec/ops'
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
 * const rows = { users: tf.tensor1d([0], 'int32'), items: tf.tensor1d([1, 1], 'int32') }
 * console.log(graphFilterRows(operator, x, [0.5, 0.5], rows).items.shape) // [ 2, 4 ]
 * ```
 */
export function graphFilterRows(
  operator: BipartiteOperator,
  x: NodeTensors,
  weights: readonly number[],
  rows: NodeRows,
): NodeTensors {
  checkFilterWeights('graphFilterRows', weights)
  checkNodes('graphFilterRows', operator, x)
  checkTensor('graphFilterRows (rows of users)', rows.users, 'int32', ['k'])
  checkTensor('graphFilterRows (rows of items)', rows.items, 'int32', ['n'])
  const inputs = { users: x.users, items: x.items, userRows: rows.users, itemRows: rows.items }
  const [users, items] = run(inputs, { operator, weights })
  return { users: users as Tensor2D, items: items as Tensor2D }
}
