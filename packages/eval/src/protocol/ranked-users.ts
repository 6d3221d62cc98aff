import type { Id, InteractionLists, Split } from '@gnnrec/graph'
import { EmptySplitError } from '../errors.js'
import { itemsOf } from './mask.js'

/**
 * A selection among the users with a relevant item: all of them, those with training interactions
 * (`'warm'`), those without (`'cold'`), or ids.
 */
export type UserSelection = 'all' | 'warm' | 'cold' | readonly Id[]

/** The users to rank. */
export interface RankedUsers {
  /** Indices of the users, ascending. */
  readonly users: Int32Array
  /** Number of users asked for who have no relevant item. */
  readonly withoutRelevant: number
}

/**
 * Selects the users to rank.
 *
 * @throws UnknownIdError for an id that is not in the split
 * @throws EmptySplitError when no user is left
 */
export function rankedUsers(
  selection: UserSelection,
  split: Split,
  { relevant, train }: { relevant: InteractionLists; train: InteractionLists },
): RankedUsers {
  const asked = askedUsers(selection, split, train)
  const users = asked.filter((user) => itemsOf(relevant, user).length > 0)
  if (users.length === 0) {
    throw new EmptySplitError(
      `None of the ${asked.length} users asked for (users: ${typeof selection === 'string' ? `'${selection}'` : 'a list of ids'}) has a relevant item; there is nobody to rank.`,
    )
  }
  return { users, withoutRelevant: asked.length - users.length }
}

function askedUsers(selection: UserSelection, split: Split, train: InteractionLists): Int32Array {
  const { users } = split.train
  if (typeof selection !== 'string') {
    return Int32Array.from(new Set(selection.map((id) => users.indexOf(id)))).sort()
  }
  const all = Int32Array.from({ length: users.size }, (_, user) => user)
  if (selection === 'all') return all
  return all.filter((user) => itemsOf(train, user).length > 0 === (selection === 'warm'))
}
