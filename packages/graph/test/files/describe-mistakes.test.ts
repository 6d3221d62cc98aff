import { describeMistakes } from '@gnnrec/graph/files'
import { expect, it } from 'vitest'
import * as z from 'zod'

const schema = z.strictObject({ inner: z.strictObject({ seed: z.int() }) })

function mistakesOf(value: unknown): string {
  const { error } = schema.safeParse(value)
  return error ? describeMistakes(error) : ''
}

it('names the places of mistakes', () => {
  expect(mistakesOf({ inner: { seed: 1, extra: 2 }, more: 3 })).toBe(
    'inner: Unrecognized key: "extra"; Unrecognized key: "more"',
  )
  expect(mistakesOf({ inner: { seed: 'one' } })).toMatch(/^inner\.seed: Invalid input: .*number/)
  expect(mistakesOf(null)).toMatch(/^Invalid input: expected object/)
})

it('names the first of a great many unknown keys', () => {
  const keys = Object.fromEntries(Array.from({ length: 200_000 }, (_, place) => [`k${place}`, 0]))
  expect(mistakesOf({ inner: { seed: 1, ...keys } })).toBe(
    'inner: Unrecognized keys: "k0", "k1", "k2", "k3", "k4", and 199995 more keys',
  )
})

it('describes the first of a great many mistakes', () => {
  const many = z.array(z.int()).safeParse(Array.from({ length: 1000 }, () => 'x'))
  const text = describeMistakes(many.error as z.ZodError)
  expect(text).toMatch(/^0: .*; 1: .*; 4: [^;]*; and 995 more mistakes$/)
})
