import { awaitCallback, CallbackError } from '@gnnrec/graph'
import { expect, it } from 'vitest'

it.each([
  [Symbol('away'), 'onProgress threw Symbol(away)'],
  [Object.create(null), 'onProgress threw [object Object]'],
  ['away', 'onProgress threw away'],
  [undefined, 'onProgress threw undefined'],
  [Object.assign(new Error('away'), { message: Symbol('away') }), 'Symbol(away)'],
  [Object.assign(new Error('away'), { message: Object.create(null) }), '[object Error]'],
])('a function that throws %s is a CallbackError', async (thrown, message) => {
  const error = await awaitCallback('onProgress', () => {
    throw thrown
  }).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(CallbackError)
  expect(error).toMatchObject({ callback: 'onProgress', message, cause: thrown })
})
