import { InvalidInteractionsError } from '../errors.js'
import { showValue } from '../show-value.js'
import { meantRole } from './column-names.js'

/** The largest number of names of fields that are remembered. Records with more are judged again. */
const mostNames = 1000

/**
 * A check that no record loses a field on its way into a table.
 *
 * Fields such as a title or a genre are left out without a word. A field that was probably meant to be
 * read is an error: `ratting` or `score` in records without a `rating`, `date` in records without a
 * `timestamp`, and `plays` in records without a `weight`.
 *
 * @example
 * ```ts
 * import { RecordCheck } from '@gnnrec/graph/files'
 *
 * const check = new RecordCheck()
 * check.check({ user: 'ann', item: 'jaws', genre: 'horror' }, 0)
 * try {
 *   check.check({ user: 'ann', item: 'jaws', ratting: 5 }, 1)
 * } catch (error) {
 *   console.log((error as Error).message) // Record 1 has the field 'ratting' ... 'rating'?
 * }
 * ```
 */
export class RecordCheck {
  readonly #known = new Set(['user', 'item', 'rating', 'timestamp', 'weight'])

  /**
   * Checks one record.
   *
   * @param row - the number of the record in messages
   * @throws InvalidInteractionsError when it is not an object with a user and an item, or has a field that
   * would be lost
   */
  check(record: unknown, row: number): void {
    if (record === null || typeof record !== 'object') {
      throw new InvalidInteractionsError(
        `Record ${row} is ${showValue(record, 200)}; expected an object with 'user' and 'item'.`,
      )
    }
    const { user, item } = record as { user?: unknown; item?: unknown }
    if (user == null || item == null) {
      const missing = user == null ? 'user' : 'item'
      const meant = Object.keys(record).find((name) => meantRole(name, has(record)) === missing)
      const hint = meant === undefined ? '' : ` Rename '${meant}' to '${missing}'.`
      throw new InvalidInteractionsError(
        `Record ${row} is ${showValue(record, 200)}; expected an object with 'user' and 'item'.${hint}`,
      )
    }
    for (const name in record) if (!this.#known.has(name)) this.#judge(record, name, row)
  }

  #judge(record: object, name: string, row: number): void {
    if ((record as Record<string, unknown>)[name] == null) return
    const problem = problemOf(name, has(record))
    if (problem !== undefined) {
      throw new InvalidInteractionsError(`Record ${row} has the field '${name}'. ${problem}`)
    }
    if (this.#known.size < mostNames) this.#known.add(name)
  }
}

/** Returns what is wrong with a field or column that would be lost, or `undefined` when nothing is. */
export function problemOf(
  name: string,
  isGiven: (role: 'user' | 'item' | 'rating' | 'timestamp' | 'weight') => boolean,
): string | undefined {
  const role = meantRole(name, isGiven)
  if (role === undefined) return undefined
  return `Did you mean '${role}'? Rename it, or leave it out if it is not to be read.`
}

function has(record: object): (role: string) => boolean {
  return (role) => (record as Record<string, unknown>)[role] != null
}
