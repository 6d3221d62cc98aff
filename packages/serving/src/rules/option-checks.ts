import * as z from 'zod/mini'
import type { Amount, Grouping } from './kinds.js'

/** Makes the check of a function. */
export const functionSchema = <Type>(expected: string) =>
  z.custom<Type>((value) => typeof value === 'function', { error: expected })

/** Check of a grouping. */
export const groupingSchema = functionSchema<Grouping>(
  'expected a function that returns the group of an item, an array of its groups, or undefined',
)

/** Check of a group. */
export const groupSchema = z.union([z.string(), z.number(), z.boolean()], {
  error: 'expected a string, a number or a boolean',
})

/** Makes the check of a number in a range. */
export const numberSchema = (expected: string, isRight: (value: number) => boolean) =>
  z
    .number({ error: `expected ${expected}` })
    .check(z.refine((value) => Number.isFinite(value) && isRight(value), `expected ${expected}`))

/** Check of a number of items or a share of the list. */
export const amountSchema = z.custom<Amount>(isAmount, {
  error: 'expected a number of items (an integer from 0 up) or { share } with a share in 0..1',
})

/** Check of the name of a rule. */
export const nameSchema = z.optional(z.string({ error: 'expected a string' }))

/** Check of the strength of a soft rule. */
export const strengthSchema = numberSchema('a number in 0..1', (value) => value >= 0 && value <= 1)

/** Check of the number of candidates of a soft rule. */
export const amongSchema = z.optional(
  numberSchema('an integer from 1 up', (value) => Number.isInteger(value) && value >= 1),
)

function isAmount(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0
  if (typeof value !== 'object' || value === null) return false
  const { share, ...surplus } = value as Record<string, unknown>
  if (Object.keys(surplus).length > 0 || typeof share !== 'number') return false
  return share >= 0 && share <= 1
}
