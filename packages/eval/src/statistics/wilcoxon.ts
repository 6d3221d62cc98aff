import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import { type Alternative, symmetricPValue } from './alternative.js'
import { normalCdf } from './distributions.js'
import { pairedDifferences } from './paired-samples.js'

/** Options of {@link wilcoxonSignedRank}. */
export interface WilcoxonOptions {
  /** Alternative that the test looks for. @defaultValue 'two-sided' */
  readonly alternative?: Alternative
  /**
   * Way to compute the p-value: `'exact'` counts all sign patterns, `'normal'` approximates, `'auto'` is
   * exact for up to 50 pairs without zeros and ties.
   *
   * @defaultValue 'auto'
   */
  readonly method?: 'auto' | 'exact' | 'normal'
  /** True if the approximation moves the statistic by ½ towards its mean. @defaultValue false */
  readonly continuityCorrection?: boolean
}

/** The result of {@link wilcoxonSignedRank}. */
export interface WilcoxonSignedRank {
  /** Sum of the ranks of pairs with a > b. */
  readonly positiveRanks: number
  /** Sum of the ranks of pairs with a < b. */
  readonly negativeRanks: number
  /** Number of pairs with a = b, which are left out. */
  readonly zeros: number
  /** True if some |a - b| are equal; these share their mean rank. */
  readonly ties: boolean
  /** Way in which the p-value was computed. */
  readonly method: 'exact' | 'normal'
  /** Probability of ranks at least as extreme if there is no difference, 0..1. */
  readonly pValue: number
}

const schema = z.strictObject({
  alternative: z.enum(['two-sided', 'greater', 'less']).default('two-sided'),
  method: z.enum(['auto', 'exact', 'normal']).default('auto'),
  continuityCorrection: z.boolean().default(false),
})

const mostPairsForExact = 50
/** Number of pairs beyond which the number of sign patterns is too large for a float64. */
const mostPairsToCount = 1000

/**
 * Computes Wilcoxon's signed-rank test of paired samples, which asks if the differences a - b are
 * symmetric about 0. Zeros are left out, ties share mean ranks, and the approximation corrects for them:
 * z = (W⁺ - n(n+1)/4) / √(n(n+1)(2n+1)/24 - Σ(t³-t)/48) over groups of t ties.
 *
 * Wilcoxon, Biometrics Bulletin 1945, https://doi.org/10.2307/3001968
 *
 * @param a - one value per pair, such as a metric per user
 * @param b - the values of the other run, in the same order
 * @returns undefined when no difference is left (identical runs), or when `'exact'` is asked for and
 * there are zeros or ties, or more than 1000 pairs
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
 * console.log(statistics.wilcoxonSignedRank(a, b)?.pValue.toFixed(4)) // 0.0458
 * ```
 */
export function wilcoxonSignedRank(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  options: WilcoxonOptions = {},
): WilcoxonSignedRank | undefined {
  const settings = parseOptions('wilcoxonSignedRank', schema, options)
  const { values } = pairedDifferences(a, b)
  const differences = values.filter((value) => value !== 0)
  if (differences.length === 0) return undefined
  const zeros = values.length - differences.length
  const ranked = rankSigns(differences)
  const countable = zeros === 0 && !ranked.ties && differences.length <= mostPairsToCount
  const isSmall = differences.length <= mostPairsForExact
  const method =
    settings.method === 'auto' ? (countable && isSmall ? 'exact' : 'normal') : settings.method
  if (method === 'exact' && !countable) return undefined
  const { alternative, continuityCorrection } = settings
  const pValue =
    method === 'exact'
      ? exactPValue(ranked.positiveRanks, differences.length, alternative)
      : normalPValue(ranked, differences.length, alternative, continuityCorrection)
  const { positiveRanks, negativeRanks, ties } = ranked
  return { positiveRanks, negativeRanks, zeros, ties, method, pValue }
}

interface SignedRanks {
  readonly positiveRanks: number
  readonly negativeRanks: number
  readonly ties: boolean
  /** Σ (t³ - t) over groups of t equal sizes. */
  readonly tieSum: number
}

function rankSigns(differences: Float64Array): SignedRanks {
  const order = Float64Array.from(differences).sort((x, y) => Math.abs(x) - Math.abs(y))
  let [positiveRanks, negativeRanks, tieSum] = [0, 0, 0]
  for (let start = 0; start < order.length; ) {
    let end = start + 1
    while (end < order.length && Math.abs(order[end]) === Math.abs(order[start])) end++
    const rank = (start + 1 + end) / 2
    for (let place = start; place < end; place++) {
      if (order[place] > 0) positiveRanks += rank
      else negativeRanks += rank
    }
    const size = end - start
    tieSum += size ** 3 - size
    start = end
  }
  return { positiveRanks, negativeRanks, ties: tieSum > 0, tieSum }
}

function normalPValue(
  { positiveRanks, tieSum }: SignedRanks,
  n: number,
  alternative: Alternative,
  continuityCorrection: boolean,
): number {
  const distance = positiveRanks - (n * (n + 1)) / 4
  const shift = !continuityCorrection
    ? 0
    : alternative === 'two-sided'
      ? Math.sign(distance) / 2
      : alternative === 'greater'
        ? 0.5
        : -0.5
  const variance = (n * (n + 1) * (2 * n + 1)) / 24 - tieSum / 48
  return symmetricPValue((distance - shift) / Math.sqrt(variance), alternative, normalCdf)
}

/**
 * Returns the share of all 2ⁿ sign patterns of the ranks 1..n whose positive ranks have a sum as
 * extreme.
 */
function exactPValue(positiveRanks: number, n: number, alternative: Alternative): number {
  const total = (n * (n + 1)) / 2
  const share = new Float64Array(total + 1)
  share[0] = 1
  for (let rank = 1; rank <= n; rank++) {
    for (let sum = (rank * (rank + 1)) / 2; sum >= 0; sum--) {
      share[sum] = (share[sum] + (sum >= rank ? share[sum - rank] : 0)) / 2
    }
  }
  const upTo = (last: number): number => {
    let sum = 0
    for (let value = 0; value <= last; value++) sum += share[value]
    return sum
  }
  if (alternative === 'less') return upTo(positiveRanks)
  if (alternative === 'greater') return upTo(total - positiveRanks)
  return Math.min(1, 2 * upTo(Math.min(positiveRanks, total - positiveRanks)))
}
