import { graphCopy, isInstanceOfAnyCopy, type PackageCopy } from '../copies.js'
import { InvalidInteractionsError, UnknownIdError } from '../errors.js'
import { showValue } from '../show-value.js'

const marker = /* @__PURE__ */ Symbol.for('gnnrec.id-map')

/** The id of a user or item in the user's data: a string or a safe integer. */
export type Id = string | number

/**
 * A map between ids and their indices 0..n-1, in both directions.
 *
 * Indices ascend by id (numbers by value, strings by UTF-16 code unit), because the order of
 * indices decides ties in rankings and the bytes of every result.
 *
 * @example
 * ```ts
 * import { IdMap } from '@gnnrec/graph'
 *
 * const users = IdMap.from(['bob', 'ann', 'bob'])
 * console.log(users.ids, users.indexOf('bob'), users.idOf(0)) // [ 'ann', 'bob' ] 1 ann
 * ```
 */
export class IdMap<T extends Id = Id> {
  /** The ids in index order. */
  readonly ids: readonly T[]
  readonly #indices: ReadonlyMap<T, number>

  private constructor(ids: readonly T[]) {
    this.ids = ids
    const indices = new Map<T, number>()
    for (let index = 0; index < ids.length; index++) indices.set(ids[index], index)
    this.#indices = indices
  }

  /** @internal */
  get [marker](): PackageCopy {
    return graphCopy
  }

  /** Makes `instanceof` true also for objects that another copy of the package made. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return isInstanceOfAnyCopy(this, IdMap, marker, value)
  }

  /**
   * Builds the map of the distinct ids, in any order and with repetition.
   *
   * @throws InvalidInteractionsError when ids mix strings and numbers, or a number is no safe integer
   */
  static from<T extends Id>(ids: Iterable<T>): IdMap<T> {
    const distinct = [...new Set(ids)]
    checkIds(distinct)
    // Both comparisons are by value: `<` on strings compares UTF-16 code units.
    distinct.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    return new IdMap(distinct)
  }

  /** Number of ids. */
  get size(): number {
    return this.ids.length
  }

  /** The one type of all ids; `'string'` for an empty map. */
  get type(): 'string' | 'number' {
    return typeof this.ids[0] === 'number' ? 'number' : 'string'
  }

  /** Returns true when the map holds this id. */
  has(id: Id): boolean {
    return this.#indices.has(id as T)
  }

  /**
   * Returns the index of an id, in 0..size-1.
   *
   * @throws UnknownIdError when the map does not hold the id; the message says when ids are of the other
   * type
   */
  indexOf(id: Id): number {
    const index = this.#indices.get(id as T)
    if (index === undefined) throw new UnknownIdError(id, this.#explain(id))
    return index
  }

  /** Returns the index of an id, or -1 when the map does not hold it. */
  findIndex(id: Id): number {
    return this.#indices.get(id as T) ?? -1
  }

  /**
   * Returns the id at an index.
   *
   * @throws UnknownIdError when the index is not in 0..size-1
   */
  idOf(index: number): T {
    const id = this.ids[index]
    if (id === undefined) {
      throw new UnknownIdError(index, `Index ${index} is not in 0..${this.size - 1}.`)
    }
    return id
  }

  #explain(id: Id): string {
    const got = `${typeof id} ${showValue(id)}`
    if (typeof id !== this.type) {
      return `Unknown id ${got}: the ids of this map are of type ${this.type}. Pass ids as ${this.type}s.`
    }
    return `Unknown id ${got}: it is not among the ${this.size} ids seen in training.`
  }
}

function checkIds(ids: readonly Id[]): void {
  const type = typeof ids[0]
  for (const id of ids) {
    if (typeof id !== 'string' && !Number.isSafeInteger(id)) {
      throw new InvalidInteractionsError(
        `Got the id ${showValue(id)} (${typeof id}); ids are strings or safe integers. Turn larger integers into strings.`,
      )
    }
    if (typeof id !== type) {
      throw new InvalidInteractionsError(
        `Ids mix ${type}s and ${typeof id}s (${showValue(ids[0])}, ${showValue(id)}); use one type per column.`,
      )
    }
  }
}
