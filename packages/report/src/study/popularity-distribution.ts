/** How popular the items are that something picked. */
export interface Distribution {
  /** Smallest popularity that at least this share of the picks does not exceed; at least 1. */
  quantile(share: number): number
  /** Points (popularity, share of picks up to it), few enough to draw, from popularity 1 up. */
  curve(): readonly (readonly [popularity: number, share: number])[]
}

/** Points per power of ten that a curve keeps. */
const pointsPerDecade = 24

/**
 * @param popularity - of each item
 * @param picks - how often each item was picked
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
    // The axis is logarithmic, on which items without training users stand at 1.
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
