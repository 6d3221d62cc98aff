import { type Id, type IdMap, InvalidOptionsError, ShapeMismatchError } from '@gnnrec/graph'
import { showValue } from '@gnnrec/graph/kernels'
import { ItemFilter } from './item-filter.js'
import { knownIndices } from './list-selection.js'
import type { FilterItems } from './recommend-options.js'

/**
 * Looks up the items of a filter.
 *
 * @throws UnknownIdError for an unknown id, unless unknown ids are to be skipped
 * @throws ShapeMismatchError for a mask of another length
 * @throws InvalidOptionsError for something else, and for values other than true and false
 */
export function makeFilter<ItemId extends Id>(
  items: IdMap<ItemId>,
  given: FilterItems<ItemId>,
  {
    unknownIds,
    name,
  }: { readonly unknownIds: 'error' | 'skip'; readonly name?: string | undefined },
): ItemFilter<ItemId> {
  return new ItemFilter(items, maskOf(items, given, unknownIds), name)
}

function maskOf(items: IdMap, given: FilterItems, unknownIds: 'error' | 'skip'): Uint8Array {
  if (typeof given === 'function') {
    const isPassing = given as (item: Id) => unknown
    return truths(items, (index) => isPassing(items.ids[index]), 'from the function')
  }
  if (given instanceof Uint8Array) {
    checkLength(given.length, items)
    return truths(
      items,
      (index) => (given[index] > 1 ? given[index] : given[index] === 1),
      'in the mask',
    )
  }
  if (!Array.isArray(given) && !(given instanceof Set)) {
    throw new InvalidOptionsError(
      `filter: got ${showValue(given)}; expected an array or a Set of ids, a function of an id that returns true or false, or a mask, a Uint8Array or an array of booleans with a value for each item.`,
    )
  }
  const list: readonly unknown[] = Array.from(given)
  if (typeof list[0] === 'boolean') {
    checkLength(list.length, items)
    return truths(items, (index) => list[index], 'in the mask')
  }
  const mask = new Uint8Array(items.size)
  for (const index of knownIndices(items, list as readonly Id[], unknownIds)) mask[index] = 1
  return mask
}

/** Makes a mask of values that must be true or false. */
function truths(items: IdMap, passes: (index: number) => unknown, place: string): Uint8Array {
  const mask = new Uint8Array(items.size)
  for (let index = 0; index < mask.length; index++) {
    const value = passes(index)
    if (value === true) mask[index] = 1
    else if (value !== false) {
      const got = value instanceof Promise ? 'a Promise' : showValue(value)
      throw new InvalidOptionsError(
        `filter: got ${got} ${place} for item ${showValue(items.ids[index])}; expected true or false.`,
      )
    }
  }
  return mask
}

function checkLength(length: number, { size }: IdMap): void {
  if (length === size) return
  throw new ShapeMismatchError(
    `filter: the mask has ${length} values; expected ${size}, one for each item in the order of the ids.`,
  )
}
