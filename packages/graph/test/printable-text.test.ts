import { GnnRecError, InvalidOptionsError, printableText } from '@gnnrec/graph'
import fc from 'fast-check'
import { expect, it } from 'vitest'

it('writes out what would steer a terminal or turn a line around', () => {
  expect(printableText('\u001b[31mred\u0007\r\u009b2J')).toBe(
    '\\u001b[31mred\\u0007\\u000d\\u009b2J',
  )
  expect(printableText('a\u202eb\u2066c\u2028d\u007f')).toBe('a\\u202eb\\u2066c\\u2028d\\u007f')
  expect(printableText('two\n\tlines, é, 日本, 👩‍🔬')).toBe('two\n\tlines, é, 日本, 👩‍🔬')
})

it('leaves nothing but new lines and tabs of control characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printableText(text).replace(/[\n\t]/g, '')).not.toMatch(/\p{Cc}/u)
    }),
  )
})

it('is the text of every error', () => {
  const name = 'x\u001b]0;title\u0007'
  expect(new InvalidOptionsError(`column: got ${name}`).message).toBe(
    'column: got x\\u001b]0;title\\u0007',
  )
  expect(String(new GnnRecError('X', name))).not.toContain('\u001b')
})

it('is left out in the middle of an error that is too long to print', () => {
  const { message } = new GnnRecError('X', `start ${'a'.repeat(20_000_000)} end`)
  expect(message).toMatch(/^start a+ … \(19934474 characters are left out\) … a+ end$/)
  expect(message.length).toBeLessThan(70_000)
  const short = 'a'.repeat(2 ** 16)
  expect(new GnnRecError('X', short).message).toBe(short)
})
