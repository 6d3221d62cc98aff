import { Rng } from '@gnnrec/graph'

/** Number of values up to which one random number is enough for two draws. */
const mostForTwoDraws = 2 ** 16

/**
 * Computes the means of resamples with replacement, each as long as the columns. All columns are
 * resampled by the same draws, which depend on nothing but the seed and the length.
 *
 * @param columns - columns of one length, with at least one value each
 * @returns for each column the mean of each resample
 */
export function resampledMeans(
  columns: readonly Float64Array[],
  resamples: number,
  seed: number | string,
): Float64Array[] {
  const rng = Rng.fromSeed(seed).fork('bootstrap')
  const n = columns[0].length
  const draws = new Int32Array(n)
  const means = columns.map(() => new Float64Array(resamples))
  for (let resample = 0; resample < resamples; resample++) {
    fillDraws(draws, rng)
    for (let c = 0; c < columns.length; c++) {
      const values = columns[c]
      let sum = 0
      for (let i = 0; i < n; i++) sum += values[draws[i]]
      means[c][resample] = sum / n
    }
  }
  return means
}

/** Fills an array with random integers in 0..length-1. */
function fillDraws(draws: Int32Array, rng: Rng): void {
  const n = draws.length
  const step = n <= mostForTwoDraws ? 2 : 1
  for (let i = 0; i < n; i += step) {
    // The digits of a uniform number in base n are independent.
    const place = rng.uniform() * n
    draws[i] = place
    if (step === 2 && i + 1 < n) draws[i + 1] = (place - draws[i]) * n
  }
}
