import * as z from 'zod/mini'

/** The part of a filter that singular vectors make: `weight · D^exponent V Vᵀ D^-exponent`. */
export interface IdealPart {
  /** Finite factor of the part. */
  readonly weight: number
  /** Power of the degrees of items on both sides of the vectors, in 0..1. */
  readonly exponent: number
  /** `'early'` when the part is sharpened with the rest, `'late'` when it is added afterwards. */
  readonly merge: 'early' | 'late'
}

/** The numbers of a filter of the item graph; see `SpectralFilterRecommender` for its formula. */
export interface SpectralRule {
  /** Coefficients a_m of the Chebyshev polynomials that the history goes through. */
  readonly polynomial: readonly number[]
  /** Coefficients b_m of the Chebyshev polynomials that everything goes through which is merged early. */
  readonly sharpening: readonly number[]
  /** Power of the degrees of items around the whole filter, in 0..1. */
  readonly degreeExponent: number
  /** The part of the singular vectors, when there is one. */
  readonly ideal?: IdealPart | undefined
}

/** Returns true when what is merged early goes through a second polynomial. */
export function isSharpened({ sharpening }: Pick<SpectralRule, 'sharpening'>): boolean {
  return sharpening.length > 1 || sharpening[0] !== 1
}

/** The largest degree of a polynomial. */
const mostDegree = 256

const finite = z.number().check(z.gte(-3e38), z.lte(3e38))
const coefficients = z.readonly(z.array(finite).check(z.minLength(1), z.maxLength(mostDegree + 1)))
const exponent = z.number().check(z.gte(0), z.lte(1))

/** Checks of the fields of {@link SpectralRule}. */
export const spectralRuleShape = {
  polynomial: coefficients,
  sharpening: coefficients,
  degreeExponent: exponent,
  ideal: z.optional(z.strictObject({ weight: finite, exponent, merge: z.enum(['early', 'late']) })),
}
