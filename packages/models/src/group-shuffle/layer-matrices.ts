import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

/** Z = E · initial + Σ_{l=1..L} S_l · sums[l-1], with the sums of layers S_l of `graphSums`. */
export interface LayerMatrices {
  readonly initial: Tensor2D
  readonly sums: readonly Tensor2D[]
}

/**
 * The mean Z = w Σ_l X⁽ˡ⁾, w = 1/(L+1), of the layers
 *
 *     X⁽ˡ⁺¹⁾ = (1-α) Â X⁽ˡ⁾ Q_l + α E,   X⁽⁰⁾ = E
 *
 * in closed form. Rotations act on the right and commute with Â, so with products of k rotations
 *
 *     Z = w Σ_k Âᵏ E C_k,   C_k = (1-α)ᵏ (Q_0…Q_{k-1} + α Σ_{i=1..L-k} Q_i…Q_{i+k-1}),   C_0 = 1 + αL
 *
 * and by the sums S_l = w Σ_{k≤l} Âᵏ E, whose differences are w Âᵏ E,
 *
 *     Z = w E (C_0 - C_1) + Σ_{l=1..L-1} S_l (C_l - C_{l+1}) + S_L C_L
 *
 * Where all Q are I and α is 0, all but the last matrix, I, are 0, and Z = S_L is LightGCN's to the bit.
 *
 * @param rotations - Q_0..Q_{L-1}, L >= 1
 * @param initialResidual - α
 */
export function layerMatrices(
  rotations: readonly Tensor2D[],
  initialResidual: number,
): LayerMatrices {
  const layers = rotations.length
  const matrices: Tensor2D[] = []
  // Products of k rotations, by the number of the first; only those that C_k needs.
  let products = initialResidual > 0 ? rotations : rotations.slice(0, 1)
  for (let k = 1; k <= layers; k++) {
    const [first, ...others] = products
    const sum =
      others.length > 0 ? tf.add(first, tf.mul(tf.addN([...others]), initialResidual)) : first
    matrices.push(tf.mul(sum, (1 - initialResidual) ** k))
    const following = rotations.slice(k, k + products.length)
    products = following.map((next, place) => tf.matMul(products[place], next))
  }
  const weight = 1 / (layers + 1)
  const unit = tf.eye(rotations[0].shape[0])
  const scalar = weight * (1 + initialResidual * layers)
  return {
    initial: tf.sub(tf.mul(unit, scalar), tf.mul(matrices[0], weight)),
    sums: matrices.map((matrix, place) =>
      place + 1 < layers ? tf.sub(matrix, matrices[place + 1]) : matrix,
    ),
  }
}
