import { type InteractionLists, type RankedRows, topK } from '@gnnrec/graph'
import * as z from 'zod/mini'
import { type BestItems, shortestList } from './best-items.js'
import { placesIn, union, valuesAt } from './list-selection.js'

/**
 * The treatment of users and items without training interactions, of whom a model knows nothing:
 * `'popularity'` gives these users the items with the most training users, and items similar to these
 * items likewise; `'model'` takes the model's numbers, which are little better than chance.
 */
export type ColdStart = 'popularity' | 'model'

/** Check of the option `coldStart`. */
export const coldStartSchema = z._default(
  z.enum(['popularity', 'model'], { error: "expected 'popularity' or 'model'" }),
  'popularity',
)

/** A choice among the items, as ascending indices. */
export interface ItemChoice {
  /** The only candidates, none of them excluded, or undefined when all items are candidates. */
  readonly candidates: Int32Array | undefined
  /** Items that are left out. */
  readonly excluded: Int32Array
  /** True when lists are chosen by this very object again and again, so that what follows from it is kept. */
  readonly isKept?: boolean
}

/** The items that lists are chosen from. */
export interface ChosenItems {
  /** The items for everybody. */
  readonly choice: ItemChoice
  /** A few items that are left out beside the choice, ascending. */
  readonly alsoExcluded: Int32Array
}

/** The choice of all items. */
export const everyItem: ItemChoice = { candidates: undefined, excluded: new Int32Array() }

/**
 * Users and items without training interactions, and the answers that stand in for those of the model.
 *
 * @example
 * ```ts
 * import { ColdNodes, popularityOf } from '@gnnrec/serving/model-folder'
 *
 * // The first of two users has seen the second of two items.
 * const seen = { pointers: Int32Array.of(0, 1, 1), items: Int32Array.of(1) }
 * const cold = ColdNodes.of('popularity', seen, popularityOf(seen, 2))
 * console.log(cold?.has('users', 1), cold?.popularity) // true Float32Array(2) [ 0, 1 ]
 * ```
 */
export class ColdNodes {
  /** Number of training users of each item. */
  readonly popularity: Float32Array
  readonly #seen: InteractionLists
  readonly #shifts = new Map<'users' | 'items', Float32Array | undefined>()

  private constructor(seen: InteractionLists, popularity: Float32Array) {
    this.#seen = seen
    this.popularity = popularity
  }

  /**
   * Finds these users and items; returns undefined when the model is to answer for all.
   *
   * @param popularity - number of training users of each item, as `popularityOf` counts it
   */
  static of(
    coldStart: ColdStart,
    seen: InteractionLists,
    popularity: Float32Array,
  ): ColdNodes | undefined {
    // Without any interaction no item is more popular than others, and the model has to do.
    if (coldStart === 'model' || popularity.every((users) => users === 0)) return undefined
    return new ColdNodes(seen, popularity)
  }

  /** Returns true for the index of a user or item without training interactions. */
  has(side: 'users' | 'items', index: number): boolean {
    if (side === 'items') return this.popularity[index] === 0
    const { pointers } = this.#seen
    return pointers[index] === pointers[index + 1]
  }

  /**
   * Returns what leaves these users or items out of lists when it is added to scores: -Infinity for each of them, 0 for
   * the others; undefined when there are none.
   *
   * @internal
   */
  shiftOf(side: 'users' | 'items'): Float32Array | undefined {
    if (!this.#shifts.has(side)) {
      const count = side === 'items' ? this.popularity.length : this.#seen.pointers.length - 1
      const shift = new Float32Array(count)
      for (let index = 0; index < count; index++) {
        if (this.has(side, index)) shift[index] = Number.NEGATIVE_INFINITY
      }
      this.#shifts.set(side, shift.includes(Number.NEGATIVE_INFINITY) ? shift : undefined)
    }
    return this.#shifts.get(side)
  }

  /**
   * Overwrites the scores of users without training interactions.
   *
   * @param items - the items that are scored, all when undefined
   * @param scores - one row per user
   */
  overwriteScores(users: Int32Array, items: Int32Array | undefined, scores: Float32Array): void {
    const { popularity } = this
    const width = items ? items.length : popularity.length
    for (let row = 0; row < users.length; row++) {
      if (!this.has('users', users[row])) continue
      if (!items) scores.set(popularity, row * width)
      else for (let i = 0; i < width; i++) scores[row * width + i] = popularity[items[i]]
    }
  }

  /**
   * Overwrites the lists of users without training interactions.
   *
   * @param excludeOf - returns the ascending items to leave out for the user at a place in `users`
   */
  overwriteLists(
    lists: RankedRows,
    users: Int32Array,
    excludeOf: (place: number) => Int32Array,
    choice: ItemChoice = everyItem,
  ): void {
    for (let row = 0; row < users.length; row++) {
      if (!this.has('users', users[row])) continue
      const best = popularItems(this.popularity, lists.k, excludeOf(row), choice)
      lists.items.set(best.items, row * lists.k)
      lists.scores.set(best.scores, row * lists.k)
      lists.lengths[row] = best.items.length
      lists.tied[row] = best.tied
    }
  }
}

/**
 * Finds the most popular items of a choice.
 *
 * @param own - the ascending items to leave out
 */
export function popularItems(
  popularity: Float32Array,
  k: number,
  own: Int32Array,
  { candidates, excluded }: ItemChoice,
): BestItems & { readonly tied: number } {
  const scores = candidates ? valuesAt(popularity, candidates) : popularity
  if (scores.length === 0) return { ...shortestList, tied: 0 }
  const best = topK(
    scores,
    Math.min(k, scores.length),
    candidates ? placesIn(candidates, own) : union(own, excluded),
  )
  return {
    items: candidates ? best.items.map((place) => candidates[place]) : best.items,
    scores: best.scores,
    tied: best.tied,
  }
}

/**
 * Counts the training users of each item.
 *
 * @example
 * ```ts
 * import { popularityOf } from '@gnnrec/serving/model-folder'
 *
 * const seen = { pointers: Int32Array.of(0, 1, 3), items: Int32Array.of(1, 0, 1) }
 * console.log(popularityOf(seen, 2)) // Float32Array(2) [ 1, 2 ]
 * ```
 */
export function popularityOf({ items }: InteractionLists, itemCount: number): Float32Array {
  const popularity = new Float32Array(itemCount)
  for (let entry = 0; entry < items.length; entry++) popularity[items[entry]]++
  return popularity
}
