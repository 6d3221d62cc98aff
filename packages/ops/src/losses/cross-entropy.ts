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
 * Cross-entropy of each row's own column among the columns that do not share its label:
 *
 *     loss_b = ln Σ_j exp(x_bj) - x_bb,   x_bj = scores_bj + offsets_j
 *
 * over j = b and all j whose label is another. What its gradient needs is worked out along the way and
 * kept, so one pass over the scores goes forward and one back. Scores may be as large as float32 holds.
 * Results have the same bytes for any number of threads. Differentiable in `scores`.
 *
 * @param scores - [n, n], float32
 * @param labels - n integers; columns with the label of a row do not count in it, but for its own
 * @param offsets - n numbers. Default: zeros.
 * @returns the losses, [n]
 * @throws ShapeMismatchError when the scores are no square matrix, or labels or offsets are not n
 * @throws BackendUnavailableError when the active backend has no graph kernels
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

/** For each place the next one with its label, the last one's being the first: rings. */
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
