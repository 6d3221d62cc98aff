/** Sums weights up to each place: `sums[i]` is the sum of the weights before i. */
export function runningSums(weights: Float64Array): Float64Array {
  const sums = new Float64Array(weights.length + 1)
  for (let place = 0; place < weights.length; place++) {
    sums[place + 1] = sums[place] + weights[place]
  }
  return sums
}

/**
 * Returns the place that a uniform number in [0, 1) falls on, in proportion to the weights. It is never a
 * place of weight 0. Some weight must not be 0.
 */
export function weightedPlace(sums: Float64Array, uniform: number): number {
  const total = sums[sums.length - 1]
  // Rounding may reach the total, which belongs to no place.
  const target = Math.min(uniform * total, total * (1 - Number.EPSILON))
  let low = 0
  let high = sums.length - 2
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sums[middle + 1] > target) high = middle
    else low = middle + 1
  }
  return low
}
