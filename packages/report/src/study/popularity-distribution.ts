/** The distribution of the popularity of picked items. */
export interface Distribution {
  /**
   * Returns the smallest popularity that at least this share of the picks does not exceed; at least 1.
   */
  quantile(share: number): number
  /** Returns points (popularity, share of picks up to it) from popularity 1 up, few enough to draw. */
  curve(): readonly (readonly [popularity: number, share: number])[]
}

/** Number of points per power of ten that a curve keeps. */
const pointsPerDecade = 24

/**
 * Computes the distribution of the popularity of picked items.
 *
 * @param popularity - the popularity of each item
 * @param picks - the number of times that each item was picked
 * @returns undefined when nothing was picked
 */
export function distributionOf(
  popularity: ArrayLike<number>,
  picks: ArrayLike<number>,
): Distribution | undefined {
  const byPopularity = new Map<number, number>()
  let total = 0
  for (let item = 0; item < picks.length; item++) {
    if (picks[item] === 0) continue
    // On a logarithmic axis, items without training users are drawn at 1.
    const place = Math.max(1, popularity[item])
    byPopularity.set(place, (byPopularity.get(place) ?? 0) + picks[item])
    total += picks[item]
  }
  if (total === 0) return undefined
  const levels = [...byPopularity].sort(([a], [b]) => a - b)
  let picked = 0
  const shares = levels.map(([place, count]) => {
    picked += count
    return [place, picked / total] as const
  })
  return {
    quantile: (share) => (shares.find(([, upTo]) => upTo >= share) ?? shares[shares.length - 1])[0],
    curve: () => {
      const cell = ([place]: readonly [number, number]) =>
        Math.floor(Math.log10(place) * pointsPerDecade)
      return shares.filter(
        (point, i) => i === shares.length - 1 || cell(point) !== cell(shares[i + 1]),
      )
    },
  }
}
