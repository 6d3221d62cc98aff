import { parseOptions, Rng } from '@gnnrec/graph'
import * as z from 'zod'
import { pairedDifferences } from './paired-samples.js'

/** Options of {@link permutationTest}. */
export interface PermutationTestOptions {
  /** Sign patterns drawn where there are too many to count, an integer >= 1. @defaultValue 10000 */
  readonly permutations?: number
  /** Of the draws. @defaultValue 0 */
  readonly seed?: number | string
}

/** What {@link permutationTest} finds. */
export interface PermutationTest {
  readonly pValue: number
  /** Whether all sign patterns were counted instead of drawn. */
  readonly exact: boolean
  /** Sign patterns looked at. */
  readonly permutations: number
}

const schema = z.strictObject({
  permutations: z.int().min(1).default(10_000),
  seed: z.union([z.number(), z.string()]).default(0),
})

const mostPairsForExact = 16
/** Sums that differ by less, as a share of Σ|d|, count as equal. */
const slack = 1e-12

/**
 * The paired permutation (sign-flip) test: how often |mean of a - b| would be as large if the two runs
 * were exchanged at random in each pair, two-sided. It needs no distribution to hold.
 *
 * All patterns are counted when at most 16 pairs differ; else `permutations` are drawn and
 * p = (1 + as extreme) / (1 + drawn), which is never 0. Identical runs have p = 1.
 *
 * Fisher, The Design of Experiments, 1935; for retrieval: Smucker et al., CIKM 2007,
 * https://doi.org/10.1145/1321440.1321528
 *
 * @param a - one value per pair, such as a metric per user
 * @param b - the other run's values, in the same order
 * @throws ShapeMismatchError, InvalidOptionsError or NonFiniteError for samples that are not paired,
 * empty or not finite
 */
export function permutationTest(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  options: PermutationTestOptions = {},
): PermutationTest {
  const { permutations, seed } = parseOptions('permutationTest', schema, options)
  // A pair without difference has the same sum whichever sign it has.
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

/** The sum of the differences under each pattern of signs. */
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

/** The 16 sums of each 4 differences, so that 4 bits of a random number stand for 4 signs at once. */
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
