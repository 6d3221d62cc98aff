import type { Ranker } from '@gnnrec/graph'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { evaluate } from '../../src/index.js'
import { ListRanker, MatrixRanker } from '../support/rankers.ts'
import { splitOf } from '../support/tiny-split.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

describe('evaluate in blocks', () => {
  const userCount = 300
  const many = splitOf({
    itemCount: 40,
    train: Array.from({ length: userCount }, (_, user) => [user % 40]),
    test: Array.from({ length: userCount }, (_, user) => [(user + 7) % 40, (user * 3) % 40]),
  })
  const rows = Array.from({ length: userCount }, (_, user) =>
    Array.from({ length: 40 }, (_, item) => ((user + 1) * (item + 3) * 7919) % 13),
  )
  const metrics = ['recall@5', 'ndcg@10', 'precision@5', 'hit@1', 'mrr@10', 'coverage@3']

  it('gives the same bytes for any block size', async () => {
    const withBlocks = async (blockSize: number | undefined): Promise<string> => {
      const options = { split: many, on: 'test' as const, metrics, blockSize }
      const report = await evaluate(new MatrixRanker(rows), options)
      return JSON.stringify({ ...report.toJSON(), seconds: 0 })
    }
    const whole = await withBlocks(undefined)
    for (const blockSize of [1, 2, 7, 299, 300, 1e9])
      expect(await withBlocks(blockSize)).toBe(whole)
  })

  it('makes the same report from a ranker that finds lists by itself', async () => {
    const judged = async (own: Ranker, options: object = {}) => {
      const report = await evaluate(own, { split: many, on: 'test', metrics, ...options })
      return { ...report.toJSON(), seconds: 0 }
    }
    const lists = new ListRanker(rows)
    expect(await judged(lists)).toEqual(await judged(new MatrixRanker(rows)))
    expect(lists.ranked).toBe(userCount)
    expect(lists.calls).toEqual([])
    // Scores are asked for where they are needed, or where the ranker cannot do without.
    const scored = { metrics: ['auc', 'recall@5'] }
    expect(await judged(lists, scored)).toEqual(await judged(new MatrixRanker(rows), scored))
    const few = { candidates: [3, 5, 8, 13, 21], metrics: ['recall@5'] }
    expect(await judged(lists, few)).toEqual(await judged(new MatrixRanker(rows), few))
    expect(lists.ranked).toBe(userCount)
    const cannot: Ranker = {
      userCount,
      itemCount: 40,
      rankUsers: () => undefined,
      scoreUsers: (users, out) => new MatrixRanker(rows).scoreUsers(users, out),
    }
    expect(await judged(cannot)).toEqual(await judged(lists))
  })

  it('names the user in whose list from the ranker a score is infinite', async () => {
    const infinite = rows.map((row, user) => (user === 7 ? row.map(() => Infinity) : row))
    await expect(
      evaluate(new ListRanker(infinite), { split: many, on: 'test', metrics }),
    ).rejects.toThrow(
      'User "u0007" (index 7) cannot be ranked: The score of item index 0 is Infinity',
    )
  })

  it('never asks for more users at once than blockSize, and for every user once', async () => {
    const observed = new MatrixRanker(rows)
    await evaluate(observed, { split: many, on: 'test', metrics, blockSize: 7 })
    expect(Math.max(...observed.calls)).toBe(7)
    expect(observed.calls.reduce((sum, users) => sum + users, 0)).toBe(userCount)
  })

  it('asks for 32 MB of scores at most at once, however many users blockSize allows', async () => {
    vi.spyOn(performance, 'now').mockReturnValue(0)
    const itemCount = 2_000_000
    const split = splitOf({
      itemCount,
      train: Array.from({ length: 9 }, () => [0]),
      test: Array.from({ length: 9 }, () => [1]),
    })
    const lengths: number[] = []
    const ranker: Ranker = {
      userCount: 9,
      itemCount,
      scoreUsers: (_, out) => {
        lengths.push(out.length)
        out.fill(1)
      },
    }
    await evaluate(ranker, { split, on: 'test', metrics: ['recall@1'], blockSize: 9 })
    expect(lengths.map((length) => length / itemCount)).toEqual([1, 4, 4])
  })

  it('takes smaller blocks from a slow ranker and larger ones from a fast one', async () => {
    let clock = 0
    vi.spyOn(performance, 'now').mockImplementation(() => clock)
    const run = async (millisecondsPerUser: number): Promise<number[]> => {
      const matrix = new MatrixRanker(rows)
      const timed: Ranker = {
        userCount,
        itemCount: 40,
        scoreUsers: (users, out) => {
          matrix.scoreUsers(users, out)
          clock += users.length * millisecondsPerUser
        },
      }
      await evaluate(timed, { split: many, on: 'test', metrics })
      return matrix.calls
    }
    expect(await run(0)).toEqual([16, 64, 220])
    expect((await run(10)).slice(0, 4)).toEqual([16, 2, 2, 2])
    expect((await run(1000)).slice(0, 3)).toEqual([16, 1, 1])
  })

  it('lets timers fire between blocks', async () => {
    const matrix = new MatrixRanker(rows)
    let callsWhenTimerFired = 0
    const observed: Ranker = {
      userCount,
      itemCount: 40,
      scoreUsers: (users, out) => {
        if (matrix.calls.length === 0) {
          setTimeout(() => {
            callsWhenTimerFired = matrix.calls.length
          }, 1)
          const due = performance.now() + 3
          while (performance.now() < due);
        }
        matrix.scoreUsers(users, out)
      },
    }
    await evaluate(observed, { split: many, on: 'test', metrics, blockSize: 10 })
    // A block that takes long on a busy machine makes the next one smaller.
    expect(matrix.calls.length).toBeGreaterThanOrEqual(30)
    expect(callsWhenTimerFired).toBeGreaterThan(0)
    expect(callsWhenTimerFired).toBeLessThan(matrix.calls.length)
  })

  it('reports progress after every block', async () => {
    const progress: unknown[] = []
    await evaluate(new MatrixRanker(rows), {
      split: many,
      on: 'test',
      metrics,
      blockSize: 10,
      onProgress: (now) => progress.push(now),
    })
    expect(progress.length).toBeGreaterThanOrEqual(30)
    expect(progress[0]).toEqual({ usersDone: 10, usersTotal: 300 })
    expect(progress.at(-1)).toEqual({ usersDone: 300, usersTotal: 300 })
  })

  it('throws the reason of a signal that is aborted before or between blocks', async () => {
    const reason = { why: 'enough' }
    const observed = new MatrixRanker(rows)
    const controller = new AbortController()
    const options = { split: many, on: 'test' as const, metrics, blockSize: 10 }
    const running = evaluate(observed, {
      ...options,
      signal: controller.signal,
      onProgress: ({ usersDone }) => {
        if (usersDone === 20) setTimeout(() => controller.abort(reason), 0)
      },
    })
    await expect(running).rejects.toBe(reason)
    expect(observed.calls.length).toBeGreaterThanOrEqual(2)
    expect(observed.calls.reduce((sum, users) => sum + users, 0)).toBeLessThan(userCount)

    const untouched = new MatrixRanker(rows)
    await expect(
      evaluate(untouched, { ...options, signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason)
    expect(untouched.calls).toEqual([])
  })
})
