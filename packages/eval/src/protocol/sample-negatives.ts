import type { Rng } from '@gnnrec/graph'

/** How negatives are drawn: all items alike, or in proportion to their training users. */
export type CandidateDistribution = 'uniform' | 'popularity'

/** Where a draw that hits nothing new costs more than looking at all items. */
const largestDrawnShare = 0.25
const mostDrawsPerNegative = 50

/** Draws distinct items for users, one after the other without replacement. */
export class NegativeCandidates {
  readonly #weights: ArrayLike<number>
  /** Sums of the weights of the items up to each one. */
  readonly #cumulated: Float64Array
  readonly #rng: Rng

  /** @param weights - one number >= 0 per item, not all 0; an item with 0 is never drawn */
  constructor(weights: ArrayLike<number>, rng: Rng) {
    this.#weights = weights
    this.#rng = rng
    this.#cumulated = new Float64Array(weights.length)
    let sum = 0
    for (let item = 0; item < weights.length; item++) {
      sum += weights[item]
      this.#cumulated[item] = sum
    }
  }

  /**
   * So many items that are not excluded, ascending, or all there are. They depend on the user, the
   * seed and what is excluded alone.
   *
   * @param excluded - ascending and distinct
   */
  draw(user: number, count: number, excluded: ArrayLike<number>): Int32Array {
    const available = this.#available(excluded)
    if (available.length <= count) return available
    const drawn =
      count <= largestDrawnShare * available.length && this.#drawSome(user, count, excluded)
    return (drawn || this.#drawFrom(user, count, available)).sort()
  }

  #available(excluded: ArrayLike<number>): Int32Array {
    const items = new Int32Array(this.#weights.length)
    let [count, next] = [0, 0]
    for (let item = 0; item < items.length; item++) {
      if (excluded[next] === item) next++
      else if (this.#weights[item] > 0) items[count++] = item
    }
    return items.slice(0, count)
  }

  /** By drawing until there are enough; undefined when a few items are drawn all the time. */
  #drawSome(user: number, count: number, excluded: ArrayLike<number>): Int32Array | undefined {
    const rejected = new Set<number>()
    for (let i = 0; i < excluded.length; i++) rejected.add(excluded[i])
    const drawn = new Int32Array(count)
    const total = this.#cumulated[this.#cumulated.length - 1]
    let found = 0
    for (let draw = 0; draw < mostDrawsPerNegative * count; draw++) {
      const item = this.#itemAt(this.#rng.uniformAt(user, draw) * total)
      if (rejected.has(item)) continue
      rejected.add(item)
      drawn[found++] = item
      if (found === count) return drawn
    }
    return undefined
  }

  /** The first item whose cumulated weight is above a number. */
  #itemAt(weight: number): number {
    let [low, high] = [0, this.#cumulated.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#cumulated[middle] > weight) high = middle
      else low = middle + 1
    }
    return low
  }

  /**
   * Those with the smallest -ln(u) / weight, which has the same distribution as drawing one after the
   * other (Efraimidis and Spirakis 2006, https://doi.org/10.1016/j.ipl.2005.11.003).
   */
  #drawFrom(user: number, count: number, available: Int32Array): Int32Array {
    const keys = new Float64Array(this.#weights.length)
    for (const item of available) {
      const uniform = 1 - this.#rng.uniformAt(user, 2 ** 31 + item)
      keys[item] = -Math.log(uniform) / this.#weights[item]
    }
    return available.sort((a, b) => keys[a] - keys[b] || a - b).slice(0, count)
  }
}
