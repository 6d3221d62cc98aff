import { rowDot } from '@gnnrec/ops'
import type { GradSaveFunc, Scalar, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { RankingLoss } from './ranking-loss.js'
import { unitRows } from './unit-rows.js'

/** Taken from a row's distance to itself, so that its exponential is 0. */
const masked = -1e30

/**
 * Alignment of pairs: mean_b ‖f(x_b) - f(y_b)‖², in [0, 4], with f(x) = x / ‖x‖ (Wang & Isola, ICML
 * 2020, https://arxiv.org/abs/2005.10242, α = 2).
 *
 * @param x - [B, d]
 * @param y - [B, d], row b belongs to row b of x
 *
 * @example
 * ```ts
 * import { losses } from '@gnnrec/models'
 * import { useBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('cpu')
 * const [users, items] = [tf.tensor2d([[1, 0]]), tf.tensor2d([[0, 1]])]
 * console.log(losses.alignment(users, items).dataSync()[0])
 * ```
 */
export function alignment(x: Tensor2D, y: Tensor2D): Scalar {
  return meanSquaredDistance(unitRows(x), unitRows(y))
}

/**
 * Uniformity of rows: ln mean_{i<j} exp(-2 ‖f(x_i) - f(x_j)‖²), in [-8, 0] and 0 if all have one
 * direction, with f(x) = x / ‖x‖ (Wang & Isola, ICML 2020, https://arxiv.org/abs/2005.10242, t = 2).
 * The pairs are pairs of positions, so a repeated row counts as often as it is there. One row has no
 * pair and the uniformity 0. Time and memory are those of several [B, B] matrices.
 *
 * @param x - [B, d]
 *
 * @example
 * ```ts
 * import { losses } from '@gnnrec/models'
 * import { useBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('cpu')
 * const rows = tf.tensor2d([
 *   [1, 0],
 *   [-1, 0],
 * ])
 * console.log(losses.uniformity(rows).dataSync()[0])
 * ```
 */
export function uniformity(x: Tensor2D): Scalar {
  return logMeanPotential(unitRows(x))
}

/**
 * DirectAU (Wang et al., KDD 2022, https://arxiv.org/abs/2206.12811) as a part of a model:
 *
 *     alignment(users, positives) + γ · (uniformity(users) + uniformity(positives)) / 2
 *
 * over the rows of the batch, with repetition, as in the official code (THUwangcy/DirectAU). A row of
 * zeros has no direction: it stays where it is and gets no gradient.
 */
export function directAu(uniformityWeight: number, similarity: 'cosine' | 'dot'): RankingLoss {
  return {
    scoreRule: { similarity, scale: 1 },
    itemBias: false,
    usesNegatives: false,
    terms({ users, positives }) {
      const [x, y] = [unitRows(users), unitRows(positives)]
      const weight = uniformityWeight / 2
      return {
        alignment: { value: meanSquaredDistance(x, y), weight: 1 },
        userUniformity: { value: logMeanPotential(x), weight },
        itemUniformity: { value: logMeanPotential(y), weight },
      }
    },
  }
}

function meanSquaredDistance(x: Tensor2D, y: Tensor2D): Scalar {
  return tf.mul(tf.sum<Scalar>(tf.square(tf.sub(x, y))), 1 / x.shape[0])
}

/** ln mean_{i<j} exp(-2 ‖x_i - x_j‖²). */
function logMeanPotential(rows: Tensor2D): Scalar {
  const count = rows.shape[0]
  if (count === 1) return tf.scalar(0)
  return tf.customGrad<Scalar>((...inputs) => {
    const [x, save] = inputs as [Tensor2D, GradSaveFunc]
    const potentials = tf.exp(exponents(x))
    const total = tf.sum<Scalar>(potentials)
    save([x, potentials, total])
    return {
      value: tf.log(tf.mul(total, 1 / (count * (count - 1)))),
      // With W = potentials and r its row sums: d Σ W / d x_i = -8 · Σ_j W_ij (x_i - x_j), as each
      // pair is in W twice.
      gradFunc(dy, saved) {
        const [points, weights, sum] = saved as [Tensor2D, Tensor2D, Scalar]
        const pulls = tf.sub(tf.matMul(weights, points), tf.mul(tf.sum(weights, 1, true), points))
        return tf.mul(pulls, tf.div(tf.mul(dy, 8), sum))
      },
    }
  })(rows)
}

/** -2 ‖x_i - x_j‖² = 4 x_i · x_j - 2 ‖x_i‖² - 2 ‖x_j‖², and {@link masked} on the diagonal. */
function exponents(x: Tensor2D): Tensor2D {
  const count = x.shape[0]
  const ones = tf.ones<tf.Rank.R2>([count, 1])
  const squares = tf.mul<Tensor2D>(tf.reshape(rowDot(x, x), [-1, 1]), -2)
  // One product does it all: adding a column or a row goes through every index in tfjs.
  const left = tf.concat([tf.mul(x, 4), squares, ones], 1) as Tensor2D
  const right = tf.concat([x, ones, squares], 1) as Tensor2D
  const mask = new Float32Array(count * count)
  for (let row = 0; row < count; row++) mask[row * (count + 1)] = masked
  return tf.add(tf.matMul(left, right, false, true), tf.tensor2d(mask, [count, count]))
}
