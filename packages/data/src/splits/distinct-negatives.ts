import type { Rng } from '@gnnrec/graph'

/** A sampler that draws distinct items for a user, without replacement and without excluded items. */
export class DistinctNegatives {
  readonly #weights: Float64Array
  /** The sum of the weights up to and including each item. */
  readonly #below: Float64Array
  readonly #rng: Rng

  /**
   * Makes a sampler.
   *
   * @param weights - a number of 0 or more for each item; items with weight 0 are never drawn
   */
  constructor(weights: Float64Array, rng: Rng) {
    this.#weights = weights
    this.#rng = rng
    let sum = 0
    this.#below = weights.map((weight) => {
      sum += weight
      return sum
    })
  }

  /**
   * Draws `count` items, or all that there are if these are fewer. The result is in the order of the
   * draws and depends only on the user, the block and the excluded items.
   */
  draw(user: number, block: number, count: number, excluded: ReadonlySet<number>): number[] {
    const taken = new Set(excluded)
    const drawn: number[] = []
    const total = this.#below[this.#below.length - 1]
    // Repeating draws of taken items is cheap, unless almost every item is taken.
    for (let tries = 0; drawn.length < count && tries < 20 * count; tries++) {
      const item = this.#itemAt(this.#rng.uniformAt(user, block * 2 ** 31 + tries) * total)
      if (taken.has(item)) continue
      taken.add(item)
      drawn.push(item)
    }
    return drawn.length < count
      ? [...drawn, ...this.#rest(user, block, count - drawn.length, taken)]
      : drawn
  }

  /**
   * Returns the items with the smallest −ln(u) / weight. They are distributed like items that are drawn
   * one after the other (Efraimidis and Spirakis 2006, https://doi.org/10.1016/j.ipl.2005.11.003).
   */
  #rest(user: number, block: number, count: number, taken: ReadonlySet<number>): number[] {
    const rng = this.#rng.fork(`rest ${user} ${block}`)
    const keyed: { item: number; key: number }[] = []
    for (let item = 0; item < this.#weights.length; item++) {
      const key = -Math.log(1 - rng.uniform()) / this.#weights[item]
      if (this.#weights[item] > 0 && !taken.has(item)) keyed.push({ item, key })
    }
    keyed.sort((a, b) => a.key - b.key || a.item - b.item)
    return keyed.slice(0, count).map(({ item }) => item)
  }

  /** Returns the first item whose sum of weights is above a number. */
  #itemAt(weight: number): number {
    let low = 0
    let high = this.#below.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#below[middle] > weight) high = middle
      else low = middle + 1
    }
    return low
  }
}
