import { InvalidOptionsError, ShapeMismatchError } from '@gnnrec/graph'
import { checkCutoff } from './relevance.js'

/** Counts of how often each item is in the first k places of all lists. */
export class ItemCounts {
  /** The cut-off. */
  readonly k: number
  /** The count of each item, also of those that no list can hold. */
  readonly counts: Int32Array
  /** Number of lists so far, empty ones included. */
  lists = 0
  /** Number of places filled so far: the sum of the counts. */
  places = 0

  /** @throws InvalidOptionsError when k or itemCount is not an integer of at least 1 */
  constructor(k: number, itemCount: number) {
    checkCutoff(k)
    if (!Number.isSafeInteger(itemCount) || itemCount < 1) {
      throw new InvalidOptionsError(
        `itemCount: got ${itemCount}; expected an integer of at least 1.`,
      )
    }
    this.k = k
    this.counts = new Int32Array(itemCount)
  }

  /** @throws ShapeMismatchError when an item index is not in 0..itemCount-1 */
  add(list: ArrayLike<number>): void {
    const places = Math.min(this.k, list.length)
    for (let place = 0; place < places; place++) {
      const item = list[place]
      if (this.counts[item] === undefined) {
        throw new ShapeMismatchError(
          `A list holds the item index ${item}; expected 0..${this.counts.length - 1}.`,
        )
      }
      this.counts[item]++
    }
    this.lists++
    this.places += places
  }

  /** Adds several lists and returns itself. */
  addAll(lists: Iterable<ArrayLike<number>>): this {
    for (const list of lists) this.add(list)
    return this
  }

  /** Number of items that are in at least one list. */
  get distinct(): number {
    let distinct = 0
    for (let item = 0; item < this.counts.length; item++) if (this.counts[item] > 0) distinct++
    return distinct
  }
}
