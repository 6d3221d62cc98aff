import { InvalidOptionsError, ShapeMismatchError } from '@gnnrec/graph'
import type { ListAccumulator, ListMetric } from './metric.js'
import { checkCutoff } from './relevance.js'

/**
 * coverage@k = distinct items in the first k places of all lists / number of items.
 *
 * @param lists - one list of item indices per user, best first; only the first k are looked at
 * @param k - an integer of at least 1; may exceed the number of items
 * @param itemCount - all items of the `IdMap`, also those that no list could hold
 * @throws InvalidOptionsError when k or itemCount is out of range
 * @throws ShapeMismatchError when an item index is not in 0..itemCount-1
 */
export function coverageAtK(
  lists: Iterable<ArrayLike<number>>,
  k: number,
  itemCount: number,
): number {
  const accumulator = new CoverageAccumulator(k, itemCount)
  for (const list of lists) accumulator.add(list)
  return accumulator.value()
}

/** {@link coverageAtK} over the lists of the ranked users. */
export const coverage: ListMetric = {
  kind: 'lists',
  name: 'coverage',
  denominator: 'all items of the id map',
  create: ({ k, split }) => new CoverageAccumulator(k, split.train.items.size),
}

class CoverageAccumulator implements ListAccumulator {
  readonly #k: number
  readonly #seen: Uint8Array
  #distinct = 0

  constructor(k: number, itemCount: number) {
    checkCutoff(k)
    if (!Number.isSafeInteger(itemCount) || itemCount < 1) {
      throw new InvalidOptionsError(
        `itemCount: got ${itemCount}; expected an integer of at least 1.`,
      )
    }
    this.#k = k
    this.#seen = new Uint8Array(itemCount)
  }

  add(list: ArrayLike<number>): void {
    const places = Math.min(this.#k, list.length)
    for (let place = 0; place < places; place++) {
      const item = list[place]
      const seen = this.#seen[item]
      if (seen === undefined) {
        throw new ShapeMismatchError(
          `A list holds the item index ${item}; expected 0..${this.#seen.length - 1}.`,
        )
      }
      if (seen === 0) this.#distinct++
      this.#seen[item] = 1
    }
  }

  value(): number {
    return this.#distinct / this.#seen.length
  }
}
