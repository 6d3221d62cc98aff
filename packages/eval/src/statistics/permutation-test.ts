import { parseOptions, Rng, sizeLimits } from '@gnnrec/graph'
import * as z from 'zod'
import { pairedDifferences } from './paired-samples.js'

/** Options of {@link permutationTest}. */
export interface PermutationTestOptions {
  /**
   * Number of random sign patterns where there are too many to count all, an integer in 1..10000000.
   *
   * @defaultValue 10000
   */
  readonly permutations?: number
  /** Seed of the draws. @defaultValue 0 */
  readonly seed?: number | string
}

/** The result of {@link permutationTest}. */
export interface PermutationTest {
  /** Probability of a mean difference at least as large if there is no difference, 0..1. */
  readonly pValue: number
  /** True if all sign patterns were counted instead of drawn. */
  readonly exact: boolean
  /** Number of sign patterns. */
  readonly permutations: number
}

const schema = z.strictObject({
  permutations: z.int().min(1).max(sizeLimits.resamples).default(10_000),
  seed: z.union([z.number(), z.string()]).default(0),
})

const mostPairsForExact = 16
/** Share of Σ|d| below which a difference between two sums counts as rounding. */
const slack = 1e-12

/**
 * Computes the two-sided paired permutation (sign-flip) test: how often |mean of a - b| would be at least
 * as large if the two runs were swapped at random in each pair. The test assumes no distribution.
 *
 * If at most 16 pairs differ, all sign patterns are counted. Otherwise `permutations` of them are drawn,
 * and p = (1 + number of patterns that are as extreme) / (1 + number of patterns), which is never 0.
 * Identical runs have p = 1.
 *
 * Fisher, The Design of Experiments, 1935; for retrieval: Smucker et al., CIKM 2007,
 * https://doi.org/10.1145/1321440.1321528
 *
 * @param a - one value per pair, such as a metric per user
 * @param b - the values of the other run, in the same order
 * @throws ShapeMismatchError when the samples differ in length
 * @throws InvalidOptionsError when they are empty or an option is wrong
 * @throws NonFiniteError when a value is not finite
 * @example
 * ```ts
 * import { statistics } from '@gnnrec/eval'
 *
 * // One value of a metric per seed.
 * const a = [0.42, 0.51, 0.39, 0.6, 0.47, 0.55]
 * const b = [0.4, 0.46, 0.4, 0.52, 0.45, 0.5]
 * const { pValue, exact } = statistics.permutationTest(a, b)
 * console.log(pValue, exact) // 0.0625 true
 * ```
 */
export function permutationTest(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  options: PermutationTestOptions = {},
): PermutationTest {
  const { permutations, seed } = parseOptions('permutationTest', schema, options)
  // The sign of a pair without a difference does not change the sum.
  const differences = pairedDifferences(a, b).values.filter((value) => value !== 0)
  let [sum, size] = [0, 0]
  for (const value of differences) {
    sum += value
    size += Math.abs(value)
  }
  const threshold = Math.abs(sum) - slack * size
  if (differences.length <= mostPairsForExact) {
    const sums = allSums(differences)
    const extreme = sums.reduce((n, value) => n + (Math.abs(value) >= threshold ? 1 : 0), 0)
    return { pValue: extreme / sums.length, exact: true, permutations: sums.length }
  }
  const rng = Rng.fromSeed(seed).fork('permutation')
  const tables = tablesOfSums(differences)
  let extreme = 1
  for (let p = 0; p < permutations; p++) {
    if (Math.abs(randomSum(tables, rng)) >= threshold) extreme++
  }
  return { pValue: extreme / (1 + permutations), exact: false, permutations }
}

/** Returns the sum of the differences under each pattern of signs. */
function allSums(differences: Float64Array): Float64Array {
  const sums = new Float64Array(2 ** differences.length)
  for (let i = 0; i < differences.length; i++) {
    const known = 2 ** i
    for (let pattern = 0; pattern < known; pattern++) {
      sums[known + pattern] = sums[pattern] - differences[i]
      sums[pattern] += differences[i]
    }
  }
  return sums
}

/** Returns the 16 sums of each 4 differences, so that 4 bits of a random number stand for 4 signs. */
function tablesOfSums(differences: Float64Array): Float64Array {
  const groups = Math.ceil(differences.length / 4)
  const tables = new Float64Array(groups * 16)
  for (let g = 0; g < groups; g++) {
    const group = new Float64Array(4)
    group.set(differences.subarray(4 * g, 4 * g + 4))
    tables.set(allSums(group), g * 16)
  }
  return tables
}

function randomSum(tables: Float64Array, rng: Rng): number {
  let sum = 0
  for (let start = 0; start < tables.length; start += 128) {
    const end = Math.min(start + 128, tables.length)
    let signs = rng.integer(2 ** 32)
    for (let table = start; table < end; table += 16) {
      sum += tables[table + (signs & 15)]
      signs >>>= 4
    }
  }
  return sum
}
