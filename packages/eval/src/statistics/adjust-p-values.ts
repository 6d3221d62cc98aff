import { InvalidOptionsError } from '@gnnrec/graph'

/**
 * A method that raises the p-values of several tests so that false discoveries are rare:
 *
 * - `'holm'` bounds the probability of any false discovery, and never finds less than `'bonferroni'`,
 * - `'bonferroni'` does the same and multiplies by the number of tests,
 * - `'benjamini-hochberg'` bounds the expected share of false discoveries.
 */
export type PValueAdjustment = 'holm' | 'bonferroni' | 'benjamini-hochberg'

/**
 * Adjusts the p-values of m tests that are made together. A test is significant when its adjusted
 * p-value is at most the level, such as 0.05. With p₍₁₎ <= ... <= p₍ₘ₎, the adjusted p₍ᵢ₎ is:
 *
 * - Holm: max over j <= i of min(1, (m - j + 1) p₍ⱼ₎), Scandinavian Journal of Statistics 1979,
 * - Bonferroni: min(1, m p),
 * - Benjamini-Hochberg: min over j >= i of min(1, m p₍ⱼ₎ / j), Journal of the Royal Statistical
 *   Society B 1995, https://doi.org/10.1111/j.2517-6161.1995.tb02031.x
 *
 * @param pValues - the p-values, each in 0..1
 * @param method - the method
 * @returns the adjusted p-values in the order of `pValues`
 * @throws InvalidOptionsError when a p-value is not in 0..1 or the method is unknown
 * @example
 * ```ts
 * import { statistics } from '@gnnrec/eval'
 *
 * console.log(statistics.adjustPValues([0.01, 0.5, 0.02])) // [ 0.03, 0.5, 0.04 ]
 * ```
 */
export function adjustPValues(
  pValues: readonly number[],
  method: PValueAdjustment = 'holm',
): number[] {
  for (const [i, p] of pValues.entries()) {
    if (p >= 0 && p <= 1) continue
    throw new InvalidOptionsError(`pValues[${i}]: got ${p}; expected a number in 0..1.`)
  }
  const m = pValues.length
  if (method === 'bonferroni') return pValues.map((p) => Math.min(1, m * p))
  const order = pValues.map((_, i) => i).sort((i, j) => pValues[i] - pValues[j])
  const adjusted = new Array<number>(m)
  if (method === 'holm') {
    let largest = 0
    for (const [place, i] of order.entries()) {
      largest = Math.max(largest, Math.min(1, (m - place) * pValues[i]))
      adjusted[i] = largest
    }
    return adjusted
  }
  if (method !== 'benjamini-hochberg') {
    throw new InvalidOptionsError(
      `method: got '${String(method)}'; expected 'holm', 'bonferroni' or 'benjamini-hochberg'.`,
    )
  }
  let smallest = 1
  for (let place = m - 1; place >= 0; place--) {
    smallest = Math.min(smallest, (m / (place + 1)) * pValues[order[place]])
    adjusted[order[place]] = smallest
  }
  return adjusted
}
