import {
  fromColumns,
  fromRecords,
  InvalidInteractionsError,
  InvalidOptionsError,
  parseOptions,
} from '@gnnrec/graph'
import { meantRole } from '@gnnrec/graph/files'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

const read = (fields: Record<string, unknown>) =>
  fromRecords([
    { user: 1, item: 2 },
    { user: 1, item: 3, ...fields },
  ] as never)

describe('a field of a record', () => {
  it.each([
    ['ratting', 'rating'],
    ['ratings', 'rating'],
    ['Rating', 'rating'],
    ['rating_', 'rating'],
    ['raitng', 'rating'],
    ['score', 'rating'],
    ['stars', 'rating'],
    ['timestamps', 'timestamp'],
    ['timeStamp', 'timestamp'],
    ['timestmap', 'timestamp'],
    ['timestemp', 'timestamp'],
    ['ratig', 'rating'],
    ['time', 'timestamp'],
    ['date', 'timestamp'],
    ['unix_time', 'timestamp'],
    ['weights', 'weight'],
    ['Weight', 'weight'],
    ['wieght', 'weight'],
    ['plays', 'weight'],
    ['play_count', 'weight'],
  ])('%s is an error that names %s', (name, role) => {
    expect(() => read({ [name]: 5 })).toThrow(InvalidInteractionsError)
    expect(() => read({ [name]: 5 })).toThrow(
      `Record 1 has the field '${name}'. Did you mean '${role}'?`,
    )
  })

  it.each([
    'title',
    'genre',
    'genres',
    'country',
    'price',
    'casting',
    'waiting',
    'listing',
    'ranking',
    'ratio',
    'reading',
    'racing',
    'timestep',
    'timespan',
    'id',
    'x',
  ])('%s is left out', (name) => {
    expect(Object.keys(read({ [name]: 5 }))).toEqual(['users', 'items', 'userIndex', 'itemIndex'])
  })

  it('is left out when another field has its role or it has no value', () => {
    const table = fromRecords([
      {
        user: 1,
        item: 2,
        rating: 3,
        score: 4,
        timestamp: 5,
        date: '2020',
        userId: 7,
        weight: 2,
        plays: 9,
      },
    ] as never)
    expect([...table.rating!, ...table.timestamp!, ...table.weight!]).toEqual([3, 5, 2])
    expect(() => read({ score: null, weight: undefined })).not.toThrow()
  })

  it.each([
    [{ userId: 1, item: 2 }, "Rename 'userId' to 'user'."],
    [{ user: 1, movie_id: 2 }, "Rename 'movie_id' to 'item'."],
    [{ users: 1, item: 2 }, "Rename 'users' to 'user'."],
  ])('is named when it may be the one that is missing (%j)', (record, message) => {
    expect(() => fromRecords([record] as never)).toThrow(message)
  })

  it('is shown although JSON cannot hold it', () => {
    const record: Record<string, unknown> = { user: 1 }
    record['self'] = record
    expect(() => fromRecords([record] as never)).toThrow('Record 0 is [object Object]')
  })

  it('is shown although it cannot be turned into text', () => {
    const bare: Record<string, unknown> = Object.create(null)
    bare['self'] = bare
    for (const [record, text] of [
      [bare, 'Record 0 is [object Object]'],
      [Symbol('ann'), 'Record 0 is Symbol(ann)'],
      [undefined, 'Record 0 is undefined'],
      [{ user: 1n }, 'Record 0 is {"user":"1n"}'],
    ] as const) {
      expect(() => fromRecords([record] as never)).toThrow(InvalidInteractionsError)
      expect(() => fromRecords([record] as never)).toThrow(text)
    }
    expect(() => parseOptions('Model', z.number(), bare)).toThrow(InvalidOptionsError)
  })
})

describe('a column of fromColumns', () => {
  it('is an error when it would be lost', () => {
    const user = [1]
    const item = [2]
    expect(() => fromColumns({ user, item, ratting: [5] } as never)).toThrow(
      "Got the column 'ratting'. Did you mean 'rating'?",
    )
    expect(() => fromColumns({ user, item, rating: [1], weights: [5] } as never)).toThrow(
      "Got the column 'weights'. Did you mean 'weight'?",
    )
    const title = ['Jaws']
    expect(fromColumns({ user, item, title } as never).items.ids).toEqual([2])
  })
})

describe('meantRole', () => {
  it('considers no role that is given', () => {
    expect(meantRole('value', () => false)).toBe('rating')
    expect(meantRole('value', (role) => role === 'rating')).toBeUndefined()
  })
})
