/** The alternative that a test looks for: any difference, a greater than b, or a less than b. */
export type Alternative = 'two-sided' | 'greater' | 'less'

/** Returns the p-value of a statistic whose distribution without a difference is symmetric about 0. */
export function symmetricPValue(
  statistic: number,
  alternative: Alternative,
  cdf: (x: number) => number,
): number {
  if (alternative === 'less') return cdf(statistic)
  if (alternative === 'greater') return cdf(-statistic)
  return 2 * cdf(-Math.abs(statistic))
}
