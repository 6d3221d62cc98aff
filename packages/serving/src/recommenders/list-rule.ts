import type { Id, IdMap } from '@gnnrec/graph'
import { type ChosenItems, everyItem } from './cold-start.js'
import { checkCatalogue, ItemFilter } from './item-filter.js'
import { ascendingDistinct, knownIndices, listLength, without } from './list-selection.js'
import type { ListOptions } from './recommend-options.js'
import type { Rule } from './rules.js'

/** The items that a list is chosen from, and the filters that say so. */
export interface ListItems extends ChosenItems {
  /** The filters that were given. */
  readonly filters: { readonly candidates?: ItemFilter; readonly exclude?: ItemFilter }
}

/** The length of a list and the items that it is chosen from. */
export interface ListRule extends ListItems {
  readonly k: number
  readonly excludeSeen: boolean
  readonly rules?: readonly Rule[] | undefined
  readonly unknownIds?: 'error' | 'skip'
}

/** Most excluded ids that are left out one by one: more of them are marked in a table of all items. */
const mostApart = 1024

/**
 * Looks up what checked options ask for.
 *
 * @param items - the ids of all items
 * @param owner - the method that was called, for errors
 * @throws InvalidOptionsError when k is out of range, or a filter is of another catalogue
 * @throws UnknownIdError for an unknown id, unless unknown ids are to be skipped
 */
export function listRule(
  items: IdMap,
  owner: string,
  wanted: ListOptions,
  unknownIds: 'error' | 'skip',
): ListRule {
  return {
    k: listLength(owner, wanted.k, items.size, 'items'),
    excludeSeen: wanted.excludeSeen,
    rules: wanted.rules,
    unknownIds,
    ...listChoice(items, wanted, unknownIds),
  }
}

/** Looks up the candidates and excluded items of checked options as {@link listRule} does. */
export function listChoice(
  items: IdMap,
  { candidates, exclude = [] }: Pick<ListOptions, 'candidates' | 'exclude'>,
  unknownIds: 'error' | 'skip',
): ListItems {
  const allowed = candidates && filterOrIndices(items, 'candidates', candidates, unknownIds)
  const excluded = filterOrIndices(items, 'exclude', exclude, unknownIds)
  const filters = {
    ...(allowed instanceof ItemFilter && { candidates: allowed }),
    ...(excluded instanceof ItemFilter && { exclude: excluded }),
  }
  const none = { alsoExcluded: new Int32Array(), filters }
  if (excluded instanceof ItemFilter) {
    if (!allowed) return { ...none, choice: excluded.asExcluded }
    if (allowed instanceof ItemFilter) {
      return { ...none, choice: allowed.without(excluded).asCandidates }
    }
    const left = allowed.filter((item) => !excluded.hasIndex(item))
    return { ...none, choice: { ...everyItem, candidates: left } }
  }
  if (excluded.length <= mostApart && !(allowed instanceof Int32Array)) {
    return { choice: allowed?.asCandidates ?? everyItem, alsoExcluded: excluded, filters }
  }
  const all = allowed instanceof ItemFilter ? allowed.indices : allowed
  return { ...none, choice: { candidates: all && without(all, excluded), excluded } }
}

/** Returns a filter, or the ascending indices of ids. */
function filterOrIndices(
  all: IdMap,
  name: 'candidates' | 'exclude',
  items: readonly Id[] | ItemFilter,
  unknownIds: 'error' | 'skip',
): ItemFilter | Int32Array {
  if (items instanceof ItemFilter) {
    checkCatalogue(name, items, all)
    return items
  }
  return ascendingDistinct(knownIndices(all, items, unknownIds), all.size)
}
