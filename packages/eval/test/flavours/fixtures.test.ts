import { readFileSync } from 'node:fs'
import { fromColumns, type Split, splitRows } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import { evaluate, type Flavour } from '../../src/index.js'
import { MatrixRanker } from '../support/rankers.ts'

interface FlavourFixture {
  users: number
  items: number
  train: number[][]
  test: number[][]
  testRatings: number[][]
  scores: number[][]
  /** By the libraries' own code; versions stand in the file. */
  expected: Record<Flavour, Record<string, number>>
}

const file = new URL('../fixtures/flavours.json', import.meta.url)
const fixture = JSON.parse(readFileSync(file, 'utf8')) as FlavourFixture

function ratedSplit(): Split<number, number> {
  const { users, items, train, test, testRatings } = fixture
  const rows = [train, test].flatMap((part, p) =>
    part.flatMap((own, user) =>
      own.map((item, i) => ({ user, item, rating: p === 0 ? 1 : testRatings[user][i], test: p })),
    ),
  )
  const table = fromColumns({
    user: rows.map(({ user }) => user),
    item: rows.map(({ item }) => item),
    rating: rows.map(({ rating }) => rating),
  })
  expect([table.users.size, table.items.size]).toEqual([users, items])
  const positions = [...rows.keys()]
  return splitRows(
    table,
    {
      train: positions.filter((row) => rows[row].test === 0),
      validation: [],
      test: positions.filter((row) => rows[row].test === 1),
    },
    { name: 'given' },
  )
}

describe.each(Object.entries(fixture.expected) as [Flavour, Record<string, number>][])(
  'flavour %s',
  (flavour, expected) => {
    it('gives what the library gives', async () => {
      const report = await evaluate(new MatrixRanker(fixture.scores), {
        split: ratedSplit(),
        on: 'test',
        flavour,
        metrics: Object.keys(expected),
      })
      expect(report.protocol.flavour).toBe(flavour)
      for (const [name, value] of Object.entries(expected)) {
        const difference = Math.abs(report.metrics[name] - value) / Math.max(1, Math.abs(value))
        expect(difference, `${name}: ${report.metrics[name]} is not ${value}`).toBeLessThan(1e-12)
      }
    })
  },
)
