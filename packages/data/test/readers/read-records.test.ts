import { fromRecords, type InteractionRecord } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRecords } from '../../src/index.js'

async function* stream<T>(...pieces: T[]): AsyncGenerator<T> {
  for (const piece of pieces) yield piece
}

describe('readRecords', () => {
  it('reads what fromRecords reads, also in batches', async () => {
    const record = fc.record({
      user: fc.integer({ min: -3, max: 3 }),
      item: fc.constantFrom('a', 'b', '1', '01'),
      rating: fc.float({ noNaN: true, noDefaultInfinity: true }),
      timestamp: fc.double({ noNaN: true, min: -(2 ** 53) + 1, max: 2 ** 53 - 1 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1 }), fc.nat(5), async (records, cut) => {
        const expected = fromRecords(records)
        expect(await readRecords(stream(...records))).toEqual(expected)
        const batches = stream(records.slice(0, cut), records.slice(cut))
        expect(await readRecords(batches)).toEqual(expected)
      }),
    )
  })

  it('turns bigints into strings', async () => {
    const table = await readRecords(stream({ user: 5n, item: 2n ** 60n }))
    expect([table.users.ids, table.items.ids]).toEqual([['5'], ['1152921504606846976']])
  })

  const good = { user: 1, item: 2 }

  it.each<[string, unknown[], string]>([
    ['nothing', [], 'readRecords got no record'],
    ['something else', [good, 7], 'Record 1 is 7; expected an object'],
    ['null', [null], 'Record 0 is null'],
    ['no item', [{ user: 1 }], 'Record 0 is {"user":1}; expected an object'],
    ['another name', [good, { userId: 1, item: 1 }], "Rename 'userId' to 'user'"],
    ['a misspelt field', [good, { ...good, timestamps: 5 }], "Did you mean 'timestamp'?"],
    ['a misspelt weight', [{ ...good, weights: 5 }], "Did you mean 'weight'?"],
    [
      'a weight of 0',
      [{ ...good, weight: 0 }],
      'Record 0 has the weight 0 (number); expected a number above 0',
    ],
    ['a weight too few', [{ ...good, weight: 1 }, good], 'Record 1 has no weight'],
    ['an empty id', [{ user: '', item: 1 }], 'Record 0 has the user ""'],
    ['an unsafe id', [{ user: 2 ** 53, item: 1 }], 'Record 0 has the user 9007199254740992'],
    [
      'ids that are numbers here and strings there',
      [good, { user: '1', item: 2 }],
      'Record 1 has the user "1"; the rows before it have numbers. Use one type for all ids of a column.',
    ],
    ['a rating too few', [{ ...good, rating: 1 }, good], 'Record 1 has no rating'],
    ['a time too many', [good, { ...good, timestamp: 1 }], 'Record 1 has a timestamp'],
    ['a NaN', [{ ...good, rating: Number.NaN }], 'Record 0 has the rating NaN'],
    ['a text', [{ ...good, timestamp: '5' }], 'Record 0 has the timestamp "5"'],
  ])('rejects %s', async (_, records, message) => {
    const reading = readRecords(stream(...(records as InteractionRecord[])))
    await expect(reading).rejects.toMatchObject({
      code: 'INVALID_INTERACTIONS',
      message: expect.stringContaining(message),
    })
  })

  it('stops when the signal is aborted, also in records without pauses', async () => {
    async function* endless() {
      for (;;) yield good
    }
    const controller = new AbortController()
    const reading = readRecords(endless(), { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 5)
    await expect(reading).rejects.toThrow('enough')
  })
})
