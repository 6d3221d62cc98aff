import type { FoldIn } from '@gnnrec/serving/model-folder'
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

/** The things that embeddings of histories are made of, which a recommender keeps. */
export interface HistoryTables {
  /** The way in which they are made. */
  readonly foldIn: FoldIn
  /** The tensors that it needs, by name. */
  readonly tensors: Readonly<Record<string, Tensor>>
}

/**
 * Returns the tables of one step of propagation to a user, `(d_u + α)^-½ Σ_i T_i` over the user's items.
 *
 * @param inputs - the rows that items send, [itemCount, d]
 * @param degrees - degrees of the items; one without interactions sends nothing
 * @param regularization - α, which is added to the degrees of both sides
 */
export function oneStep(
  inputs: Tensor2D,
  degrees: ArrayLike<number>,
  regularization: number,
): HistoryTables {
  const factors = inverseRoots(degrees, regularization)
  const items = tf.mul(inputs, tf.tensor2d(factors, [factors.length, 1]))
  return { foldIn: { convention: 'propagated', regularization }, tensors: { items } }
}

/** Returns (degree + α)^-½, and 0 for degree 0. */
export function inverseRoots(degrees: ArrayLike<number>, regularization: number): Float32Array {
  return Float32Array.from(degrees, (degree) =>
    degree === 0 ? 0 : 1 / Math.sqrt(degree + regularization),
  )
}

/** Returns Σ_l weights[l] · rows[l]. */
export function weightedSum(rows: readonly Tensor2D[], weights: readonly number[]): Tensor2D {
  return tf.addN(rows.map((row, l) => tf.mul<Tensor2D>(row, weights[l])))
}

/** The least λ of a history: with less, the few items of a history would fit too well. */
const leastL2Weight = 1e-2

/** Returns the way to solve for the row of a history in models without propagation. */
export function pairwise(l2Weight = 0): HistoryTables {
  return {
    foldIn: { convention: 'pairwise', l2Weight: Math.max(leastL2Weight, l2Weight) },
    tensors: {},
  }
}
