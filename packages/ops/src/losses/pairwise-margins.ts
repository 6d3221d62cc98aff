import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { checkTensor } from '../checks.js'
import type { PairwiseSamples } from '../kernels/kernel-interface.js'
import { defineOp } from '../kernels/register-op.js'

const inputs = ['users', 'items', 'userRows', 'positives', 'negatives'] as const

const run = defineOp<object>({
  name: 'GnnPairwiseMargins',
  inputsToSave: inputs,
  forward: (kernels, backend, given) =>
    kernels.pairwiseMargins(backend, given as unknown as PairwiseSamples),
  gradient([slopes, weights], saved) {
    const samples = Object.fromEntries(inputs.map((name, place) => [name, saved[place]]))
    const of = (side: 'users' | 'items') => () =>
      runGradient({ ...samples, slopes, weights }, { side })[0]
    const none = (name: string) => () => tf.zerosLike(samples[name])
    return {
      users: of('users'),
      items: of('items'),
      userRows: none('userRows'),
      positives: none('positives'),
      negatives: none('negatives'),
    }
  },
})

const runGradient = defineOp<{ side: 'users' | 'items' }>({
  name: 'GnnPairwiseMarginsGradient',
  forward(kernels, backend, { slopes, weights, ...samples }, { side }) {
    const outer = { slopes, weights }
    return kernels.pairwiseGradient(backend, samples as unknown as PairwiseSamples, outer, side)
  },
  gradient() {
    throw new Error('pairwiseMargins has no second gradient.')
  },
})

/** Two tables, and the rows of B samples in them. */
interface PairwiseRows {
  /** The table of users, [userCount, d]. */
  readonly users: Tensor2D
  /** The table of items, [itemCount, d]. */
  readonly items: Tensor2D
  /** The user of each sample, int32 [B], in 0..userCount-1. */
  readonly userRows: Tensor1D
  /** The positive item of each sample, int32 [B], in 0..itemCount-1. */
  readonly positives: Tensor1D
  /** The negative item of each sample, int32 [B], in 0..itemCount-1. */
  readonly negatives: Tensor1D
}

/**
 * Computes the margins and squared norms that pairwise losses need of B samples (user p, positive q⁺,
 * negative q⁻), without copies of their rows:
 *
 *     margins_b = p · q⁻ - p · q⁺,   squares_b = ‖p‖² + ‖q⁺‖² + ‖q⁻‖²
 *
 * It is once differentiable in both tables. The gradient sums the samples of a row in ascending b, so it
 * has the same bytes for any number of threads.
 *
 * @returns margins [B] and squares [B]
 * @throws ShapeMismatchError when a type or shape is wrong
 * @throws BackendUnavailableError when the active backend has no graph kernels
 * @example
 * ```ts
 * import { pairwiseMargins, useBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('simd')
 * const { margins } = pairwiseMargins({
 *   users: tf.tensor2d([1, 0], [1, 2]),
 *   items: tf.tensor2d([3, 1, 1, 1], [2, 2]),
 *   userRows: tf.tensor1d([0], 'int32'),
 *   positives: tf.tensor1d([0], 'int32'),
 *   negatives: tf.tensor1d([1], 'int32'),
 * })
 * console.log(await margins.data()) // [ -2 ]: the positive scores higher by 2
 * ```
 */
export function pairwiseMargins(rows: PairwiseRows): { margins: Tensor1D; squares: Tensor1D } {
  const { users, items, userRows, positives, negatives } = rows
  checkTensor('pairwiseMargins (users)', users, 'float32', ['n', 'd'])
  checkTensor('pairwiseMargins (items)', items, 'float32', ['n', users.shape[1]])
  for (const column of [userRows, positives, negatives]) {
    checkTensor('pairwiseMargins (rows)', column, 'int32', [userRows.shape[0]])
  }
  const given = { users, items, userRows, positives, negatives }
  const [margins, squares] = run(given, {}) as [Tensor1D, Tensor1D]
  return { margins, squares }
}
