import { ShapeMismatchError } from '@gnnrec/graph'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { checkTensor } from '../checks.js'
import { defineOp } from '../kernels/register-op.js'
import { workspace } from '../propagation/workspace.js'
import { scaleRows } from '../rows/rows.js'

const run = defineOp<object>({
  name: 'GnnCrossEntropy',
  inputsToSave: ['weights'],
  forward: (kernels, backend, { scores, offsets, next, weights }) =>
    kernels.crossEntropy(backend, { scores, offsets, next }, weights),
  gradient: ([dy], [weights]) => ({
    scores: () => scaleRows(dy as Tensor1D, weights as Tensor2D),
  }),
})

/**
 * Computes the cross-entropy of each row's own column among the columns with other labels:
 *
 *     loss_b = ln Σ_j exp(x_bj) - x_bb,   x_bj = scores_bj + offsets_j
 *
 * where j is b or has another label than b. The forward pass keeps what its gradient needs, so one pass
 * over the scores goes forward and one back. Scores may be as large as float32 holds. Results have the
 * same bytes for any number of threads. It is differentiable in `scores`.
 *
 * @param scores - [n, n], float32
 * @param labels - n integers; other columns with the label of a row do not count in that row
 * @param offsets - n numbers, zeros when left out
 * @returns the losses, [n]
 * @throws ShapeMismatchError when the scores are not a square matrix, or there are not n labels or offsets
 * @throws BackendUnavailableError when the active backend has no graph kernels
 * @example
 * ```ts
 * import { crossEntropy, useBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('simd')
 * const scores = tf.tensor2d([2, 0, 0, 2], [2, 2])
 * console.log(await crossEntropy(scores, Int32Array.of(7, 8)).data()) // about 0.127 twice
 * ```
 */
export function crossEntropy(
  scores: Tensor2D,
  labels: Int32Array,
  offsets?: Float32Array,
): Tensor1D {
  checkTensor('crossEntropy', scores, 'float32', ['n', 'n'])
  const [rows, columns] = scores.shape
  if (rows !== columns || labels.length !== rows || (offsets && offsets.length !== rows)) {
    throw new ShapeMismatchError(
      `crossEntropy: got scores [${rows}, ${columns}], ${labels.length} labels${offsets ? ` and ${offsets.length} offsets` : ''}; expected [n, n] and n of the others.`,
    )
  }
  return tf.tidy(() => {
    const inputs = {
      scores,
      next: tf.tensor1d(nextOfLabel(labels), 'int32'),
      weights: workspace([rows, rows]),
      ...(offsets && { offsets: tf.tensor1d(offsets) }),
    }
    return run(inputs, {})[0] as Tensor1D
  })
}

/** Returns the next place with the same label for each place; the last one's next is the first. */
function nextOfLabel(labels: Int32Array): Int32Array {
  const next = Int32Array.from(labels, (_, place) => place)
  const lastOf = new Map<number, number>()
  for (const [place, label] of labels.entries()) {
    const last = lastOf.get(label)
    if (last !== undefined) {
      next[place] = next[last]
      next[last] = place
    }
    lastOf.set(label, place)
  }
  return next
}
