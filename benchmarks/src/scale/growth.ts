/** Growth of a cost with the size of its input. */
export interface Growth {
  /** Cost per unit of size, divided by that of the smallest size. */
  readonly perUnit: readonly number[]
  /** Exponent e of the best fit cost = c · size^e. */
  readonly exponent: number
  /** `linear` when all costs per unit lie within the tolerance around the smallest size's. */
  readonly kind: 'linear' | 'slower than linear' | 'faster than linear'
}

/**
 * Compares the growth of costs with that of sizes.
 *
 * @param costs - costs in the order of the sizes, which ascend
 */
export function growthOf(
  sizes: readonly number[],
  costs: readonly number[],
  tolerance: number,
): Growth {
  const perUnit = costs.map((cost, i) => cost / sizes[i] / (costs[0] / sizes[0]))
  const [x, y] = [sizes.map(Math.log), costs.map(Math.log)]
  const [meanX, meanY] = [mean(x), mean(y)]
  const covariance = x.reduce((sum, value, i) => sum + (value - meanX) * (y[i] - meanY), 0)
  const variance = x.reduce((sum, value) => sum + (value - meanX) ** 2, 0)
  return {
    perUnit,
    exponent: covariance / variance,
    kind:
      Math.max(...perUnit) > 1 + tolerance
        ? 'faster than linear'
        : Math.min(...perUnit) < 1 - tolerance
          ? 'slower than linear'
          : 'linear',
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
