import { exponential, identity, inverse, multiply, transpose } from './small-matrix.js'

/** The map from a skew-symmetric matrix S to a rotation; see `orthogonalBlock`. */
export type OrthogonalMap = 'cayley' | 'exponential'

/** An orthogonal matrix with determinant 1, by rows. */
export interface OrthogonalBlock {
  readonly values: Float64Array
  /** The gradient of the matrix it was made from, given its own. */
  pullback(gradient: Float64Array): Float64Array
}

/**
 * The rotation of S = skewScale · (K - Kᵀ), which any K has:
 *
 * - `'cayley'`: Q = (I + S)(I - S)⁻¹; I - S always has an inverse, as S has imaginary eigenvalues
 * - `'exponential'`: Q = exp(S)
 *
 * exp(2S) and the Cayley transform of S differ by O(‖S‖³). S = 0 gives I exactly. The gradient of K
 * is skew-symmetric, its diagonal exactly 0.
 *
 * @param k - K, [size, size]
 */
export function orthogonalBlock(
  map: OrthogonalMap,
  k: Float64Array,
  size: number,
  skewScale: number,
): OrthogonalBlock {
  const skew = skewPart(k, size, skewScale)
  // An infinite S has a Cayley transform, -I or so, which would hide that K has diverged.
  if (!skew.every(Number.isFinite)) skew.fill(Number.NaN)
  const { values, pullback } = maps[map](skew, size)
  return { values, pullback: (gradient) => skewPart(pullback(gradient), size, skewScale) }
}

const maps: Readonly<Record<OrthogonalMap, (skew: Float64Array, size: number) => OrthogonalBlock>> =
  {
    // With A = (I - S)⁻¹ it is Q = 2A - I, dQ = 2 A dS A.
    cayley(skew, size) {
      const unit = identity(size)
      const inverted = inverse(
        skew.map((value, i) => unit[i] - value),
        size,
      )
      const transposed = transpose(inverted, size)
      return {
        values: inverted.map((value, i) => 2 * value - unit[i]),
        pullback: (gradient) =>
          multiply(multiply(transposed, gradient, size), transposed, size).map(
            (value) => 2 * value,
          ),
      }
    },
    // The derivative at S in a direction D is the upper right of exp([[S, D], [0, S]]), and its adjoint
    // is that at Sᵀ.
    exponential: (skew, size) => ({
      values: exponential(skew, size),
      pullback(gradient) {
        const double = 2 * size
        const augmented = new Float64Array(double * double)
        for (let row = 0; row < size; row++) {
          for (let column = 0; column < size; column++) {
            const place = row * double + column
            const value = skew[column * size + row]
            augmented[place] = value
            augmented[place + size * double + size] = value
            augmented[place + size] = gradient[row * size + column]
          }
        }
        const result = exponential(augmented, double)
        return gradient.map((_, place) => {
          return result[Math.floor(place / size) * double + size + (place % size)]
        })
      },
    }),
  }

/** scale · (X - Xᵀ) */
function skewPart(x: Float64Array, size: number, scale: number): Float64Array {
  const transposed = transpose(x, size)
  return x.map((value, i) => scale * (value - transposed[i]))
}
