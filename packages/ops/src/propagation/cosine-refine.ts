import type { KernelBackend } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { checkLayers } from '../checks.js'
import { deviceMatrix } from '../kernels/device-matrix.js'
import type { OpKernels } from '../kernels/kernel-interface.js'
import { defineOp } from '../kernels/register-op.js'
import {
  adjointOf,
  type BipartiteOperator,
  checkNodes,
  type Nodes,
  type NodeTensors,
  nodesOf,
  releaseSingleUse,
  type Scratch,
  withScratch,
} from './bipartite-operator.js'
import { workspace } from './workspace.js'

/** The least product of two norms, as in the paper's code. */
const cosineFloor = 1e-8

const sides = ['users', 'items'] as const
const opposite = { users: 'items', items: 'users' } as const

interface Attributes {
  readonly operator: BipartiteOperator
  readonly layers: number
}

// The gradient needs the products of all layers, which the forward pass writes into workspaces.
const run = defineOp<Attributes>({
  name: 'GnnCosineRefine',
  inputsToSave: ['users', 'items', 'userProducts', 'itemProducts'],
  forward(kernels, backend, inputs, { operator, layers }) {
    const e = nodesOf(inputs)
    const products = { users: inputs['userProducts'], items: inputs['itemProducts'] } as Nodes
    return withScratch(kernels, backend, operator, ({ track, free }) => {
      const make = () => allocateLike(e, kernels, backend, track)
      let x = e
      let sum: Nodes | undefined
      for (let layer = 0; layer < layers; layer++) {
        // The first sum is the first layer itself, and nothing needs the last layer by itself.
        const refined = layer === 0 || layer === layers - 1 ? undefined : make()
        const before = sum
        sum = layer < 2 ? make() : (before as Nodes)
        for (const side of sides) {
          const block = { e: e[side], products: products[side], layer, floor: cosineFloor }
          const out = { refined: refined?.[side], before: before?.[side], sum: sum[side] }
          const matrix = deviceMatrix(blockTo(side, operator))
          kernels.cosineRefine(backend, matrix, x[opposite[side]], block, out)
        }
        if (x !== e) free(x)
        x = refined ?? sum
      }
      return [sum as Nodes]
    })
  },
  gradient([dUsers, dItems], saved, { operator, layers }) {
    const [users, items, userProducts, itemProducts] = saved as [Dense, Dense, Dense, Dense]
    const adjoint = adjointOf(operator)
    // Both are computed at once, in the scope of the backward pass, which frees those not asked for.
    const inputs = { users, items, userProducts, itemProducts, dUsers, dItems } as const
    const gradients = runGradient(inputs as Record<string, Dense>, { operator: adjoint, layers })
    releaseSingleUse(operator)
    return { users: () => gradients[0] as Dense, items: () => gradients[1] as Dense }
  },
})

type Dense = NodeTensors['users']

const runGradient = defineOp<Attributes>({
  name: 'GnnCosineRefineGradient',
  forward(kernels, backend, inputs, { operator, layers }) {
    const e = nodesOf(inputs)
    const products = { users: inputs['userProducts'], items: inputs['itemProducts'] } as Nodes
    const dSum = { users: inputs['dUsers'], items: inputs['dItems'] } as Nodes
    return withScratch(kernels, backend, operator, ({ track, free }) => {
      const make = () => allocateLike(e, kernels, backend, track)
      const dE = make()
      let dProducts: Nodes | undefined
      for (let layer = layers - 1; layer >= 0; layer--) {
        const next = dProducts
        dProducts = make()
        for (const side of sides) {
          const block = { e: e[side], products: products[side], layer, floor: cosineFloor }
          const matrix = deviceMatrix(blockTo(side, operator))
          const out = { dProducts: dProducts[side], dE: dE[side] }
          const incoming = next && { matrix, x: next[opposite[side]] }
          kernels.cosineRefineGradient(backend, block, dSum[side], out, incoming)
        }
        if (next) free(next)
      }
      const last = dProducts as Nodes
      const gradient = (side: keyof Nodes) => {
        const matrix = deviceMatrix(blockTo(side, operator))
        const base = { x: dE[side], scale: 1 }
        return track(kernels.spmm(backend, matrix, last[opposite[side]], 1, base))
      }
      const gradients = { users: gradient('users'), items: gradient('items') }
      free(last)
      free(dE)
      return [gradients]
    })
  },
  gradient() {
    throw new Error('cosineRefine has no second derivative.')
  },
})

function allocateLike(
  { users, items }: Nodes,
  kernels: OpKernels,
  backend: KernelBackend,
  track: Scratch['track'],
): Nodes {
  return {
    users: track(kernels.allocate(backend, users.shape)),
    items: track(kernels.allocate(backend, items.shape)),
  }
}

const blockTo = (side: keyof Nodes, { toUsers, toItems }: BipartiteOperator) =>
  side === 'users' ? toUsers : toItems

/**
 * Sums the layers of LayerGCN (Zhou et al., ICDE 2023, https://arxiv.org/abs/2207.11088):
 *
 *     Y⁽ˡ⁾ = Â X⁽ˡ⁻¹⁾,   X⁽ˡ⁾ = diag(a⁽ˡ⁾) Y⁽ˡ⁾,   a⁽ˡ⁾_n = cos(Y⁽ˡ⁾_n, E_n),   X⁽⁰⁾ = E = [users; items]
 *     Z = Σ_{l=1..layers} X⁽ˡ⁾
 *
 * The cosine is Y·E / max(‖Y‖ ‖E‖, 1e-8) and is differentiated too; rows without entries stay 0. It is
 * once differentiable, and a layer with its cosines is one pass, forward and back. For the gradient it
 * keeps Y of all layers: layers · (userCount + itemCount) · d numbers. Results have the same bytes for
 * any number of threads.
 *
 * @param operator - blocks of Â
 * @param x - users [userCount, d] and items [itemCount, d]
 * @param layers - an integer in 1..256
 * @throws ShapeMismatchError when `x` does not fit the operator, or its blocks each other
 * @returns Z: users [userCount, d] and items [itemCount, d]
 * @throws InvalidOptionsError when `layers` is out of range
 * @throws BackendUnavailableError when the active backend has no graph kernels
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { cosineRefine, useBackend } from '@gnnrec/ops'
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
 * console.log(await cosineRefine(operator, x, 2).users.data())
 * ```
 */
export function cosineRefine(
  operator: BipartiteOperator,
  x: NodeTensors,
  layers: number,
): NodeTensors {
  checkLayers('cosineRefine', layers)
  checkNodes('cosineRefine', operator, x)
  return tf.tidy(() => {
    const products = ({ shape: [rows, columns] }: Dense) => workspace([layers * rows, columns])
    const [userProducts, itemProducts] = [products(x.users), products(x.items)]
    const inputs = { users: x.users, items: x.items, userProducts, itemProducts }
    const [users, items] = run(inputs, { operator, layers }) as [Dense, Dense]
    return { users, items }
  })
}
