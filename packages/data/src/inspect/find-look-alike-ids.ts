import type { InteractionTable } from '@gnnrec/graph'
import { lookAlikes } from './look-alikes.js'

/** Ids of a table that may be one and the same; each group has two and more. */
export interface LookAlikeIds {
  readonly users: readonly (readonly string[])[]
  readonly items: readonly (readonly string[])[]
}

/**
 * Ids that a person cannot tell apart, or that were written in two ways: they differ by case, spaces,
 * leading zeros, invisible characters, Unicode's forms of one letter (`é` as one character or two, full
 * width), or letters of Greek and Cyrillic that look Latin. They stay different ids; what they mean is
 * for you to say. Ids that are numbers are never alike.
 */
export function findLookAlikeIds({ users, items }: InteractionTable): LookAlikeIds {
  const groups = (ids: readonly (string | number)[]): string[][] =>
    lookAlikes(ids.filter((id) => typeof id === 'string'))
  return { users: groups(users.ids), items: groups(items.ids) }
}
