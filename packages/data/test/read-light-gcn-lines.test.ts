import { describe, expect, it } from 'vitest'
import { readLightGcnLines } from '../src/index.js'
import { abortingAfter, rowsOf } from './support/index.js'

describe('readLightGcnLines', () => {
  it.each([
    ['line feeds', '0 5 6\n1\n2 5\n'],
    ['Windows line ends and trailing spaces', '0 5 6 \r\n1 \r\n2 5\r\n'],
    ['a byte-order mark, tabs and empty lines', '\uFEFF0\t5  6\n\n1\n\n2 5'],
  ])('reads pairs in order and skips users without items (%s)', async (_, text) => {
    const table = await readLightGcnLines({ text })
    expect(rowsOf(table)).toEqual([
      [0, 5],
      [0, 6],
      [2, 5],
    ])
    expect(table).not.toHaveProperty('rating')
  })

  it.each([
    ['a word', '0 1\n1 x\n', '(text), line 2: got "x"'],
    ['a negative id', '0 1\n-1 3\n', '(text), line 2: got "-1"'],
    ['a fraction', '0 1.5\n', '(text), line 1: got "1.5"'],
    ['an unsafe integer', '0 9007199254740993\n', '(text), line 1: got "9007199254740993"'],
    ['another delimiter', '0,1,2\n', '(text), line 1: got "0,1,2"'],
    ['an empty file', '', '(text): the file is empty.'],
    ['users alone', '0\n1\n', '(text): no user has an item.'],
  ])('rejects %s', async (_, text, message) => {
    await expect(readLightGcnLines({ text })).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      message: expect.stringContaining(message),
    })
  })

  it('stops when the signal is aborted', async () => {
    const controller = new AbortController()
    const source = abortingAfter('1 2 3\n', controller)
    const reading = readLightGcnLines(source, { signal: controller.signal })
    await expect(reading).rejects.toThrow('enough')
  })

  it('rejects a misspelt option', async () => {
    const options = { singal: undefined } as object
    await expect(readLightGcnLines({ text: '1 2' }, options)).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
    })
  })
})
