import { InvalidOptionsError } from '@gnnrec/graph'
import type { LeastSquaresRule } from '@gnnrec/graph/kernels'
import * as z from 'zod/mini'

/** The confidence of Hu, Koren and Volinsky: `Σ c (p - x·y)² + λ ‖x‖²`, c = 1 + α where p is 1, else 1. */
interface ImplicitFoldIn {
  readonly convention: 'implicit'
  /** α, from 0 up. */
  readonly alpha: number
  /** λ, from 0 up. */
  readonly l2Weight: number
}

/** The form of Rendle et al.: `Σ_met (1 - x·y)² + α₀ Σ_all (x·y)² + λ (n + α₀ N)^ν ‖x‖²` for n met of N. */
interface RendleFoldIn {
  readonly convention: 'rendle'
  /** α₀, from 0 up. */
  readonly unobservedWeight: number
  /** λ, from 0 up. */
  readonly l2Weight: number
  /** ν, from 0 up. */
  readonly regularizationExponent: number
}

/** The least squares that a user's embedding solves, the embeddings of the items being fixed. */
export type LeastSquaresFoldIn = ImplicitFoldIn | RendleFoldIn

/**
 * One step of propagation: `(d + α)^-½ Σ w_i T_i + √d · s` over the items i of a history with the weights w_i, whose
 * sum is d. The tensor `items` [items, embeddingDim] holds T; `smooth` [embeddingDim] holds s, which is 0 without it.
 */
export interface PropagatedFoldIn {
  readonly convention: 'propagated'
  /** α, from 0 up. */
  readonly regularization: number
}

/**
 * Several layers of propagation with self-loops, all on one row h, which starts as 0: with d = Σ w_i,
 *
 * `h ← act(s · ((d + 1)^-½ Σ w_i T_i + h / (d + 1)) M + r h)`
 *
 * for each layer. The tensor `items` [layers, items, embeddingDim] holds T, `maps` [layers, embeddingDim, embeddingDim]
 * holds M. The result is mapped by `head` [embeddingDim, embeddingDim] and moved by `headBias` [embeddingDim], where they
 * are there.
 */
export interface LayeredFoldIn {
  readonly convention: 'layered'
  /** s, in 0..1. */
  readonly neighbourShare: number
  readonly activation: 'relu' | 'identity'
  /** True when r is 1 and the input of a layer is added, else it is 0. */
  readonly layerResidual: boolean
}

/**
 * The row x that minimizes `mean softplus(s_j - s_i) + λ/2 ‖x‖²`, where s are the scores that x gives to items i of the
 * history and to others j. It needs no tensors.
 */
export interface PairwiseFoldIn {
  readonly convention: 'pairwise'
  /** λ, above 0. */
  readonly l2Weight: number
}

/** The way in which the history of anybody gets an embedding, the embeddings of the items being fixed. */
export type FoldIn = LeastSquaresFoldIn | PropagatedFoldIn | LayeredFoldIn | PairwiseFoldIn

const nonNegative = z.number().check(z.gte(0))

/** Check of {@link FoldIn}. */
export const foldInSchema = z.discriminatedUnion('convention', [
  z.strictObject({
    convention: z.literal('implicit'),
    alpha: nonNegative,
    l2Weight: nonNegative,
  }),
  z.strictObject({
    convention: z.literal('rendle'),
    unobservedWeight: nonNegative,
    l2Weight: nonNegative,
    regularizationExponent: nonNegative,
  }),
  z.strictObject({ convention: z.literal('propagated'), regularization: nonNegative }),
  z.strictObject({
    convention: z.literal('layered'),
    neighbourShare: nonNegative.check(z.lte(1)),
    activation: z.enum(['relu', 'identity']),
    layerResidual: z.boolean(),
  }),
  z.strictObject({
    convention: z.literal('pairwise'),
    l2Weight: z.number().check(z.gte(1e-6)),
  }),
])

/**
 * Returns the least squares of a row of embeddings.
 *
 * @param block - number of coordinates that are solved at a time, all by default
 * @example
 * ```ts
 * import { foldInRule } from '@gnnrec/serving/model-folder'
 *
 * console.log(foldInRule({ convention: 'implicit', alpha: 3, l2Weight: 0.1 }, 64))
 * ```
 */
export function foldInRule(
  foldIn: LeastSquaresFoldIn,
  dim: number,
  block: number = dim,
): LeastSquaresRule {
  return foldIn.convention === 'implicit'
    ? { dim, block, gramWeight: 1, entryWeight: foldIn.alpha, targetOffset: 1 }
    : { dim, block, gramWeight: foldIn.unobservedWeight, entryWeight: 1, targetOffset: 0 }
}

/**
 * Returns the weight of the squared length of each row.
 *
 * @param pointers - the places where the entries of the rows begin, and where the last ones end
 * @param others - number of rows that a row can have entries for
 * @throws InvalidOptionsError when a weight is beyond float32
 * @example
 * ```ts
 * import { foldInRidges } from '@gnnrec/serving/model-folder'
 *
 * const pointers = Int32Array.of(0, 2, 5)
 * console.log(foldInRidges({ convention: 'implicit', alpha: 3, l2Weight: 0.1 }, pointers, 9))
 * ```
 */
export function foldInRidges(
  foldIn: LeastSquaresFoldIn,
  pointers: Int32Array,
  others: number,
): Float64Array {
  const ridges = new Float64Array(pointers.length - 1).fill(foldIn.l2Weight)
  if (foldIn.convention === 'implicit') {
    if (Number.isFinite(Math.fround(foldIn.l2Weight))) return ridges
    throw new InvalidOptionsError(
      `l2Weight: got ${foldIn.l2Weight}; expected at most 3.4e38, the range of float32.`,
    )
  }
  const { unobservedWeight, regularizationExponent } = foldIn
  for (let row = 0; row < ridges.length; row++) {
    const entries = pointers[row + 1] - pointers[row]
    ridges[row] *= (entries + unobservedWeight * others) ** regularizationExponent
    if (!Number.isFinite(Math.fround(ridges[row]))) {
      throw new InvalidOptionsError(
        `The l2Weight ${foldIn.l2Weight} times (${entries} + ${unobservedWeight} · ${others}) to the power of the regularizationExponent ${regularizationExponent} is ${ridges[row]}, beyond float32. Lower regularizationExponent.`,
      )
    }
  }
  return ridges
}
