import { type Id, type IdMap, InvalidOptionsError } from '@gnnrec/graph'
import { showValue } from '@gnnrec/graph/kernels'
import type { Group, Grouping } from './kinds.js'

const tables = new WeakMap<Grouping, WeakMap<IdMap, GroupTable>>()
const noGroups: readonly number[] = []

/** The groups of items by one function, as numbers. The function is asked once for an item. */
export class GroupTable {
  readonly #by: Grouping
  readonly #items: IdMap
  readonly #numbers = new Map<Group, number>()
  /** The groups of each item; items with the same single group share an array. */
  readonly #groups: (readonly number[] | undefined)[]
  readonly #single: (readonly number[])[] = []

  private constructor(by: Grouping, items: IdMap) {
    this.#by = by
    this.#items = items
    this.#groups = new Array(items.size)
  }

  /** Returns the table of a function, which is kept as long as the function and the ids are. */
  static of(by: Grouping, items: IdMap): GroupTable {
    let ofFunction = tables.get(by)
    if (!ofFunction) {
      ofFunction = new WeakMap()
      tables.set(by, ofFunction)
    }
    let table = ofFunction.get(items)
    if (!table) {
      table = new GroupTable(by, items)
      ofFunction.set(items, table)
    }
    return table
  }

  /** Returns the number of a group. */
  numberOf(group: Group): number {
    let number = this.#numbers.get(group)
    if (number === undefined) {
      number = this.#numbers.size
      this.#numbers.set(group, number)
    }
    return number
  }

  /**
   * Returns the numbers of the groups of an item, each once.
   *
   * @throws InvalidOptionsError when the function returns something else
   */
  groupsOf(item: number): readonly number[] {
    let groups = this.#groups[item]
    if (!groups) {
      groups = this.#ask(this.#items.idOf(item))
      this.#groups[item] = groups
    }
    return groups
  }

  #ask(id: Id): readonly number[] {
    const given: unknown = this.#by(id)
    if (given === undefined || given === null) return noGroups
    const list: readonly unknown[] = Array.isArray(given) ? given : [given]
    // Unlike map, this does not pass over the holes of an array.
    const numbers = Array.from(list, (group) => {
      if (isGroup(group)) return this.numberOf(group)
      const got = typeof group === 'number' ? 'NaN' : showValue(group)
      throw new InvalidOptionsError(
        `by: got the group ${got} for item ${showValue(id)}; expected a string, a number, a boolean, an array of these, or undefined.`,
      )
    })
    const distinct = [...new Set(numbers)]
    if (distinct.length !== 1) return distinct
    const [only] = distinct
    this.#single[only] ??= distinct
    return this.#single[only]
  }
}

function isGroup(value: unknown): value is Group {
  if (typeof value === 'number') return !Number.isNaN(value)
  return typeof value === 'string' || typeof value === 'boolean'
}
