import { InvalidOptionsError, NonFiniteError, type Ranker, ShapeMismatchError } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EmptySplitError, evaluate, type Metric, type UserMetric } from '../src/index.js'
import { hasMovieTweetings, movieTweetingsSplit } from './support/movie-tweetings.ts'
import { MatrixRanker, popularityRanker } from './support/rankers.ts'
import { referenceCoverage, referenceMetrics, referenceTopK } from './support/reference.ts'
import { splitOf } from './support/tiny-split.ts'

const split = splitOf({
  itemCount: 6,
  train: [[0], [1, 2], [0], [5]],
  validation: [[1], [], [3], []],
  test: [[2, 2, 4], [0], [], [3]],
})
const scores = [
  [6, 5, 4, 3, 2, 1],
  [1, 2, 3, 4, 5, 6],
  [1, 1, 2, 2, 3, 3],
  [0, 0, 0, 0, 1, 0],
]
const ranker = (): MatrixRanker => new MatrixRanker(scores)
const evaluateTiny = (options: object) =>
  evaluate(ranker(), { split, on: 'test', metrics: ['recall@2'], ...options })

describe('evaluate', () => {
  it('masks train and validation on test, and leaves out users without test items', async () => {
    const report = await evaluateTiny({ metrics: ['recall@2', 'mrr@3', 'coverage@2'] })
    // Lists at 3: user 0 [2 3 4], user 1 [5 4 3], user 3 [4 0 1].
    expect([...report.userIndices]).toEqual([0, 1, 3])
    expect([...report.perUser['recall@2']]).toEqual([1 / 2, 0, 0])
    expect([...report.perUser['mrr@3']]).toEqual([1, 0, 0])
    expect(report.metrics).toEqual({
      'recall@2': 1 / 6,
      'mrr@3': 1 / 3,
      'coverage@2': 5 / 6,
    })
  })

  it('masks only train on validation', async () => {
    const report = await evaluateTiny({ on: 'validation', metrics: ['recall@1', 'mrr@6'] })
    expect([...report.userIndices]).toEqual([0, 2])
    // User 0 finds 1 behind the masked 0; user 2 ranks 4 5 2 3 1.
    expect([...report.perUser['recall@1']]).toEqual([1, 0])
    expect([...report.perUser['mrr@6']]).toEqual([1, 1 / 4])
    expect(report.protocol.masked).toEqual(['train'])
  })

  it('carries its protocol', async () => {
    const report = await evaluateTiny({ metrics: ['recall@3', 'coverage@1', 'hit@3'] })
    expect(report.protocol).toEqual({
      splitHash: split.hash,
      splitMethod: { name: 'given' },
      on: 'test',
      masked: ['train', 'validation'],
      ranking: 'full',
      tieRule: 'lower item index first',
      flavour: 'gnnrec',
      denominators: {
        'recall@3': 'relevant items of the user',
        'coverage@1': 'all items of the id map',
        'hit@3': '1',
      },
      ks: [1, 3],
      candidates: 6,
      users: 'all',
      usersEvaluated: 3,
      usersWithoutRelevant: 1,
      usersWithoutTraining: 0,
      relevantItemsWithoutTraining: 2,
      libraryVersion: expect.stringMatching(/^\d+\.\d+\.\d+/),
    })
    expect(report.seconds).toBeGreaterThanOrEqual(0)
  })

  it('becomes JSON without losing anything', async () => {
    const report = await evaluateTiny({ metrics: ['recall@2', 'coverage@2'] })
    const json = JSON.parse(JSON.stringify(report))
    expect(json).toEqual({
      metrics: report.metrics,
      perUser: { 'recall@2': [1 / 2, 0, 0] },
      perUserKept: true,
      undefinedMetrics: {},
      undefinedUsers: {},
      userIndices: [0, 1, 3],
      segments: {},
      protocol: report.protocol,
      degenerateShare: report.degenerateShare,
      relevantItems: 4,
      maskedRelevantItems: 0,
      flags: report.flags,
      warnings: report.warnings,
      seconds: report.seconds,
    })
  })

  it('counts the ranked users and relevant items that have no training interactions', async () => {
    const cold = splitOf({
      itemCount: 6,
      train: [[0, 1], [], [], []],
      validation: [[], [2], [], []],
      test: [[4], [0, 4], [1, 5], []],
    })
    const count = async (on: 'validation' | 'test') => {
      const { protocol } = await evaluate(ranker(), { split: cold, on, metrics: ['recall@2'] })
      return [protocol.usersWithoutTraining, protocol.relevantItemsWithoutTraining]
    }
    expect(await count('test')).toEqual([2, 2])
    expect(await count('validation')).toEqual([1, 1])
  })

  it('counts an item that is both masked and relevant as a miss', async () => {
    const overlapping = splitOf({ itemCount: 3, train: [[0]], test: [[0, 1]] })
    const report = await evaluate(new MatrixRanker([[3, 2, 1]]), {
      split: overlapping,
      on: 'test',
      metrics: ['recall@1', 'recall@3', 'mrr@3'],
    })
    expect(report.metrics).toEqual({ 'recall@1': 1 / 2, 'recall@3': 1 / 2, 'mrr@3': 1 })
    expect([report.maskedRelevantItems, report.relevantItems]).toEqual([1, 2])
    expect(report.flags).toEqual(['relevant-items-masked'])
  })

  it('makes an empty list for a user who has seen everything', async () => {
    const full = splitOf({ itemCount: 2, train: [[0, 1]], test: [[1]] })
    const report = await evaluate(new MatrixRanker([[1, 1]]), {
      split: full,
      on: 'test',
      metrics: ['ndcg@2', 'coverage@2'],
    })
    expect(report.metrics).toEqual({ 'ndcg@2': 0, 'coverage@2': 0 })
    expect(report.degenerateShare).toBe(0)
  })

  it('equals the plain definitions for any split, scores with ties, part and block size', async () => {
    const lists = (userCount: number, itemCount: number) =>
      fc.array(fc.array(fc.nat(itemCount - 1), { maxLength: 6 }), {
        minLength: userCount,
        maxLength: userCount,
      })
    const input = fc
      .record({
        userCount: fc.integer({ min: 1, max: 7 }),
        itemCount: fc.integer({ min: 1, max: 12 }),
      })
      .chain(({ userCount, itemCount }) =>
        fc.record({
          itemCount: fc.constant(itemCount),
          train: lists(userCount, itemCount),
          validation: lists(userCount, itemCount),
          test: lists(userCount, itemCount),
          rows: fc.array(
            fc.array(fc.integer({ min: -2, max: 2 }), {
              minLength: itemCount,
              maxLength: itemCount,
            }),
            { minLength: userCount, maxLength: userCount },
          ),
          k: fc.integer({ min: 1, max: itemCount }),
          on: fc.constantFrom('validation' as const, 'test' as const),
          blockSize: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
        }),
      )
      .filter(({ train, on, ...parts }) => train.flat().length > 0 && parts[on].flat().length > 0)
    await fc.assert(
      fc.asyncProperty(input, async ({ itemCount, rows, k, on, blockSize, ...parts }) => {
        const names = Object.keys(referenceMetrics) as (keyof typeof referenceMetrics)[]
        const report = await evaluate(new MatrixRanker(rows), {
          split: splitOf({ itemCount, ...parts }),
          on,
          metrics: [...names.map((name) => `${name}@${k}`), `coverage@${k}`],
          blockSize,
        })
        const users = rows.map((_, user) => user).filter((user) => parts[on][user].length > 0)
        expect([...report.userIndices]).toEqual(users)
        const topLists = users.map((user) => {
          const masked =
            on === 'test' ? [...parts.train[user], ...parts.validation[user]] : parts.train[user]
          return referenceTopK(rows[user], k, masked)
        })
        for (const name of names) {
          users.forEach((user, position) => {
            const relevant = [...new Set(parts[on][user])]
            expect(report.perUser[`${name}@${k}`][position]).toBeCloseTo(
              referenceMetrics[name](topLists[position], relevant, k),
              13,
            )
          })
        }
        expect(report.metrics[`coverage@${k}`]).toBe(referenceCoverage(topLists, k, itemCount))
      }),
      { numRuns: 150 },
    )
  })

  it.skipIf(!hasMovieTweetings)(
    'gives Popularity its known numbers on the MovieTweetings 10-core (needs ../shared/data)',
    async () => {
      const movies = movieTweetingsSplit()
      const { train, validation, test } = movies
      expect([train.users.size, train.items.size]).toEqual([2059, 1099])
      expect(
        [train, validation, test].reduce((rows, part) => rows + part.userIndex.length, 0),
      ).toBe(44613)
      const report = await evaluate(popularityRanker(movies), {
        split: movies,
        on: 'test',
        metrics: ['recall@20', 'ndcg@20'],
      })
      expect(report.metrics['recall@20'].toFixed(4)).toBe('0.1926')
      expect(report.metrics['ndcg@20'].toFixed(4)).toBe('0.1275')
      expect(report.flags).toEqual([])
    },
  )
})

describe('evaluate with a metric of the caller', () => {
  const firstItem: UserMetric = {
    kind: 'user',
    name: 'firstItem',
    denominator: '1',
    create: () => (list) => list[0],
  }

  it('computes metrics per user and over all lists, in user order and cut at k', async () => {
    const received: number[][] = []
    const collector: Metric = {
      kind: 'lists',
      name: 'lists',
      denominator: '1',
      create: ({ k, split: judged }) => {
        expect([k, judged]).toEqual([2, split])
        return {
          add: (list, relevant) => {
            received.push([...Array.from(list), -1, ...Array.from(relevant)])
          },
          value: () => received.length,
        }
      },
    }
    const report = await evaluateTiny({
      metrics: [{ metric: firstItem, k: 1 }, { metric: collector, k: 2 }, 'recall@6'],
      blockSize: 2,
    })
    expect([...report.perUser['firstItem@1']]).toEqual([2, 5, 4])
    expect(report.metrics['firstItem@1']).toBe(11 / 3)
    expect(report.metrics['lists@2']).toBe(3)
    expect(received).toEqual([
      [2, 3, -1, 2, 4],
      [5, 4, -1, 0],
      [4, 0, -1, 3],
    ])
    expect(Object.keys(report.metrics)).toEqual(['firstItem@1', 'lists@2', 'recall@6'])
  })

  it('names metrics whose values are not finite and reports the others', async () => {
    const broken = { ...firstItem, create: () => (list: ArrayLike<number>) => list[0] / 0 }
    const brokenLists: Metric = {
      kind: 'lists',
      name: 'nothing',
      denominator: '1',
      create: () => ({ add: () => undefined, value: () => Number.NaN }),
    }
    const report = await evaluateTiny({
      metrics: [{ metric: broken, k: 1 }, 'recall@2', { metric: brokenLists, k: 1 }],
    })
    expect(report.undefinedMetrics).toEqual({
      'firstItem@1': 'it is Infinity for user "u0000" (index 0), which is no finite number',
      'nothing@1': 'it is NaN over all lists, which is no finite number',
    })
    expect(report.metrics).toEqual((await evaluateTiny({ metrics: ['recall@2'] })).metrics)
    expect(Object.keys(report.perUser)).toEqual(['recall@2'])
  })
})

describe('evaluate on bad input', () => {
  it.each([
    [{ metrics: [] }, 'metrics: got []'],
    [{ metrics: 'recall@20' }, 'metrics: got "recall@20"'],
    [{ metrics: [20] }, "metrics.0: got 20; expected a string such as 'recall@20'"],
    [{ metrics: ['recal@2'] }, "did you mean 'recall@2'?"],
    [{ metrics: ['recall@0'] }, "got 'recall@0'; expected NAME@K"],
    [{ metrics: ['recall@7'] }, "'recall@7' asks for lists of 7 items, but there are 6"],
    [{ metrics: ['recall@2', 'recall@2'] }, "'recall@2' is listed twice"],
    [{ metrics: [{ metric: { name: 'mine' }, k: 2 }] }, 'metrics.0: got'],
    [{ on: 'train' }, 'on: got "train"'],
    [{ split: {} }, 'split: got {}; expected a Split'],
    [{ split: undefined }, 'split: got undefined; expected a Split'],
    [{ blockSize: 0 }, 'blockSize: got 0'],
    [{ blockSize: 1.5 }, 'blockSize: got 1.5'],
    [{ signal: {} }, 'signal: got {}; expected an AbortSignal'],
    [{ onProgress: 1 }, 'onProgress: got 1; expected a function'],
    [{ metric: ['recall@2'] }, "unknown option 'metric' (did you mean 'metrics'?)"],
  ])('rejects %j', async (options, message) => {
    const result = evaluateTiny(options)
    await expect(result).rejects.toBeInstanceOf(InvalidOptionsError)
    await expect(result).rejects.toThrow(message)
  })

  it('rejects a custom metric whose k is above the number of items', async () => {
    const metric: UserMetric = {
      kind: 'user',
      name: 'one',
      denominator: '1',
      create: () => () => 1,
    }
    await expect(evaluateTiny({ metrics: [{ metric, k: 7 }] })).rejects.toThrow("'one@7' asks for")
    await expect(evaluateTiny({ metrics: [{ metric, k: 0 }] })).rejects.toThrow(
      'metrics.0.k: got 0',
    )
    await expect(evaluateTiny({ metrics: [{ metric }] })).rejects.toThrow("'one' got no cut-off")
    await expect(
      evaluateTiny({ metrics: [{ metric: { ...metric, hasCutoff: false }, k: 2 }] }),
    ).rejects.toThrow("'one' got the cut-off 2; expected none")
  })

  it('rejects something that is no ranker', async () => {
    for (const [value, kind] of [
      [null, 'null'],
      [{}, 'object'],
      [undefined, 'undefined'],
    ] as const) {
      const result = evaluate(value as unknown as Ranker, {
        split,
        on: 'test',
        metrics: ['hit@1'],
      })
      await expect(result).rejects.toBeInstanceOf(InvalidOptionsError)
      await expect(result).rejects.toThrow(`Got ${kind} as the ranker of evaluate`)
    }
  })

  it('rejects a ranker of another number of users or items', async () => {
    const options = { split, on: 'test', metrics: ['hit@1'] } as const
    const fewUsers = evaluate(new MatrixRanker(scores.slice(1)), options)
    await expect(fewUsers).rejects.toBeInstanceOf(ShapeMismatchError)
    await expect(fewUsers).rejects.toThrow('3 users and 6 items, the split 4 and 6')
    const fewItems = evaluate(new MatrixRanker(scores.map((row) => row.slice(1))), options)
    await expect(fewItems).rejects.toThrow('4 users and 5 items, the split 4 and 6')
  })

  it('rejects an empty part', async () => {
    const empty = splitOf({ itemCount: 2, train: [[0]], test: [[1]] })
    const result = evaluate(new MatrixRanker([[1, 2]]), {
      split: empty,
      on: 'validation',
      metrics: ['recall@1'],
    })
    await expect(result).rejects.toBeInstanceOf(EmptySplitError)
    await expect(result).rejects.toMatchObject({ code: 'EMPTY_SPLIT' })
    await expect(result).rejects.toThrow('The validation part of the split is empty')
  })

  it('names the user whose score is NaN, unless the item is masked', async () => {
    const withNaN = (user: number, item: number) =>
      evaluate(
        new MatrixRanker(
          scores.map((row, u) => row.map((s, i) => (u === user && i === item ? Number.NaN : s))),
        ),
        { split, on: 'test', metrics: ['recall@2'], blockSize: 2 },
      )
    await expect(withNaN(3, 1)).rejects.toBeInstanceOf(NonFiniteError)
    await expect(withNaN(3, 1)).rejects.toThrow(
      'User "u0003" (index 3) cannot be ranked: The score of item index 1 is NaN',
    )
    expect((await withNaN(1, 2)).metrics).toEqual((await evaluateTiny({})).metrics)
    // User 2 has no test items and is never ranked.
    expect((await withNaN(2, 1)).metrics).toEqual((await evaluateTiny({})).metrics)
  })

  it.each([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'names the user in whose list a score is %d',
    async (infinite) => {
      const rows = scores.map((row, user) => (user === 3 ? row.map(() => infinite) : row))
      const result = evaluate(new MatrixRanker(rows), { split, on: 'test', metrics: ['recall@2'] })
      await expect(result).rejects.toBeInstanceOf(NonFiniteError)
      await expect(result).rejects.toThrow(
        `User "u0003" (index 3) cannot be ranked: The score of item index 0 is ${infinite}`,
      )
    },
  )

  it('finds scores that the ranker did not write, also behind a full block', async () => {
    const matrix = ranker()
    const forgetful: Ranker = {
      userCount: 4,
      itemCount: 6,
      scoreUsers: (users, out) => {
        if (!users.includes(3)) matrix.scoreUsers(users, out)
      },
    }
    await expect(
      evaluate(forgetful, { split, on: 'test', metrics: ['recall@2'], blockSize: 1 }),
    ).rejects.toThrow('User "u0003" (index 3) cannot be ranked')
  })

  it('passes on what the ranker throws', async () => {
    const error = new Error('gone')
    const broken: Ranker = {
      userCount: 4,
      itemCount: 6,
      scoreUsers: () => {
        throw error
      },
    }
    await expect(evaluate(broken, { split, on: 'test', metrics: ['hit@1'] })).rejects.toBe(error)
  })
})
