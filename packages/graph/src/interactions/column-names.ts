import { distance } from 'fastest-levenshtein'

const roles = ['user', 'item', 'rating', 'timestamp', 'weight'] as const

type Role = (typeof roles)[number]

/**
 * Names of columns in published data sets, by what the columns hold. They are in lower case without
 * punctuation, the most telling ones first.
 */
export const knownColumnNames: Readonly<Record<Role, readonly string[]>> = {
  user: ['user', 'userid', 'uid', 'username', 'reviewerid', 'customer', 'customerid', 'visitorid'],
  item: [
    'item',
    'itemid',
    'iid',
    'movieid',
    'parentasin',
    'asin',
    'isbn',
    'bookid',
    'productid',
    'product',
    'businessid',
    'locationid',
    'placeid',
    'poi',
    'poiid',
    'venueid',
    'artistid',
    'filmid',
    'film',
    'songid',
    'trackid',
    'articleid',
    'newsid',
    'movie',
    'book',
    'artist',
    'song',
    'track',
  ],
  rating: ['rating', 'bookrating', 'score', 'stars', 'overall', 'value'],
  timestamp: ['timestamp', 'time', 'unixtime', 'unixreviewtime', 'ts', 'date', 'datetime', 'when'],
  weight: ['weight', 'plays', 'playcount', 'listencount', 'count', 'strength', 'confidence'],
}

/**
 * Returns the role that a column was probably meant to have although its name is another one, or
 * `undefined` when nothing speaks for a role.
 *
 * The name is one that published data sets use for the role, or a misspelling of the role's own name: with a letter too
 * many or too few, or two neighbours swapped. A role that another column has is not considered: beside a `rating`, a
 * `score` is a column like a title or a genre.
 *
 * @param isGiven - returns true for a role that another column has
 * @example
 * ```ts
 * import { meantRole } from '@gnnrec/graph/files'
 *
 * console.log(meantRole('Ratting', () => false)) // rating
 * console.log(meantRole('Ratting', (role) => role === 'rating')) // undefined
 * console.log(meantRole('genre', () => false)) // undefined
 * ```
 */
export function meantRole(name: string, isGiven: (role: Role) => boolean): Role | undefined {
  const plain = plainName(name)
  const open = roles.filter((role) => !isGiven(role))
  return (
    open.find((role) => knownColumnNames[role].includes(plain)) ??
    open.find((role) => plain[0] === role[0] && isMisspelling(plain, role))
  )
}

/** Returns true when a name is a misspelling of a role's name rather than another word. */
function isMisspelling(name: string, role: Role): boolean {
  if (name.length !== role.length) return distance(name, role) === 1
  // A wrong letter makes other words of the short names: racing, used.
  if (role === 'timestamp' && distance(name, role) === 1) return true
  const at = [...role].findIndex((letter, place) => letter !== name[place])
  return `${role.slice(0, at)}${role[at + 1]}${role[at]}${role.slice(at + 2)}` === name
}

/** Returns a name of a column in lower case without punctuation: `'userid'` for `'User-ID'`. */
function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}
