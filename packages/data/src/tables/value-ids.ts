import type { Id } from '@gnnrec/graph'

/** A set of the distinct ids of a column, as numbers or strings, that gives each a code. */
export class ValueIds {
  readonly #codes = new Map<Id, number>()

  /** Returns the code of an id. Codes count from 0 in the order of first occurrence. */
  code(id: Id): number {
    let code = this.#codes.get(id)
    if (code === undefined) {
      code = this.#codes.size
      this.#codes.set(id, code)
    }
    return code
  }

  /** Returns the distinct ids in the order of their codes. */
  ids(): Id[] {
    return [...this.#codes.keys()]
  }
}
