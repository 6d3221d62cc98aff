import * as z from 'zod'

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
