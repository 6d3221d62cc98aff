import { CallbackError } from '@gnnrec/graph'
import { awaitCallback } from '@gnnrec/graph/kernels'
import { expect, it } from 'vitest'

it.each([
  ['a symbol', Symbol('away'), 'onProgress threw Symbol(away)'],
  ['an object without a prototype', Object.create(null), 'onProgress threw [object Object]'],
  ['text', 'away', 'onProgress threw away'],
  ['nothing', undefined, 'onProgress threw undefined'],
  ['an error with a symbol', errorWith(Symbol('away')), 'Symbol(away)'],
  ['an error with a bare object', errorWith(Object.create(null)), '[object Error]'],
])('a function that throws %s is a CallbackError', async (_, thrown, message) => {
  const error = await awaitCallback('onProgress', () => {
    throw thrown
  }).catch((cause: unknown) => cause)
  expect(error instanceof CallbackError).toBe(true)
  expect((error as CallbackError).message).toBe(message)
  expect((error as CallbackError).cause).toBe(thrown)
})

function errorWith(message: unknown): Error {
  return Object.assign(new Error('away'), { message })
}
