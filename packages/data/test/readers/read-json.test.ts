import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCsv, readJson } from '../../src/index.js'
import { rowsOf } from '../support/index.js'

const columns = { user: 'user', item: 'item' }
const all = { columns: { ...columns, rating: 'rating', timestamp: 'at' } }

describe('readJson', () => {
  it('reads numbers, texts of numbers and times', async () => {
    const text = [
      '{"user":1,"item":"a","rating":4.5,"at":"2024-01-01T00:00:00Z"}',
      '{"user":2,"item":"b","rating":"3","at":"2024-01-02"}',
    ].join('\n')
    expect(rowsOf(await readJson({ text }, all))).toEqual([
      [1, 'a', 4.5, 1704067200],
      [2, 'b', 3, 1704153600],
    ])
  })

  it('reads fields of fields, and names with dots first', async () => {
    const text = '{"user":{"id":1},"item":3}\n{"user.id":7,"user":{"id":1},"item":4}\n'
    const table = await readJson({ text }, { columns: { user: 'user.id', item: 'item' } })
    expect(rowsOf(table)).toEqual([
      [1, 3],
      [7, 4],
    ])
  })

  it('reads any objects, cut anywhere, as lines and as a list', async () => {
    const record = fc.record({
      user: fc.integer(),
      item: fc.string({ minLength: 1 }),
      x: fc.jsonValue(),
    })
    const cuts = fc.array(fc.nat(200))
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1 }),
        cuts,
        fc.boolean(),
        async (records, places, isList) => {
          const text = isList
            ? JSON.stringify(records, undefined, 1)
            : records.map((each) => JSON.stringify(each)).join('\n')
          const bytes = Buffer.from(text)
          const ends = [
            ...new Set([0, ...places.filter((p) => p < bytes.length), bytes.length]),
          ].sort((a, b) => a - b)
          async function* pieces() {
            for (let n = 1; n < ends.length; n++) yield bytes.subarray(ends[n - 1], ends[n])
          }
          const table = await readJson(pieces(), { columns, idType: { item: 'string' } })
          expect(rowsOf(table)).toEqual(records.map(({ user, item }) => [user, item]))
        },
      ),
    )
  })

  it.each([
    ['', 'the file is empty'],
    ['[]', 'the list has no objects'],
    ['{"user":1,"item":2}{"user":1}', 'no item|the item undefined'],
    [
      '{"usr":1,"item":2}',
      'no field "user" \\(did you mean \'usr\'\\?\\); the fields are "usr", "item"',
    ],
    ['{"user":null,"item":2}', 'line 1: it has the user null'],
    ['{"user":1,"item":2}\n{"user":"1","item":2}', 'line 2: it has the user "1"; the rows before'],
    [
      '{"user":12345678901234567890,"item":2}',
      'the user 12345678901234567000 \\(number\\); expected',
    ],
    ['[{"user":1,"item":2} {"user":1,"item":2}]', 'expected a comma'],
    ['[{"user":1,"item":2},]', 'got "]" where an object was expected'],
    ['{"user":1,"item":2},{"user":1,"item":2}', 'got "," where'],
    ['[[1,2]]', 'got "\\["'],
    ['[{"user":1,"item":2}', 'the list is not closed'],
    ['{"user":1,"item":', 'not complete'],
    ['{"user":1 "item":2}', 'not JSON'],
    ['{"user":[1],"item":2}', 'has the user'],
  ])('rejects %s', async (text, message) => {
    await expect(readJson({ text }, { columns })).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      message: expect.stringMatching(message),
    })
  })

  it.each(['user', 'item', 'rating', 'at'])(
    'refuses a value of thousands of levels as %s',
    async (field) => {
      const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
      const row = { user: '1', item: '2', rating: '3', at: '4', [field]: deep }
      const text = `{${Object.entries(row)
        .map(([name, value]) => `"${name}":${value}`)
        .join(',')}}`
      await expect(readJson({ text }, all)).rejects.toMatchObject({ code: 'FILE_FORMAT' })
    },
  )

  it('refuses an object that has a field of its own instead of a method', async () => {
    const text = '{"user":{"toString":1,"toJSON":2},"item":2,"rating":3,"at":4}'
    await expect(readJson({ text }, all)).rejects.toThrow(/user {"toString":1,"toJSON":2}/)
  })

  it('rejects bytes that are not UTF-8 and objects that never end', async () => {
    const broken = Buffer.from('{"user":"\xff","item":2}', 'latin1')
    await expect(readJson(broken, { columns })).rejects.toThrow('not UTF-8')
    const long = `{"user":"${'x'.repeat(1 << 21)}`
    await expect(readJson({ text: long }, { columns })).rejects.toThrow('longer than a megabyte')
  })

  it('rejects numbers among times', async () => {
    const text =
      '{"user":1,"item":"a","rating":4,"at":"2024-01-01"}\n{"user":1,"item":"a","rating":4,"at":7}\n'
    await expect(readJson({ text }, all)).rejects.toThrow('Write all times in one form')
  })
})

describe('readCsv', () => {
  const given = { columns: { user: 'user', item: 'item', rating: 'rating' } }

  it('skips lines and comments, at the start and between rows', async () => {
    const text = 'made by hand\n"not closed\n#c\nuser;item;rating\n#x;y\na;b;4,5\n#end'
    const options = { ...given, delimiter: ';', skipLines: 2, comment: '#', decimal: ',' } as const
    expect(rowsOf(await readCsv({ text }, options))).toEqual([['a', 'b', 4.5]])
    for (let cut = 1; cut < text.length; cut++) {
      async function* pieces() {
        yield text.slice(0, cut)
        yield text.slice(cut)
      }
      expect(rowsOf(await readCsv(pieces(), options))).toEqual([['a', 'b', 4.5]])
    }
  })

  it('counts skipped lines in messages', async () => {
    const text = 'x\r\n#c\r\nuser,item,rating\r\na,b,c\r\n'
    const options = { ...given, skipLines: 1, comment: '#' }
    await expect(readCsv({ text }, options)).rejects.toThrow('line 4: got the rating "c"')
  })

  it.each([
    ['4.5', ',', "readCsv reads it with decimal: '.'"],
    ['"4,5"', '.', "readCsv reads it with decimal: ','"],
    ['"1.234,5"', ',', 'expected a finite number'],
  ] as const)('says how to read %s with the decimal mark %s', async (value, decimal, message) => {
    const text = `user,item,rating\na,b,${value}\n`
    await expect(readCsv({ text }, { ...given, decimal })).rejects.toThrow(message)
  })

  it('names the nearest column', async () => {
    const text = 'user,item,ratng\na,b,4\n'
    await expect(readCsv({ text }, given)).rejects.toThrow(`"rating" (did you mean 'ratng'?)`)
  })
})
