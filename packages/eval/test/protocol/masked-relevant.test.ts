import { fromRecords, Rng, type Split, splitRows } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import { evaluate, evaluateLists, parseReport } from '../../src/index.js'
import { MatrixRanker } from '../support/rankers.js'
import { splitOf } from '../support/tiny-split.js'

/** A log of plays: every user plays a few songs again and again, so parts of the split share pairs. */
function playLog(): Split {
  const rng = Rng.fromSeed(3).fork('plays')
  const plays = Array.from({ length: 2000 }, (_, row) => {
    const user = row % 20
    return { user, item: (user + Math.floor(12 * rng.uniform() ** 2)) % 40, timestamp: row }
  })
  const table = fromRecords(plays)
  const rows = plays.map((_, row) => row)
  const parts = {
    train: rows.slice(0, 1000),
    validation: rows.slice(1000, 1200),
    test: rows.slice(1200),
  }
  return splitRows(table, parts, { name: 'temporal' })
}

/** The relevant items by user, and a ranker that puts them first. */
function oracle({ test }: Split) {
  const scores = test.users.ids.map(() => new Array<number>(test.items.size).fill(0))
  for (const [row, user] of test.userIndex.entries()) scores[user][test.itemIndex[row]] = 1
  return { ranker: new MatrixRanker(scores), relevant: scores }
}

describe('relevant items that are masked', () => {
  const split = playLog()
  const { ranker, relevant } = oracle(split)
  const metrics = ['recall@20']
  const seen = new Set(
    [split.train, split.validation].flatMap(({ userIndex, itemIndex }) =>
      Array.from(userIndex, (user, row) => `${user} ${itemIndex[row]}`),
    ),
  )
  const pairs = relevant.flatMap((row, user) =>
    row.flatMap((score, item) => (score === 1 ? [`${user} ${item}`] : [])),
  )

  it('are counted and flagged, and the warning says what to do', async () => {
    const report = await evaluate(ranker, { split, on: 'test', metrics })
    const masked = pairs.filter((pair) => seen.has(pair)).length
    expect(masked).toBeGreaterThan(pairs.length / 2)
    expect([report.maskedRelevantItems, report.relevantItems]).toEqual([masked, pairs.length])
    expect(report.metrics['recall@20']).toBeLessThan(0.5)
    expect(report.flags).toContain('relevant-items-masked')
    const warning = report.warnings[report.flags.indexOf('relevant-items-masked')]
    expect(warning).toContain(`${masked} of ${pairs.length} relevant items`)
    expect(warning).toContain('Call dropDuplicates of @gnnrec/data before the split')
    expect(warning).toContain("mask: 'none'")
    expect(parseReport(JSON.parse(JSON.stringify(report)))).toEqual(report)
  })

  it('are counted for the users asked for, in lists, in samples, and for validation', async () => {
    const one = await evaluate(ranker, { split, on: 'test', metrics, users: [4] })
    const own = pairs.filter((pair) => pair.startsWith('4 '))
    expect(one.relevantItems).toBe(own.length)
    expect(one.maskedRelevantItems).toBe(own.filter((pair) => seen.has(pair)).length)
    const lists = split.train.users.ids.map((user) => ({ user, items: [] }))
    const listed = evaluateLists(lists, { split, on: 'test', metrics })
    expect(listed.flags).toEqual(['ties-unknown', 'relevant-items-masked'])
    expect(listed.warnings).toHaveLength(2)
    const candidates = { negatives: 10 }
    const sampled = await evaluate(ranker, { split, on: 'test', metrics: ['recall@5'], candidates })
    expect(sampled.flags).toContain('relevant-items-masked')
    const validation = await evaluate(ranker, { split, on: 'validation', metrics })
    expect(validation.flags).toContain('relevant-items-masked')
  })

  it('do not exist when nothing is masked or no pair is in several parts', async () => {
    const again = await evaluate(ranker, { split, on: 'test', metrics, mask: 'none' })
    expect(again.maskedRelevantItems).toBe(0)
    expect(again.flags).not.toContain('relevant-items-masked')
    const distinct = splitOf({ itemCount: 4, train: [[0]], validation: [[1]], test: [[2, 2, 3]] })
    const options = { split: distinct, on: 'test', metrics: ['recall@2'] } as const
    const report = await evaluate(new MatrixRanker([[1, 2, 3, 4]]), options)
    expect([report.maskedRelevantItems, report.relevantItems]).toEqual([0, 2])
    expect([report.flags, report.warnings]).toEqual([[], []])
  })
})
