import {
  BipartiteGraph,
  createSplit,
  fromRecords,
  type InteractionTable,
  Rng,
  rowCount,
  type Split,
  selectRows,
  splitRows,
} from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  dropDuplicates,
  filterMinInteractions,
  leaveLastOut,
  lintSplit,
  loadMovieTweetings,
  randomSplit,
  type SplitFinding,
  temporalSplit,
} from '../../src/index.js'

/** A table of 30 users with 20 of 40 items each in random order, so that every part has most items. */
function table(): InteractionTable {
  const rng = Rng.fromSeed(3)
  const records = []
  for (let user = 0; user < 30; user++) {
    const items = Array.from({ length: 40 }, (_, item) => item)
    for (let place = 0; place < 20; place++) {
      const other = place + rng.integer(40 - place)
      ;[items[place], items[other]] = [items[other], items[place]]
      records.push({ user, item: items[place], timestamp: place * 100 + user })
    }
  }
  return fromRecords(records)
}

const codes = (findings: readonly SplitFinding[]) => findings.map(({ code }) => code)
const all = table()
const clean = temporalSplit(all)

/** Replaces parts of a split by rows of its own table. */
function withParts(split: Split, parts: Partial<Pick<Split, 'train' | 'validation' | 'test'>>) {
  const { train, validation, test, method } = split
  return createSplit({ train, validation, test, method, ...parts })
}

/** Joins two tables that have the same id maps. */
function joined(first: InteractionTable, second: InteractionTable): InteractionTable {
  const both = <T extends Int32Array | Float64Array>(a: T, b: T): T => {
    const column = new (a.constructor as new (length: number) => T)(a.length + b.length)
    column.set(a)
    column.set(b, a.length)
    return column
  }
  return {
    ...first,
    userIndex: both(first.userIndex, second.userIndex),
    itemIndex: both(first.itemIndex, second.itemIndex),
    timestamp: both(first.timestamp!, second.timestamp!),
  }
}

const rows = (count: number, from = 0) => Array.from({ length: count }, (_, row) => row + from)

describe('lintSplit is silent on', () => {
  it.each<[string, Split]>([
    ['a temporal split', clean],
    ['a temporal split that rounds down', temporalSplit(all, { rounding: 'down' })],
    ['a global temporal split', temporalSplit(all, { scope: 'global' })],
    ['leave-last-out', leaveLastOut(all)],
    ['a random split', randomSplit(all, { seed: 1 })],
    ['a global random split', randomSplit(all, { scope: 'global', seed: 1 })],
    ['a k-core', temporalSplit(filterMinInteractions(all, { minPerUser: 12, minPerItem: 12 }))],
  ])('%s', (_, split) => {
    expect(lintSplit(split, { source: all.users.size > 0 ? undefined : all })).toEqual([])
  })

  it('the table that was split, the graph of train and evaluations on validation', () => {
    const findings = lintSplit(clean, {
      source: all,
      trainingGraph: BipartiteGraph.fromInteractions(clean.train),
      selectedBy: [
        { on: 'validation', splitHash: clean.hash },
        { on: 'test', splitHash: 'of another split' },
      ],
    })
    expect(findings).toEqual([])
  })

  it('ratios of all kinds', () => {
    const ratio = fc.integer({ min: 1, max: 20 })
    fc.assert(
      fc.property(ratio, ratio, fc.constantFrom('user', 'global'), (a, b, scope) => {
        const ratios = [1 - (a + b) / 100, a / 100, b / 100] as const
        const found = codes(lintSplit(temporalSplit(all, { ratios, scope: scope as 'user' })))
        // With few rows an empty part is correct.
        expect(found.filter((code) => code !== 'LEAK006')).toEqual([])
      }),
      { numRuns: 40 },
    )
  })

  it('the bundled data, except its real findings', async () => {
    const { interactions } = await loadMovieTweetings()
    const split = temporalSplit(dropDuplicates(interactions))
    expect(codes(lintSplit(split)).filter((code) => code !== 'LEAK005')).toEqual([])
  })
})

describe('lintSplit finds', () => {
  it('LEAK001: test pairs in the training graph', () => {
    const graph = BipartiteGraph.fromInteractions(all)
    const [finding] = lintSplit(clean, { trainingGraph: graph })
    expect(finding).toMatchObject({ code: 'LEAK001', severity: 'error', count: 30 * 6 })
    expect(finding.examples).toHaveLength(5)
    expect(finding.examples[0]).toMatch(/^user 0, item \d+ of validation$/)
    expect(codes(lintSplit(clean, { trainingGraph: graph }))).toEqual(['LEAK001'])
  })

  it('LEAK001: also when the graph has other id maps', () => {
    const some = selectRows(clean.test, [0, 3, 5], { reindex: true })
    const graph = BipartiteGraph.fromInteractions(some)
    expect(lintSplit(clean, { trainingGraph: graph })).toMatchObject([
      { code: 'LEAK001', count: 3 },
    ])
  })

  it('LEAK001 and LEAK002: a test pair in train', () => {
    const train = joined(clean.train, selectRows(clean.test, [0]))
    const split = withParts(clean, { train })
    const findings = lintSplit(split, { time: 'none' })
    expect(findings).toMatchObject([
      { code: 'LEAK001', count: 1 },
      { code: 'LEAK002', count: 1, examples: [expect.stringContaining('in train and test')] },
      { code: 'LEAK007' },
    ])
  })

  it('LEAK002: duplicates across parts', () => {
    const validation = joined(clean.validation, selectRows(clean.test, [0, 1]))
    const split = withParts({ ...clean, method: { name: 'given' } }, { validation })
    const findings = lintSplit(split, { time: 'none' })
    expect(findings).toMatchObject([{ code: 'LEAK002', count: 2 }])
    for (const example of findings[0].examples) expect(example).toMatch(/in validation and test$/)
  })

  it.each(['user', 'global'] as const)('LEAK003: time travel (%s)', (scope) => {
    const split = temporalSplit(all, { scope })
    const [late] = rows(1, rowCount(split.test) - 1)
    const user = split.test.userIndex[late]
    const early = split.train.userIndex.indexOf(user)
    const swapped = (
      part: InteractionTable,
      row: number,
      from: InteractionTable,
      other: number,
    ) => {
      const copy = joined(part, selectRows(part, []))
      copy.itemIndex[row] = from.itemIndex[other]
      copy.timestamp![row] = from.timestamp![other]
      return copy
    }
    const faulty = withParts(split, {
      train: swapped(split.train, early, split.test, late),
      test: swapped(split.test, late, split.train, early),
    })
    const findings = lintSplit(faulty)
    expect(codes(findings)).toEqual(['LEAK003'])
    expect(findings[0].examples[0]).toMatch(
      /^user \d+, item \d+ of (test|validation) at \d+, before/,
    )
    expect(lintSplit(faulty, { time: 'none' })).toEqual([])
  })

  it('LEAK003: in a random split on request', () => {
    const split = randomSplit(all, { seed: 1 })
    expect(codes(lintSplit(split, { time: 'user' }))).toEqual(['LEAK003'])
  })

  it('LEAK003: in a temporal split per user that is checked globally', () => {
    const apart = { ...all, timestamp: all.timestamp!.map((time, row) => time + row * 1e5) }
    const split = temporalSplit(apart)
    expect(lintSplit(split)).toEqual([])
    expect(codes(lintSplit(split, { time: 'global' }))).toEqual(['LEAK003'])
  })

  it.each([
    ['LEAK004', 'userIndex', 'users'],
    ['LEAK005', 'itemIndex', 'items'],
  ] as const)('%s: %s first seen in test', (code, column, what) => {
    const gone = clean.test[column][0]
    const kept = rows(rowCount(clean.train)).filter((row) => clean.train[column][row] !== gone)
    const split = withParts(
      { ...clean, method: { name: 'given' } },
      { train: selectRows(clean.train, kept) },
    )
    expect(lintSplit(split)).toMatchObject([
      { code, severity: 'warning', count: 1, examples: [`${all[what].idOf(gone)}`] },
    ])
  })

  it('LEAK006: an empty part', () => {
    const none = selectRows(all, [])
    expect(lintSplit(leaveLastOut(all, { validation: false }))).toMatchObject([
      { code: 'LEAK006', severity: 'warning', examples: ['validation'] },
    ])
    const split = withParts({ ...clean, method: { name: 'given' } }, { test: none })
    expect(lintSplit(split)).toMatchObject([
      { code: 'LEAK006', severity: 'error', examples: ['test'] },
    ])
  })

  it('LEAK007: rows of the source that are in no part', () => {
    const split = temporalSplit(selectRows(all, rows(590), { reindex: true }))
    expect(lintSplit(split)).toEqual([])
    expect(lintSplit(split, { source: all })).toMatchObject([{ code: 'LEAK007', count: 10 }])
  })

  it('LEAK007: a filter of test rows, from the sizes of the parts', () => {
    for (const split of [clean, leaveLastOut(all), temporalSplit(all, { scope: 'global' })]) {
      const counts = new Map<number, number>()
      for (const item of split.test.itemIndex) counts.set(item, (counts.get(item) ?? 0) + 1)
      const kept = rows(rowCount(split.test)).filter(
        (row) => (counts.get(split.test.itemIndex[row]) ?? 0) >= 2,
      )
      expect(kept.length).toBeLessThan(rowCount(split.test))
      const faulty = withParts(split, { test: selectRows(split.test, kept) })
      expect(codes(lintSplit(faulty)), split.method.name).toContain('LEAK007')
    }
  })

  it('LEAK007: ids that occur in no part', () => {
    const item = clean.test.itemIndex[0]
    const without = (part: InteractionTable) =>
      selectRows(
        part,
        rows(rowCount(part)).filter((row) => part.itemIndex[row] !== item),
      )
    const split = createSplit({
      train: without(clean.train),
      validation: without(clean.validation),
      test: without(clean.test),
      method: { name: 'given' },
    })
    expect(lintSplit(split)).toMatchObject([
      { code: 'LEAK007', count: 1, examples: [`${all.items.idOf(item)}`] },
    ])
  })

  it('LEAK008: near-copies of users', () => {
    const records = Array.from(all.userIndex, (user, row) => ({
      user,
      item: all.itemIndex[row],
      timestamp: all.timestamp![row],
    }))
    const copy = records
      .filter(({ user, item }) => user === 5 && item !== all.itemIndex[5 * 20])
      .map((record) => ({ ...record, user: 99 }))
    const split = temporalSplit(fromRecords([...records, ...copy]))
    expect(lintSplit(split)).toMatchObject([
      {
        code: 'LEAK008',
        count: 1,
        examples: [expect.stringMatching(/^users 5 and 99 share 19 of/)],
      },
    ])
    expect(lintSplit(split, { nearCopies: { similarity: 0.96 } })).toEqual([])
    expect(lintSplit(split, { nearCopies: { minItems: 20 } })).toEqual([])
    expect(lintSplit(split, { nearCopies: false })).toEqual([])
  })

  it('LEAK008: the same pairs as a comparison of all pairs', () => {
    const list = fc.uniqueArray(fc.nat(11), { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(fc.array(list, { minLength: 2, maxLength: 12 }), (lists) => {
        const records = lists.flatMap((items, user) => items.map((item) => ({ user, item })))
        const source = fromRecords(records)
        const split = splitRows(
          source,
          { train: rows(records.length), validation: [], test: [] },
          { name: 'by hand' },
        )
        for (const similarity of [0.6, 0.75, 1]) {
          let expected = 0
          for (const [first, own] of lists.entries()) {
            for (const other of lists.slice(first + 1)) {
              const common = own.filter((item) => other.includes(item)).length
              const isLong = own.length >= 2 && other.length >= 2
              if (isLong && common / (own.length + other.length - common) >= similarity - 1e-12)
                expected++
            }
          }
          const found = lintSplit(split, { nearCopies: { similarity, minItems: 2 } })
          const count = found.find(({ code }) => code === 'LEAK008')?.count ?? 0
          expect(count).toBe(expected)
        }
      }),
    )
  })

  it('LEAK009: selection on test data', () => {
    const findings = lintSplit(clean, {
      selectedBy: [{ on: 'validation' }, { on: 'test', splitHash: clean.hash }, { on: 'test' }],
    })
    expect(findings).toMatchObject([
      { code: 'LEAK009', count: 2, examples: ['evaluation 1', 'evaluation 2'] },
    ])
  })

  it('LEAK009 and LEAK002: validation data that is test data', () => {
    const split = withParts({ ...clean, method: { name: 'given' } }, { validation: clean.test })
    const found = codes(lintSplit(split, { time: 'none' })).filter((code) => code !== 'LEAK007')
    expect(found).toEqual(['LEAK002', 'LEAK009'])
  })
})

it.each([
  [{ time: 'item' }, 'time: got "item"'],
  [{ trainingGraph: {} }, 'trainingGraph: got {}; expected a BipartiteGraph'],
  [{ nearCopies: { similarity: 0.2 } }, 'nearCopies'],
  [{ sources: all }, "did you mean 'source'"],
])('lintSplit rejects the options %#', (options, message) => {
  expect(() => lintSplit(clean, options as object)).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining(message),
    }),
  )
})

it.each([undefined, 'folder', { train: 1 }])(
  'lintSplit refuses %j in place of a split',
  (value) => {
    expect(() => lintSplit(value as never)).toThrow('as the split, expected a Split')
  },
)
