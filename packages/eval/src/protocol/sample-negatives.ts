import type { Rng } from '@gnnrec/graph'

/** A distribution of random items: all alike, or in proportion to their numbers of training users. */
export type CandidateDistribution = 'uniform' | 'popularity'

/** Share of the available items above which repeated draws cost more than a look at all items. */
const largestDrawnShare = 0.25
const mostDrawsPerNegative = 50

/** A sampler of items without replacement. */
export class NegativeCandidates {
  readonly #weights: ArrayLike<number>
  /** Sum of the weights of the items up to each one. */
  readonly #cumulated: Float64Array
  readonly #rng: Rng

  /** @param weights - one number >= 0 per item, not all 0; an item with the weight 0 is never drawn */
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
   * Draws items for a user and returns them, ascending. The draws depend on nothing but the user, the
   * seed and the excluded items.
   *
   * @param count - the number of items; all available ones are returned where there are fewer
   * @param excluded - items that are not drawn, ascending, each once
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

  /** Draws until there are enough items; returns undefined when the draws repeat the same few items. */
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

  /** Returns the first item whose cumulated weight is above a number. */
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
   * Returns the items with the smallest -ln(u) / weight, which have the same distribution as items drawn
   * one after the other (Efraimidis and Spirakis 2006, https://doi.org/10.1016/j.ipl.2005.11.003).
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
