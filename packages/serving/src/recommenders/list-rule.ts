import { type Id, type IdMap, InvalidOptionsError } from '@gnnrec/graph'
import type { ItemChoice } from './cold-start.js'
import { ItemSelection } from './item-selection.js'
import { ascendingDistinct, knownIndices, listLength, without } from './list-selection.js'
import type { ListOptions } from './recommend-options.js'

/** The length of a list and the items that it is chosen from. */
export interface ListRule {
  readonly k: number
  readonly excludeSeen: boolean
  /** The items for everybody. */
  readonly choice: ItemChoice
}

/**
 * Looks up what checked options ask for.
 *
 * @param items - the ids of all items
 * @param owner - the method that was called, for errors
 * @throws InvalidOptionsError when k is out of range, or items were selected by another recommender
 * @throws UnknownIdError for an unknown id, unless unknown ids are to be skipped
 */
export function listRule(
  items: IdMap,
  owner: string,
  wanted: ListOptions,
  unknownIds: 'error' | 'skip',
): ListRule {
  const { k, candidates, exclude = [], excludeSeen } = wanted
  const excluded = ascending(items, 'exclude', exclude, unknownIds)
  return {
    k: listLength(owner, k, items.size, 'items'),
    excludeSeen,
    choice: {
      candidates:
        candidates && without(ascending(items, 'candidates', candidates, unknownIds), excluded),
      excluded,
    },
  }
}

/** Returns the ascending indices of ids, or of items that were looked up before. */
function ascending(
  all: IdMap,
  name: 'candidates' | 'exclude',
  items: readonly Id[] | ItemSelection,
  unknownIds: 'error' | 'skip',
): Int32Array {
  if (!(items instanceof ItemSelection)) {
    return ascendingDistinct(knownIndices(all, items, unknownIds), all.size)
  }
  const indices = items.indicesIn(all)
  if (indices) return indices
  throw new InvalidOptionsError(
    `${name}: got items that another recommender has selected, whose indices mean other items; call selectItems of the recommender that is asked.`,
  )
}
