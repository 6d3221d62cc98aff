import * as z from 'zod/mini'
import { InvalidInteractionsError } from '../errors.js'
import type { InteractionLists } from '../interactions/interaction-lists.js'
import { parseOptions } from '../options.js'
import { Rng } from '../random/rng.js'

/**
 * The distribution of negatives: all items equally likely, or in proportion to an item's number of
 * distinct train users raised to `popularityExponent` (finite, >= 0; word2vec's 0.75 is common).
 */
export type NegativeDistribution = 'uniform' | { popularityExponent: number }

/** Options of {@link NegativeSampler}. */
export interface NegativeSamplerOptions {
  /**
   * The distribution of the items drawn.
   *
   * @defaultValue 'uniform'
   */
  distribution?: NegativeDistribution
  /** The random stream of the draws. Only its key is used, so it may be shared and is not moved. */
  rng: Rng
}

/** A source of negatives: a graph, or a part of one with weights in place of degrees. */
interface NegativeSource {
  readonly interactions: InteractionLists
  readonly userCount: number
  readonly itemCount: number
  /** The degree or weight of each item, finite, >= 0. */
  readonly itemDegrees: Int32Array | Float64Array
}

export const negativeDistributionSchema = z.union(
  [z.literal('uniform'), z.strictObject({ popularityExponent: z.number().check(z.gte(0)) })],
  { error: "expected 'uniform' or { popularityExponent: a finite number >= 0 }" },
)

export const rngSchema = z.custom<Rng>((value) => value instanceof Rng, {
  error: 'expected an Rng, for instance Rng.fromSeed(1)',
})

const optionsSchema = z.strictObject({
  distribution: z._default(negativeDistributionSchema, 'uniform'),
  rng: rngSchema,
})

/**
 * A sampler of items that a user has not met in training.
 *
 * Every draw is exact and takes one random number, which falls on the weight of the items that the user
 * has not met. Binary search in the user's sorted row finds the item. There are no rejected tries, so it
 * never loops and never accepts a train item. O(log degree) for uniform, O(log degree + log items) for
 * popularity.
 *
 * With `{ popularityExponent: α }` an item has the weight `degree^α`. Items without train users
 * weigh nothing for α > 0 and are never drawn; α = 0 is the uniform distribution.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords, NegativeSampler, Rng } from '@gnnrec/graph'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'jaws' },
 *     { user: 'ann', item: 'alien' },
 *     { user: 'bob', item: 'alien' },
 *   ]),
 * )
 * const sampler = new NegativeSampler(graph, { rng: Rng.fromSeed(1) })
 * const bob = graph.users.indexOf('bob')
 * console.log(graph.items.idOf(sampler.sampleAt(bob, 0, 0))) // jaws, the only item that bob has not met
 * ```
 */
export class NegativeSampler {
  readonly #pointers: Int32Array
  readonly #items: Int32Array
  readonly #itemCount: number
  readonly #weights: CumulativeWeights | undefined
  readonly #rng: Rng

  /** @throws InvalidOptionsError when an option is unknown or out of its range */
  constructor(graph: NegativeSource, options: NegativeSamplerOptions) {
    const { distribution, rng } = parseOptions('NegativeSampler', optionsSchema, options)
    this.#pointers = graph.interactions.pointers
    this.#items = graph.interactions.items
    this.#itemCount = graph.itemCount
    this.#weights =
      distribution === 'uniform'
        ? undefined
        : cumulativeWeights(graph, distribution.popularityExponent)
    this.#rng = rng
  }

  /**
   * True when all items are equally likely.
   *
   * @internal
   */
  get isUniform(): boolean {
    return this.#weights === undefined
  }

  /** Returns true when there is an item that can be drawn for this user. */
  hasNegative(user: number): boolean {
    return this.#admissibleWeight(user) > 0
  }

  /**
   * Draws the negative at an address. The same address always gives the same item.
   *
   * @param user - index in 0..userCount-1
   * @param block - 0..2^31-1, for instance the epoch
   * @param position - 0..2^32-1, for instance the sample within the epoch
   * @returns the index of the item
   * @throws InvalidInteractionsError when the user has no negative; ask {@link hasNegative} first
   */
  sampleAt(user: number, block: number, position: number): number {
    const total = this.#admissibleWeight(user)
    if (!(total > 0)) {
      throw new InvalidInteractionsError(
        `User index ${user} has no negative: every item that could be drawn is in the user's train list.`,
      )
    }
    const drawn = this.#rng.integerAt(block, position, total)
    return this.#weights === undefined
      ? this.#uniformItem(user, drawn)
      : this.#weightedItem(user, drawn, this.#weights)
  }

  /**
   * Draws the negatives of a batch, m for each sample, where m follows from the length of `out`. The n-th
   * of a sample is {@link sampleAt} at the position draw · m + n.
   *
   * @param out - filled with m item indices for each sample, row-major
   * @throws InvalidInteractionsError when a user has no negative
   *
   * @internal
   */
  fill(out: Int32Array, { users, draws, block, size }: NegativeBatch): void {
    const perSample = out.length / size
    const itemCount = this.#itemCount
    const pointers = this.#pointers
    const items = this.#items
    for (let sample = 0; sample < size; sample++) {
      const user = users[sample]
      const start = pointers[user]
      const degree = pointers[user + 1] - start
      const isUniform = this.#weights === undefined && degree < itemCount
      for (let n = 0; n < perSample; n++) {
        const position = draws[sample] * perSample + n
        out[sample * perSample + n] = isUniform
          ? complementItem(
              items,
              start,
              degree,
              this.#rng.integerAt(block, position, itemCount - degree),
            )
          : this.sampleAt(user, block, position)
      }
    }
  }

  #admissibleWeight(user: number): number {
    const start = this.#pointers[user]
    const end = this.#pointers[user + 1]
    if (this.#weights === undefined) return this.#itemCount - (end - start)
    const { below, metBefore } = this.#weights
    const total = below[this.#itemCount]
    if (start === end) return total
    const last = this.#items[end - 1]
    return total - metBefore[end - 1] - (below[last + 1] - below[last])
  }

  #uniformItem(user: number, drawn: number): number {
    const start = this.#pointers[user]
    return complementItem(this.#items, start, this.#pointers[user + 1] - start, drawn)
  }

  /** Finds the item whose share of the complement's weight holds `drawn`. */
  #weightedItem(user: number, drawn: number, { below, metBefore }: CumulativeWeights): number {
    const start = this.#pointers[user]
    let low = start
    let high = this.#pointers[user + 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (below[this.#items[middle]] - metBefore[middle] > drawn) high = middle
      else low = middle + 1
    }
    // `low` is the first train item beyond the place drawn; what was met lies before that place.
    let target = drawn
    if (low > start) {
      const previous = this.#items[low - 1]
      target += metBefore[low - 1] + below[previous + 1] - below[previous]
    }
    let first = 0
    let last = this.#itemCount - 1
    while (first < last) {
      const middle = (first + last) >>> 1
      if (below[middle + 1] > target) last = middle
      else first = middle + 1
    }
    return first
  }
}

/** The samples of a batch whose negatives are drawn. */
interface NegativeBatch {
  readonly users: Int32Array
  /** The draw of each sample. */
  readonly draws: Int32Array
  readonly block: number
  /** Number of samples; the arrays may be longer. */
  readonly size: number
}

/** Items of a row that are counted one by one, since wrong guesses of branches make a search slower. */
const countedItems = 16

/** Returns the item that has `drawn` items of the complement of a row before it. */
function complementItem(items: Int32Array, start: number, degree: number, drawn: number): number {
  let first = 0
  let rest = degree
  while (rest > countedItems) {
    const half = rest >>> 1
    if (items[start + first + half] - (first + half) <= drawn) {
      first += half + 1
      rest -= half + 1
    } else rest = half
  }
  // Counts the items of the row with at most `drawn` of the complement before them, by their sign bit.
  let met = first
  for (let place = first; place < first + rest; place++) {
    met += (items[start + place] - place - drawn - 1) >>> 31
  }
  return drawn + met
}

interface CumulativeWeights {
  /** Weights of the items before each: `below[i]` of those before i, `below[itemCount]` of all. */
  readonly below: Float64Array
  /** The weight of a user's edges before each of them. */
  readonly metBefore: Float64Array
}

const totalWeight = 2 ** 50

function largest(values: ArrayLike<number>): number {
  let most = 0
  for (let place = 0; place < values.length; place++) most = Math.max(most, values[place])
  return most
}

/**
 * Computes `degree^exponent` as integers that add up to about 2^50. Their sums and differences are exact
 * in float64, so that no rounding can let a draw fall on a train item. Only items without users weigh 0.
 */
function cumulativeWeights(graph: NegativeSource, exponent: number): CumulativeWeights {
  const { itemDegrees, itemCount, interactions } = graph
  const highest = largest(itemDegrees)
  // Relative to the highest degree, since degree^exponent may overflow.
  const shares = Float64Array.from(itemDegrees, (degree) => (degree / highest) ** exponent)
  const scale = totalWeight / shares.reduce((a, b) => a + b)
  const below = new Float64Array(itemCount + 1)
  for (let item = 0; item < itemCount; item++) {
    const share = Math.round(shares[item] * scale)
    const weight = itemDegrees[item] === 0 ? share : Math.max(1, share)
    below[item + 1] = below[item] + weight
  }
  const { pointers, items } = interactions
  const metBefore = new Float64Array(items.length)
  for (let user = 0; user < graph.userCount; user++) {
    let met = 0
    for (let edge = pointers[user]; edge < pointers[user + 1]; edge++) {
      const item = items[edge]
      metBefore[edge] = met
      met += below[item + 1] - below[item]
    }
  }
  return { below, metBefore }
}
