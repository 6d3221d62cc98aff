import { GnnRecError, Rng } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compareReports,
  evaluate,
  ProtocolMismatchError,
  type UserMetric,
} from '../../src/index.js'
import { NegativeCandidates } from '../../src/protocol/sample-negatives.js'
import { MatrixRanker } from '../support/rankers.ts'
import { referenceAuc, referenceTopK } from '../support/reference.ts'
import { splitOf } from '../support/tiny-split.ts'

// Train and validation items differ; item 5 is in both validation and test of user 2.
const split = splitOf({
  itemCount: 8,
  train: [[0], [1, 2], [0], [], [5]],
  validation: [[1], [], [5], [], [6]],
  test: [[2, 4], [0], [5, 7], [3], []],
})
const scores = [
  [8, 7, 6, 5, 4, 3, 2, 1],
  [1, 2, 3, 4, 5, 6, 7, 8],
  [3, 1, 4, 1, 5, 9, 2, 6],
  [2, 7, 1, 8, 2, 8, 1, 8],
  [1, 1, 1, 1, 1, 1, 1, 1],
]
const judge = (options: object) =>
  evaluate(new MatrixRanker(scores), { split, on: 'test', metrics: ['recall@2'], ...options })

/** Gives every list a number from which it can be read, and the candidates, too. */
function spy(): { metric: UserMetric; lists: number[][]; candidates: (number[] | undefined)[] } {
  const lists: number[][] = []
  const candidates: (number[] | undefined)[] = []
  const metric: UserMetric = {
    kind: 'user',
    name: 'spy',
    denominator: '1',
    create: () => (list, _, ranking) => {
      lists.push(Array.from(list))
      candidates.push(ranking.candidates && [...ranking.candidates])
      return 0
    },
  }
  return { metric, lists, candidates }
}

describe('mask', () => {
  it.each([
    ['train', [[0], [1, 2], [0], []], ['train']],
    ['train+validation', [[0, 1], [1, 2], [0, 5], []], ['train', 'validation']],
    ['none', [[], [], [], []], []],
  ] as const)('%s takes out what it says', async (mask, masked, parts) => {
    const { metric, lists } = spy()
    const report = await judge({ mask, metrics: [{ metric, k: 3 }] })
    expect(lists).toEqual([0, 1, 2, 3].map((user) => referenceTopK(scores[user], 3, masked[user])))
    expect(report.protocol.masked).toEqual(parts)
  })

  it('keeps reports apart', async () => {
    const [a, b] = [await judge({ mask: 'none' }), await judge({})]
    expect(() => compareReports(a, b)).toThrow(ProtocolMismatchError)
    expect(compareReports(b, await judge({ mask: 'train+validation' })).users).toBe(4)
  })
})

describe('given candidates', () => {
  it('ranks some items for everybody, without the masked ones', async () => {
    const { metric, lists, candidates } = spy()
    const given = [7, 0, 4, 5, 0]
    const metrics = [{ metric, k: 2 }, 'recall@2', 'auc', 'serendipity@2']
    const report = await judge({ candidates: given, metrics })
    expect(candidates).toEqual([
      [4, 5, 7],
      [0, 4, 5, 7],
      [4, 7],
      [0, 4, 5, 7],
    ])
    expect(lists).toEqual([
      [4, 5],
      [7, 5],
      [7, 4],
      [5, 7],
    ])
    // Item 2 of user 0, 5 of user 2 and 3 of user 3 are no candidates, hence misses.
    expect([...report.perUser['recall@2']]).toEqual([1 / 2, 0, 1 / 2, 0])
    expect([...report.perUser['auc']]).toEqual([
      referenceAuc(scores[0], [4], [4, 5, 7]),
      referenceAuc(scores[1], [0], [0, 4, 5, 7]),
      referenceAuc(scores[2], [7], [4, 7]),
      Number.NaN,
    ])
    expect(report.protocol).toMatchObject({ ranking: 'given', candidates: 4 })
    expect(report.protocol.candidateHash).toMatch(/^[0-9a-f]{64}$/)
    expect(report.flags).toContain('not-comparable-with-full-ranking')
  })

  it('ranks items of each user', async () => {
    const { metric, lists } = spy()
    const candidates = new Map([
      ['u0000', [2, 3]],
      ['u0001', [0]],
      ['u0002', [5]],
      ['u0003', [3, 4, 1]],
    ])
    const report = await judge({ candidates, metrics: [{ metric, k: 3 }] })
    expect(lists).toEqual([[2, 3], [0], [], [3, 1, 4]])
    expect(report.protocol).toMatchObject({ ranking: 'given', candidates: 3 })
    const others = new Map([...candidates, ['u0003', [3, 4, 2]]])
    const other = await judge({ candidates: others, metrics: [{ metric, k: 3 }] })
    expect(() => compareReports(report, other)).toThrow('candidateHash')
  })

  it('has the same stamp however candidates were ordered', async () => {
    const [a, b] = [await judge({ candidates: [1, 2, 3] }), await judge({ candidates: [3, 2, 1] })]
    expect(a.protocol).toEqual(b.protocol)
  })

  it('finds degenerate lists among the candidates alone', async () => {
    // All scores of user 3 for items 3, 5 and 7 are equal; of all items they are less than half.
    const report = await judge({ candidates: [3, 5, 7], users: ['u0003'] })
    expect(report.degenerateShare).toBe(1)
    const distinct = await judge({ candidates: [0, 1, 2], users: ['u0003'] })
    expect(distinct.degenerateShare).toBe(0)
  })

  it('rejects unknown ids, a user without candidates, and K above the number of candidates', async () => {
    await expect(judge({ candidates: [1, 99] })).rejects.toMatchObject({ code: 'UNKNOWN_ID' })
    await expect(judge({ candidates: ['1'] })).rejects.toThrow('ids of this map are of type number')
    await expect(judge({ candidates: new Map([['u0000', [1, 2]]]) })).rejects.toThrow(
      'the map has no list for the user "u0001"',
    )
    await expect(judge({ candidates: [1] })).rejects.toThrow(
      "'recall@2' asks for lists of 2 items, but there are 1",
    )
    await expect(judge({ candidates: [] })).rejects.toThrow('candidates: got []; Too small')
    await expect(judge({ candidates: { negatives: 0 } })).rejects.toThrow('candidates')
    await expect(judge({ candidates: new Map([['u0000', 3]]) })).rejects.toThrow('candidates')
  })
})

describe('sampled candidates', () => {
  it('are the relevant items and exactly as many others as asked for', async () => {
    const lists = (seed: number, users: number, items: number, count: number) => {
      const rng = Rng.fromSeed(`lists ${seed} ${count}`)
      return Array.from({ length: users }, () =>
        Array.from(new Set(Array.from({ length: count }, () => rng.integer(items)))),
      )
    }
    const settings = fc.record({
      seed: fc.nat(),
      relevantItems: fc.integer({ min: 1, max: 12 }),
      // Few of 60 items are drawn one by one, many by a look at all items.
      negatives: fc.constantFrom(1, 4, 9, 20, 40),
      distribution: fc.constantFrom('uniform' as const, 'popularity' as const),
    })
    await fc.assert(
      fc.asyncProperty(settings, async ({ seed, relevantItems, negatives, distribution }) => {
        const [users, itemCount] = [12, 60]
        const train = lists(seed, users, itemCount, 5)
        // Every item is in training, so that popularity can draw it.
        for (let item = 0; item < itemCount; item++) train[item % users].push(item)
        const drawnFrom = splitOf({
          itemCount,
          train: train.map((items) => [...new Set(items)]),
          validation: train.map(() => []),
          test: lists(seed + 1, users, itemCount, relevantItems),
        })
        const { metric, candidates } = spy()
        const matrix = drawnFrom.test.users.ids.map(() =>
          Array.from({ length: itemCount }, () => 1),
        )
        await evaluate(new MatrixRanker(matrix), {
          split: drawnFrom,
          on: 'test',
          metrics: [{ metric, k: 1 }],
          candidates: { negatives, distribution, seed },
        })
        const { test, train: learnt } = drawnFrom
        const itemsOf = (part: typeof test, user: number) =>
          new Set(part.itemIndex.filter((_, row) => part.userIndex[row] === user))
        for (let user = 0; user < users; user++) {
          const masked = itemsOf(learnt, user)
          const relevant = [...itemsOf(test, user)].filter((item) => !masked.has(item))
          const own = candidates[user] ?? []
          const others = itemCount - masked.size - relevant.length
          expect(own).toHaveLength(relevant.length + Math.min(negatives, others))
          expect(new Set(own).size).toBe(own.length)
          for (const item of relevant) expect(own).toContain(item)
          for (const item of own) expect(masked.has(item)).toBe(false)
        }
        expect(candidates).toHaveLength(users)
      }),
      { numRuns: 60 },
    )
  })

  it('ranks relevant items among others that are not masked', async () => {
    const { metric, candidates } = spy()
    const report = await judge({ candidates: { negatives: 2 }, metrics: [{ metric, k: 3 }] })
    const masked = [[0, 1], [1, 2], [0, 5], []]
    const relevant = [[2, 4], [0], [7], [3]]
    candidates.forEach((own, user) => {
      expect(own).toHaveLength(relevant[user].length + 2)
      expect(own).toEqual([...(own ?? [])].sort((a, b) => a - b))
      for (const item of relevant[user]) expect(own).toContain(item)
      for (const item of masked[user]) expect(own).not.toContain(item)
    })
    expect(report.protocol).toMatchObject({
      ranking: 'sampled',
      candidates: 3,
      sampling: { negatives: 2, distribution: 'uniform', seed: 0 },
    })
    // User 2 has item 5 in validation, too.
    expect(report.flags).toEqual(['relevant-items-masked', 'not-comparable-with-full-ranking'])
  })

  it('draws by seed and user, not by block size or by who else is ranked', async () => {
    const drawn = async (options: object, seed: number): Promise<unknown> => {
      const { metric, candidates } = spy()
      await judge({ candidates: { negatives: 3, seed }, metrics: [{ metric, k: 1 }], ...options })
      return candidates
    }
    const all = (await drawn({}, 1)) as number[][]
    expect(await drawn({ blockSize: 1 }, 1)).toEqual(all)
    expect(await drawn({ users: ['u0002'] }, 1)).toEqual([all[2]])
    expect(await drawn({}, 2)).not.toEqual(all)
  })

  it('takes all items where more are asked for, and is then a full ranking', async () => {
    const options = { metrics: ['recall@2', 'mrr@3', 'auc'] }
    const sampled = await judge({ candidates: { negatives: 100 }, ...options })
    const full = await judge(options)
    expect(sampled.metrics).toEqual(full.metrics)
    expect(() => compareReports(sampled, full)).toThrow('ranking')
  })

  it('draws only items with training interactions by popularity', async () => {
    const { metric, candidates } = spy()
    await judge({
      candidates: { negatives: 7, distribution: 'popularity' },
      metrics: [{ metric, k: 1 }],
    })
    // Items 0, 1, 2 and 5 occur in training.
    expect(candidates).toEqual([
      [2, 4, 5],
      [0, 5],
      [1, 2, 7],
      [0, 1, 2, 3, 5],
    ])
  })
})

describe('NegativeCandidates', () => {
  const weights = [4, 2, 1, 1, 0, 8, 0, 2]

  it('draws distinct items that are neither excluded nor without weight', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(3), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.nat(59)),
        fc.nat(100),
        (own, count, excludedItems, user) => {
          fc.pre(own.some((weight) => weight > 0))
          const excluded = [...new Set(excludedItems)].sort((a, b) => a - b)
          const drawn = new NegativeCandidates(own, Rng.fromSeed(3)).draw(user, count, excluded)
          const available = own.filter((w, item) => w > 0 && !excluded.includes(item)).length
          expect(drawn).toHaveLength(Math.min(count, available))
          expect([...drawn]).toEqual([...new Set(drawn)].sort((a, b) => a - b))
          for (const item of drawn) {
            expect(own[item]).toBeGreaterThan(0)
            expect(excluded).not.toContain(item)
          }
        },
      ),
    )
  })

  it('draws the first item in proportion to its weight, in either way', () => {
    // One of 6 items is drawn from keys; one of 600 is drawn by its weight.
    const rng = Rng.fromSeed(1)
    const few = new NegativeCandidates(weights, rng)
    const many = new NegativeCandidates(
      Array.from({ length: 800 }, (_, item) => weights[item % 8]),
      rng,
    )
    const draws = 4000
    for (const [sampler, count] of [
      [few, 2],
      [many, 1],
    ] as const) {
      const counts = new Float64Array(8)
      for (let user = 0; user < draws; user++) {
        for (const item of sampler.draw(user, count, [])) counts[item % 8]++
      }
      if (sampler === many) {
        weights.forEach((weight, item) => {
          expect(Math.abs(counts[item] / draws - weight / 18)).toBeLessThan(0.03)
        })
      } else {
        // Of two draws without replacement, item 5 is one with 8/18 + Σ w/18 · 8/(18 - w).
        const expected =
          8 / 18 +
          weights.reduce((sum, w, item) => (item === 5 ? sum : sum + (w / 18) * (8 / (18 - w))), 0)
        expect(Math.abs(counts[5] / draws - expected)).toBeLessThan(0.03)
      }
    }
  })

  it('stops drawing one by one if the same few items are drawn all the time', () => {
    const own = Array.from({ length: 100 }, (_, item) => (item === 0 ? 1e12 : 1))
    const drawn = new NegativeCandidates(own, Rng.fromSeed(1)).draw(0, 10, [])
    expect(drawn).toHaveLength(10)
    expect(drawn[0]).toBe(0)
  })
})

describe('users', () => {
  it('ranks warm users, cold users, or those named', async () => {
    const usersOf = async (users: unknown) => {
      const { userIndices, protocol } = await judge({ users })
      return [[...userIndices], protocol.users, protocol.usersWithoutRelevant]
    }
    expect(await usersOf('all')).toEqual([[0, 1, 2, 3], 'all', 1])
    expect(await usersOf('warm')).toEqual([[0, 1, 2], 'warm', 1])
    expect(await usersOf('cold')).toEqual([[3], 'cold', 0])
    expect(await usersOf(['u0004', 'u0002', 'u0000', 'u0002'])).toEqual([[0, 2], 'given', 1])
  })

  it('rejects ids that are unknown and users with nothing relevant', async () => {
    await expect(judge({ users: ['nobody'] })).rejects.toMatchObject({ code: 'UNKNOWN_ID' })
    const error = await judge({ users: ['u0004'] }).catch((thrown: unknown) => thrown)
    expect(GnnRecError.isInstance(error) && error.code).toBe('EMPTY_SPLIT')
    await expect(judge({ users: 'some' })).rejects.toThrow(
      "users: got \"some\"; expected 'all', 'warm', 'cold' or an array of ids",
    )
  })

  it('keeps reports of other users apart', async () => {
    const [warm, all] = [await judge({ users: 'warm' }), await judge({})]
    expect(() => compareReports(warm, all)).toThrow('users')
  })
})
