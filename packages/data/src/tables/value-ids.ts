import type { Id } from '@gnnrec/graph'

/** The distinct ids of a column whose ids come as numbers or strings. */
export class ValueIds {
  readonly #codes = new Map<Id, number>()

  /** The code of an id: codes count up from 0 as ids first occur. */
  code(id: Id): number {
    let code = this.#codes.get(id)
    if (code === undefined) {
      code = this.#codes.size
      this.#codes.set(id, code)
    }
    return code
  }

  /** The distinct ids in order of code. */
  ids(): Id[] {
    return [...this.#codes.keys()]
  }
}
