/** Returns the points cos((j + ½) π / count) that Chebyshev polynomials are interpolated at, descending. */
export function chebyshevNodes(count: number): number[] {
  return Array.from({ length: count }, (_, j) => Math.cos(((j + 0.5) * Math.PI) / count))
}

/**
 * Returns the coefficients c_m of `Σ_m c_m T_m(x)`, the polynomial that takes the given values at
 * {@link chebyshevNodes}.
 */
export function chebyshevCoefficients(values: readonly number[]): number[] {
  const count = values.length
  return Array.from({ length: count }, (_, m) => {
    const sum = values.reduce(
      (total, value, j) => total + value * Math.cos((m * (j + 0.5) * Math.PI) / count),
      0,
    )
    return ((m === 0 ? 1 : 2) / count) * sum
  })
}
