import * as z from 'zod'

/** The type that ids get when they are read; {@link CsvOptions.idType} explains the values. */
export type IdType = 'auto' | 'number' | 'string'

/** The types of user ids and item ids. */
export interface IdTypes {
  /**
   * The type of the user ids.
   *
   * @defaultValue `'auto'`
   */
  user?: IdType | undefined
  /**
   * The type of the item ids.
   *
   * @defaultValue `'auto'`
   */
  item?: IdType | undefined
}

const idType = z.enum(['auto', 'number', 'string'])

/** The schema of the option `idType`. Its output has a type for each column. */
export const idTypesSchema = z
  .union([idType, z.strictObject({ user: idType.default('auto'), item: idType.default('auto') })], {
    error: "expected 'auto', 'number', 'string' or { user, item } of these",
  })
  .default('auto')
  .transform((types) => (typeof types === 'string' ? { user: types, item: types } : types))
