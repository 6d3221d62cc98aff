import { type Id, type IdMap, InvalidOptionsError } from '@gnnrec/graph'
import type { Person } from './answer-people.js'
import { type HistoryItem, type HistoryRule, knownHistory } from './histories.js'

/** A person, and the place among those who were asked for. */
interface PlacedPerson extends Person {
  readonly place: number
}

/**
 * Looks up users and the items that they met after the training. Users who are to be skipped are not in the result,
 * users who are to be answered by popularity have the index -1.
 *
 * @param ids - the users
 * @param since - the items of the one user, or a list of items for each of several users
 * @throws UnknownIdError for an unknown user who is not to be skipped or answered
 * @throws InvalidOptionsError when `since` does not fit the users
 */
export function peopleOfUsers(
  maps: { readonly users: IdMap; readonly items: IdMap },
  ids: readonly Id[],
  {
    isMany,
    since,
    unknownUser,
    ...rule
  }: HistoryRule & {
    readonly isMany: boolean
    readonly since: readonly unknown[] | undefined
    readonly unknownUser: 'error' | 'skip' | 'popularity'
  },
): PlacedPerson[] {
  const { users, items } = maps
  const later = since && laterLists(since, isMany, ids.length)
  const people: PlacedPerson[] = []
  for (const [place, id] of ids.entries()) {
    const mayBeUnknown = unknownUser !== 'error' && (typeof id === users.type || users.size === 0)
    const user = mayBeUnknown ? users.findIndex(id) : users.indexOf(id)
    if (user < 0 && unknownUser === 'skip') continue
    const name = isMany ? `since[${place}]` : 'since'
    const history = later && knownHistory(items, later[place], rule, name)
    people.push({ user, history, place })
  }
  return people
}

/** Returns a list of later items for each user. */
function laterLists(
  since: readonly unknown[],
  isMany: boolean,
  count: number,
): readonly (readonly HistoryItem[])[] {
  if (!isMany) return [since as readonly HistoryItem[]]
  // A spread makes holes of an array undefined, where every would pass over them.
  if (since.length === count && [...since].every(Array.isArray)) {
    return since as readonly (readonly HistoryItem[])[]
  }
  throw new InvalidOptionsError(
    `since: got ${since.length} values for ${count} users; expected one array of items for each user.`,
  )
}

/**
 * Looks up one history or several.
 *
 * @throws InvalidOptionsError when the value is neither
 */
export function peopleOfHistories(
  items: IdMap,
  given: readonly unknown[],
  rule: HistoryRule,
): { readonly people: readonly Person[]; readonly isMany: boolean } {
  if (!Array.isArray(given)) {
    throw new InvalidOptionsError(
      `history: got ${given === null ? 'null' : typeof given}; expected an array of items, or an array of such arrays.`,
    )
  }
  // A spread makes holes of an array undefined, where every would pass over them.
  const isMany = given.length > 0 && [...given].every(Array.isArray)
  const histories = (isMany ? given : [given]) as readonly (readonly HistoryItem[])[]
  const people = histories.map((history, place) => {
    const name = isMany ? `histories[${place}]` : 'history'
    return { user: -1, history: knownHistory(items, history, rule, name) }
  })
  return { people, isMany }
}

/** Looks up a user of training, or a history. */
export function personAsked(
  { users, items }: { readonly users: IdMap; readonly items: IdMap },
  asked: Id | readonly HistoryItem[],
  rule: HistoryRule,
): Person {
  if (!Array.isArray(asked)) return { user: users.indexOf(asked as Id) }
  return { user: -1, history: knownHistory(items, asked, rule, 'history') }
}
