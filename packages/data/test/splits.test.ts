import { fromRecords, type InteractionTable, type Split } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { leaveLastOut, randomSplit, temporalSplit } from '../src/index.js'
import { cutPoints, type SplitRatios, userCutPoints } from '../src/splits/split-ratios.js'
import { numberedTable, numbers } from './support/index.js'

const rows = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 4 }),
    fc.integer({ min: 0, max: 9 }),
    fc.integer({ min: -3, max: 3 }),
  ),
  { minLength: 1, maxLength: 60 },
)

const ratios = fc
  .tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 0, max: 10 }))
  .map(([train, validation]): SplitRatios => {
    const rest = Math.max(0, 10 - train - validation)
    const total = train + validation + rest
    return [train / total, validation / total, rest / total]
  })

const parts = (split: Split) => [split.train, split.validation, split.test].map(numbers)
const range = (length: number) => Array.from({ length }, (_, row) => row)
const sorted = (values: number[]) => [...values].sort((a, b) => a - b)

const oneUser = numberedTable(range(10).map((row) => [7, row, 100 - row]))
const timeless = fromRecords([
  { user: 1, item: 1 },
  { user: 1, item: 2 },
])
const withoutRows = fromRecords([]) as InteractionTable

describe('cut points', () => {
  it('are exact where floating-point numbers are not', () => {
    expect(cutPoints(10, [0.7, 0.1, 0.2])).toEqual([7, 8])
    expect(cutPoints(30, [1 / 3, 1 / 3, 1 / 3])).toEqual([10, 20])
    expect(cutPoints(2 ** 31 - 1, [0.7, 0.1, 0.2])).toEqual([1503238552, 1717986917])
  })

  it('round validation and test down as RecBole does, on request', () => {
    // From `_calcu_split_ids` of RecBole, for ratios of 8:1:1.
    for (const [rows, train, validation, test] of [
      [1, 1, 0, 0],
      [2, 1, 0, 1],
      [3, 1, 1, 1],
      [9, 7, 1, 1],
      [10, 8, 1, 1],
      [19, 17, 1, 1],
      [20, 16, 2, 2],
      [29, 25, 2, 2],
    ] as const) {
      const cuts = [train, train + validation]
      expect(cutPoints(rows, [0.8, 0.1, 0.1], 'down')).toEqual(cuts)
      expect(userCutPoints(rows, [0.8, 0.1, 0.1], 'down')).toEqual(cuts)
      expect(rows - train - validation).toBe(test)
    }
    expect(cutPoints(3, [0.9, 0, 0.1], 'down')).toEqual([2, 2])
    const table = numberedTable(range(19).map((row) => [0, row, row]))
    for (const split of [randomSplit, temporalSplit]) {
      for (const scope of ['user', 'global'] as const) {
        const result = split(table, { ratios: [0.8, 0.1, 0.1], rounding: 'down', scope })
        expect(parts(result).map((part) => part.length)).toEqual([17, 1, 1])
        expect(result.method?.settings).toMatchObject({ rounding: 'down' })
      }
    }
  })

  it('leave a user at least one training row', () => {
    expect(userCutPoints(1, [0.1, 0.9, 0])).toEqual([1, 1])
    expect(userCutPoints(2, [0.1, 0.9, 0])).toEqual([1, 2])
    expect(userCutPoints(3, [0.1, 0.1, 0.8])).toEqual([1, 1])
  })
})

describe.each([
  ['temporalSplit', temporalSplit, { name: 'temporal', settings: { scope: 'user' } }],
  ['randomSplit', randomSplit, { name: 'random', settings: { scope: 'user', seed: 0 } }],
  ['leaveLastOut', leaveLastOut, { name: 'leave-last-out', settings: { validation: true } }],
] as const)('%s', (name, split, method) => {
  it('puts every row into exactly one part and gives every user a training row', () => {
    fc.assert(
      fc.property(rows, (data) => {
        const table = numberedTable(data)
        const result = split(table)
        expect(sorted(parts(result).flat())).toEqual(range(data.length))
        expect(new Set(result.train.userIndex).size).toBe(table.users.size)
        for (const part of parts(result)) expect(part).toEqual(sorted(part))
      }),
    )
  })

  it('keeps the id maps of the table', () => {
    const result = split(oneUser)
    expect(result.test.items).toBe(oneUser.items)
    expect(result.train.users).toBe(oneUser.users)
  })

  it('records how it was made', () => {
    expect(split(oneUser).method).toMatchObject(method)
  })

  it('works on a table with one user', () => {
    const sizes = parts(split(oneUser)).map((part) => part.length)
    expect(sizes).toEqual(name === 'leaveLastOut' ? [8, 1, 1] : [7, 1, 2])
  })

  it('skips users of the id map that have no row', () => {
    const table = numberedTable([
      [1, 1, 0],
      [2, 1, 0],
    ])
    const { userIndex, ...rest } = table
    const only = split({ ...rest, userIndex: userIndex.map(() => 1) })
    expect(parts(only).flat().length).toBe(2)
  })

  it('rejects a table without rows', () => {
    expect(() => split(withoutRows)).toThrow(`${name} got a table without rows`)
  })

  it('rejects a misspelt option', () => {
    expect(() => split(oneUser, { validatoin: 1 } as object)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS' }),
    )
  })
})

describe.each([
  ['temporalSplit', temporalSplit],
  ['randomSplit', randomSplit],
] as const)('the ratios of %s', (_, split) => {
  it.each([
    [[0.7, 0.1, 0.1], 'sum to 1'],
    [[0.7, 0.2, 0.2], 'sum to 1'],
    [[1.1, -0.1, 0], 'ratios'],
    [[0, 0.5, 0.5], 'ratios.0: got 0'],
    [[0.5, 0.5], 'ratios'],
    [[Number.NaN, 0.5, 0.5], 'ratios.0: got NaN'],
  ])('may not be %j', (ratios, message) => {
    expect(() => split(oneUser, { ratios: ratios as unknown as SplitRatios })).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTIONS',
        message: expect.stringContaining(message),
      }),
    )
  })

  it('may leave out validation and test', () => {
    expect(parts(split(oneUser, { ratios: [1, 0, 0] }))).toEqual([range(10), [], []])
  })

  it('cut all rows together with the scope global', () => {
    fc.assert(
      fc.property(rows, ratios, (data, ratios) => {
        const [first, second] = cutPoints(data.length, ratios)
        fc.pre(first > 0)
        const result = split(numberedTable(data), { ratios, scope: 'global' })
        const sizes = parts(result).map((part) => part.length)
        expect(sizes).toEqual([first, second - first, data.length - second])
        expect(sorted(parts(result).flat())).toEqual(range(data.length))
      }),
    )
  })

  it('are refused when they leave no training row', () => {
    const one = numberedTable([[1, 1, 1]])
    expect(() => split(one, { scope: 'global' })).toThrow('The train part is empty')
  })
})

describe('temporalSplit', () => {
  it('splits each user like a plain sort', () => {
    fc.assert(
      fc.property(rows, ratios, (data, ratios) => {
        const expected: number[][] = [[], [], []]
        for (const user of new Set(data.map(([user]) => user))) {
          const own = range(data.length).filter((row) => data[row][0] === user)
          own.sort((a, b) => data[a][2] - data[b][2])
          const [first, second] = userCutPoints(own.length, ratios)
          expected[0].push(...own.slice(0, first))
          expected[1].push(...own.slice(first, second))
          expected[2].push(...own.slice(second))
        }
        expect(parts(temporalSplit(numberedTable(data), { ratios }))).toEqual(expected.map(sorted))
      }),
    )
  })

  it('puts the latest rows into test', () => {
    // The timestamps of this user descend.
    expect(parts(temporalSplit(oneUser))).toEqual([[3, 4, 5, 6, 7, 8, 9], [2], [0, 1]])
    expect(parts(temporalSplit(oneUser, { scope: 'global' }))).toEqual([
      [9, 8, 7, 6, 5, 4, 3],
      [2],
      [1, 0],
    ])
  })

  it.each(['user', 'global'] as const)('rejects a table without timestamps (%s)', (scope) => {
    expect(() => temporalSplit(timeless, { scope })).toThrow(
      'temporalSplit got a table without timestamps',
    )
  })
})

describe('leaveLastOut', () => {
  const table = numberedTable([
    [1, 1, 3],
    [1, 2, 1],
    [1, 3, 2],
    [2, 1, 9],
    [2, 2, 8],
    [3, 1, 5],
  ])

  it('holds out two rows of many, one of two and none of one', () => {
    expect(parts(leaveLastOut(table))).toEqual([[1, 4, 5], [2], [0, 3]])
  })

  it('leaves validation empty on request', () => {
    expect(parts(leaveLastOut(table, { validation: false }))).toEqual([[1, 2, 4, 5], [], [0, 3]])
  })

  it('rejects a table without timestamps', () => {
    expect(() => leaveLastOut(timeless)).toThrow('leaveLastOut got a table without timestamps')
  })
})

describe('randomSplit', () => {
  const table = numberedTable(range(200).map((row) => [row % 5, row, 0]))

  it.each(['user', 'global'] as const)('repeats itself for a seed (%s)', (scope) => {
    const hash = (seed?: number | string) =>
      randomSplit(table, { scope, ...(seed !== undefined && { seed }) }).hash
    expect(hash(1)).toBe(hash(1))
    expect(hash()).toBe(hash(0))
    expect(new Set([hash(0), hash(1), hash(2), hash('1')]).size).toBe(4)
  })

  it.each(['user', 'global'] as const)('tests on every row equally often (%s)', (scope) => {
    const counts = new Array<number>(table.userIndex.length).fill(0)
    const seeds = 400
    for (let seed = 0; seed < seeds; seed++) {
      for (const row of numbers(randomSplit(table, { scope, seed }).test)) counts[row]++
    }
    // Each count is binomial, mean 80, standard deviation 8; five deviations for 200 rows.
    expect(Math.min(...counts)).toBeGreaterThan(40)
    expect(Math.max(...counts)).toBeLessThan(120)
  })

  it('works without timestamps', () => {
    expect(parts(randomSplit(timeless)).length).toBe(3)
    expect(randomSplit(timeless).train.userIndex.length).toBe(1)
  })

  it('rejects an invalid seed', () => {
    expect(() => randomSplit(table, { seed: null as unknown as number })).toThrow('seed: got null')
  })
})
