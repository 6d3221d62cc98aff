import type { Id } from '@gnnrec/graph'
import { z } from 'zod'

/** Which type the ids of a file get; see {@link CsvOptions.idType}. */
export type IdType = 'auto' | 'number' | 'string'

/** The types of both columns of ids; one that is left out is `'auto'`. */
export interface IdTypes {
  user?: IdType | undefined
  item?: IdType | undefined
}

const idType = z.enum(['auto', 'number', 'string'])

/** One type for both columns of ids, or one each; gives both. */
export const idTypesSchema = z
  .union([idType, z.strictObject({ user: idType.default('auto'), item: idType.default('auto') })], {
    error: "expected 'auto', 'number', 'string' or { user, item } of these",
  })
  .default('auto')
  .transform((types) => (typeof types === 'string' ? { user: types, item: types } : types))

/** Whether a text is what a safe integer prints as: no sign `+`, no leading zero, no space. */
export function isCanonicalInteger(text: string): boolean {
  return /^(0|-?[1-9]\d*)$/.test(text) && Number.isSafeInteger(Number(text))
}

/** The ids of one column while a file is read: each distinct text is kept once. */
export class IdColumn {
  readonly #codes = new Map<string, number>()
  readonly #rows: number[] = []

  add(text: string): void {
    let code = this.#codes.get(text)
    if (code === undefined) {
      code = this.#codes.size
      this.#codes.set(text, code)
    }
    this.#rows.push(code)
  }

  /** The ids in row order: numbers if asked for, or if all of them are canonical integers. */
  ids(type: IdType): Id[] {
    const texts = [...this.#codes.keys()]
    const numeric = type === 'number' || (type === 'auto' && texts.every(isCanonicalInteger))
    const distinct: Id[] = numeric ? texts.map(Number) : texts
    return this.#rows.map((code) => distinct[code])
  }
}
