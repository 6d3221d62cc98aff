import type { Rng } from '@gnnrec/graph'

/** Draws distinct items for users, without replacement, from all but the excluded ones. */
export class DistinctNegatives {
  readonly #weights: Float64Array
  /** Sum of the weights of the items up to each. */
  readonly #below: Float64Array
  readonly #rng: Rng

  /** @param weights - a number >= 0 for each item; items with 0 are never drawn */
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
   * So many items in the order drawn, or all there are; they depend on the user, the block and the
   * excluded items alone.
   */
  draw(user: number, block: number, count: number, excluded: ReadonlySet<number>): number[] {
    const taken = new Set(excluded)
    const drawn: number[] = []
    const total = this.#below[this.#below.length - 1]
    // A draw that hits nothing new costs little, unless nearly everything is taken.
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
   * Items with the smallest −ln(u) / weight, which are distributed as if drawn one after the other
   * (Efraimidis and Spirakis 2006, https://doi.org/10.1016/j.ipl.2005.11.003).
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

  /** The first item whose sum of weights is above a number. */
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
