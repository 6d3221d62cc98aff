import type { InteractionTable } from '@gnnrec/graph'
import { lookAlikes } from './look-alikes.js'

/** Groups of two or more ids that may stand for one user or item. */
export interface LookAlikeIds {
  /** The groups of user ids. */
  readonly users: readonly (readonly string[])[]
  /** The groups of item ids. */
  readonly items: readonly (readonly string[])[]
}

/**
 * Finds ids that look alike, so that they may stand for one user or item. They differ only by case,
 * spaces, leading zeros, invisible characters, Unicode's forms of one letter (`é` as one character or
 * two, full width), or by Greek and Cyrillic letters that look like Latin ones.
 *
 * The table is not changed: the ids stay different. Ids that are numbers are not compared.
 *
 * @example
 * ```ts
 * import { findLookAlikeIds } from '@gnnrec/data'
 * import { fromRecords } from '@gnnrec/graph'
 *
 * const table = fromRecords([
 *   { user: 'ana', item: 'lamp' },
 *   { user: 'Ana ', item: 'desk' },
 * ])
 * console.log(findLookAlikeIds(table).users)
 * ```
 */
export function findLookAlikeIds({ users, items }: InteractionTable): LookAlikeIds {
  const groups = (ids: readonly (string | number)[]): string[][] =>
    lookAlikes(ids.filter((id) => typeof id === 'string'))
  return { users: groups(users.ids), items: groups(items.ids) }
}
