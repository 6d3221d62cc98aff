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
      // The steps of graphFilter; of the last one only the rows.
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
    // Both at once, in the scope of the whole backward pass, which frees what is not asked for.
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
 * Rows of {@link graphFilter}, for a batch: in values and gradients the same bytes as gathering them
 * from the filter of all nodes, once differentiable.
 *
 * Of the L = weights.length - 1 steps forward the last one computes the wanted rows only, and the first
 * one back skips the rows that have no gradient, which for a batch is most of the work of both: about
 * 2·(L - 1) of 2·L steps remain.
 *
 * @param operator - blocks of Â
 * @param x - users [userCount, d] and items [itemCount, d]
 * @param weights - at least two (one step); finite
 * @param rows - k users and n items, repeated or not
 * @returns users [k, d] and items [n, d]
 * @throws ShapeMismatchError when `x` does not fit the operator or its blocks each other, or `rows`
 * are no int32 vectors
 * @throws InvalidOptionsError when there are fewer than two weights, or one is not finite
 * @throws RangeError when an index is out of range
 * @throws BackendUnavailableError when the active backend has no graph kernels
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
