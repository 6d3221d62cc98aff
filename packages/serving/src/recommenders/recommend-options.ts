import type { Id } from '@gnnrec/graph'
import * as z from 'zod/mini'

const lengthSchema = z.optional(z.number({ error: 'expected an integer from 1 up' }))
const idList = z.optional(
  z.custom<readonly Id[]>((value) => Array.isArray(value), { error: 'expected an array of ids' }),
)
const listShape = {
  k: lengthSchema,
  excludeSeen: z._default(z.boolean({ error: 'expected true or false' }), true),
  exclude: idList,
  candidates: idList,
}
export const recommendSchema = z.strictObject({
  ...listShape,
  unknownIds: z._default(
    z.enum(['error', 'skip'], { error: "expected 'error' or 'skip'" }),
    'error',
  ),
})
export const recommendAllSchema = z.strictObject({
  ...listShape,
  users: idList,
  blockSize: z._default(
    z.number({ error: 'expected an integer from 1 up' }).check(z.int(), z.gte(1)),
    256,
  ),
  signal: z.optional(z.instanceof(AbortSignal, { error: 'expected an AbortSignal' })),
})
export const similarSchema = z.strictObject({ k: lengthSchema })

/** What both `recommend` and `recommendAll` are told about lists. */
export type ListWishes = Pick<
  z.output<typeof recommendSchema>,
  'k' | 'excludeSeen' | 'exclude' | 'candidates'
>
