import { listOf, recordOf } from '@gnnrec/graph/files'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

/** Returns the places and messages of what a schema refuses. */
function mistakes(schema: z.core.$ZodType, value: unknown): string[] {
  const { error } = z.safeParse(schema, value)
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)
}

const schema = z.strictObject({
  lists: listOf(listOf(z.number()), 1),
  sums: recordOf(z.number(), z.string().regex(/^[a-z]+$/)),
  more: z.optional(recordOf(z.string())),
})

describe('listOf and recordOf', () => {
  it('take what z.array and z.record take', () => {
    for (const value of [
      { lists: [[1, 2], []], sums: { a: 1, b: 2 } },
      { lists: [[]], sums: {}, more: { x: 'y' } },
    ]) {
      expect(schema.parse(value)).toEqual(value)
    }
  })

  it.each<[string, object, RegExp]>([
    ['a missing list', { sums: {} }, /^lists: .*expected array/],
    ['an object in place of a list', { lists: {}, sums: {} }, /^lists: .*expected array/],
    ['a list that is too short', { lists: [], sums: {} }, /^lists: .*>=1 items/],
    ['a wrong element', { lists: [[1], [2, 'x']], sums: {} }, /^lists\.1\.1: .*expected number/],
    ['a list in place of a record', { lists: [[]], sums: [] }, /^sums: .*expected record/],
    ['a wrong value', { lists: [[]], sums: { a: 1, b: null } }, /^sums\.b: .*expected number/],
    ['a wrong name', { lists: [[]], sums: { A: 1 } }, /^sums\.A: .*pattern/],
  ])('refuse %s', (_, value, message) => {
    expect(mistakes(schema, value)).toEqual([expect.stringMatching(message)])
  })

  it('stop at the first of a great many mistakes', () => {
    const wrong = Array<null>(200_000).fill(null)
    expect(mistakes(listOf(z.number()), wrong)).toHaveLength(1)
    expect(mistakes(recordOf(z.number()), Object.fromEntries(wrong.entries()))).toHaveLength(1)
  })
})
