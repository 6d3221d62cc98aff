import { InvalidOptionsError } from '@gnnrec/graph'
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { checkLayers, checkTensor } from '../checks.js'
import { defineOp } from '../kernels/register-op.js'
import {
  adjointOf,
  type BipartiteOperator,
  checkNodes,
  type Nodes,
  type NodeTensors,
  nodesOf,
  releaseSingleUse,
  withScratch,
} from './bipartite-operator.js'
import { markRows, type NodeRows, scatterRows, stepOfRows } from './node-rows.js'

interface Attributes {
  readonly operator: BipartiteOperator
  readonly layers: number
  readonly weight: number
}

const run = defineOp<Attributes>({
  name: 'GnnGraphSums',
  inputsToSave: ['userRows', 'itemRows'],
  forward(kernels, backend, inputs, { operator, layers, weight }) {
    const base = nodesOf(inputs)
    const wanted = { users: inputs['userRows'], items: inputs['itemRows'] }
    return withScratch(kernels, backend, operator, (scratch) => {
      const { step, track, keepOnly } = scratch
      const rows: Nodes[] = []
      // S_l = weight · E + Â S_{l-1}: the steps of graphFilter with equal weights.
      let sum = base
      for (let layer = 1; layer < layers; layer++) {
        sum = step(sum, layer === 1 ? weight : 1, base, weight)
        rows.push({
          users: track(kernels.gatherRows(backend, sum.users, wanted.users)),
          items: track(kernels.gatherRows(backend, sum.items, wanted.items)),
        })
        keepOnly(sum, ...rows)
      }
      const last = { x: sum, scale: layers === 1 ? weight : 1, base, baseScale: weight }
      rows.push(stepOfRows(scratch, kernels, backend, last, wanted))
      keepOnly(...rows)
      return rows
    })
  },
  gradient(outputGradients, [userRows, itemRows], { operator, layers, weight }) {
    // All S_l with l >= k contain weight · Âᵏ E, whose gradient is therefore the sum of theirs.
    const inputs: Record<string, Tensor> = { userRows, itemRows }
    for (const [place, side] of (['users', 'items'] as const).entries()) {
      let sum: Tensor | undefined
      for (let layer = layers; layer >= 1; layer--) {
        const gradient = outputGradients[2 * (layer - 1) + place]
        sum = sum ? tf.add(sum, gradient) : gradient
        inputs[`${side}${layer}`] = sum
      }
    }
    // Both are computed at once, in the scope of the backward pass, which frees those not asked for.
    const attributes = { operator: adjointOf(operator), layers, weight }
    const [users, items] = runGradient(inputs, attributes)
    releaseSingleUse(operator)
    return { users: () => users, items: () => items }
  },
})

const runGradient = defineOp<Attributes>({
  name: 'GnnGraphSumsGradient',
  forward(kernels, backend, inputs, { operator, layers, weight }) {
    const rows = { users: inputs['userRows'], items: inputs['itemRows'] }
    const counts = { users: operator.toUsers.rows, items: operator.toItems.rows }
    return withScratch(kernels, backend, operator, (scratch) => {
      const { step, keepOnly } = scratch
      const gradientOf = (layer: number) => {
        const values = { users: inputs[`users${layer}`], items: inputs[`items${layer}`] }
        return scatterRows(scratch, kernels, backend, values, { rows, counts })
      }
      // Horner's rule: acc ← weight · T_k + Âᵀ acc for k = layers-1..0, where T_0 is T_1.
      const nonZeroRows = markRows(scratch, backend, rows, counts)
      let base = gradientOf(layers)
      let acc = base
      for (let layer = layers - 1; layer >= 0; layer--) {
        const isFirst = layer === layers - 1
        if (layer > 0) base = gradientOf(layer)
        const part = isFirst ? { nonZeroRows } : undefined
        acc = step(acc, isFirst ? weight : 1, base, weight, part)
        keepOnly(acc, base)
      }
      keepOnly(acc)
      return [acc]
    })
  },
  gradient() {
    throw new Error('graphSums has no second derivative.')
  },
})

/**
 * Computes rows of the sums of layers
 *
 *     S_l = weight · Σ_{k=0..l} Âᵏ · [users; items],   l = 1..layers
 *
 * S_layers has the same bytes as {@link graphFilter} with all weights equal to `weight`. The differences
 * of consecutive sums are the layers. It is once differentiable, and serves models that need all layers
 * of some nodes: it costs as much as one graphFilter, forward and back, and keeps only the rows.
 *
 * @param operator - blocks of Â
 * @param x - users [userCount, d] and items [itemCount, d]
 * @param sums - `layers`, an integer in 1..256, and `weight`, finite
 * @param rows - k users and n items
 * @returns S_1..S_layers: users [k, d] and items [n, d]
 * @throws ShapeMismatchError when `x` does not fit the operator or its blocks each other, or `rows`
 * are not int32 vectors
 * @throws InvalidOptionsError when `layers` or `weight` is out of range
 * @throws RangeError when an index is out of range
 * @throws BackendUnavailableError when the active backend has no graph kernels
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { graphSums, useBackend } from '@gnnrec/ops'
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
 * const rows = { users: tf.tensor1d([0], 'int32'), items: tf.tensor1d([1], 'int32') }
 * const sums = graphSums(operator, x, { layers: 2, weight: 1 }, rows)
 * console.log(sums.length, sums[1].users.shape) // 2 [ 1, 4 ]
 * ```
 */
export function graphSums(
  operator: BipartiteOperator,
  x: NodeTensors,
  { layers, weight }: { readonly layers: number; readonly weight: number },
  rows: NodeRows,
): NodeTensors[] {
  checkLayers('graphSums', layers)
  if (!Number.isFinite(weight)) {
    throw new InvalidOptionsError(`graphSums: got weight ${weight}; expected a finite number.`)
  }
  checkNodes('graphSums', operator, x)
  checkTensor('graphSums (rows of users)', rows.users, 'int32', ['k'])
  checkTensor('graphSums (rows of items)', rows.items, 'int32', ['n'])
  const inputs = { users: x.users, items: x.items, userRows: rows.users, itemRows: rows.items }
  const results = run(inputs, { operator, layers, weight }) as Tensor2D[]
  return Array.from({ length: layers }, (_, place) => ({
    users: results[2 * place],
    items: results[2 * place + 1],
  }))
}
