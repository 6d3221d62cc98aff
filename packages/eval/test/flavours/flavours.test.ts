import { describe, expect, it } from 'vitest'
import { flavourMetrics, flavours } from '../../src/flavours/flavour.js'
import { ranksOfRelevant } from '../../src/flavours/full-ranks.js'
import { compareReports, evaluate, type Flavour, ProtocolMismatchError } from '../../src/index.js'
import { MatrixRanker } from '../support/rankers.ts'
import { referenceTopK } from '../support/reference.ts'
import { splitOf } from '../support/tiny-split.ts'

/** One user whose list is 0, 1, 2, ...; relevant are some of them. */
const judgeOne = (relevant: number[], flavour: Flavour, metrics: string[], itemCount = 30) =>
  evaluate(new MatrixRanker([Array.from({ length: itemCount }, (_, item) => -item)]), {
    split: splitOf({ itemCount, train: [[itemCount - 1]], test: [relevant] }),
    on: 'test',
    flavour,
    metrics,
  })

describe('flavours', () => {
  it('differ where they are known to', async () => {
    // features of the case: 7 relevant items, hits at ranks 1, 3 and 5.
    const relevant = [0, 2, 4, 20, 21, 22, 23]
    const values = async (flavour: Flavour, metric: string) =>
      (await judgeOne(relevant, flavour, [metric])).metrics[metric]
    expect(await values('gnnrec', 'map(min)@5')).toBeCloseTo(0.4533333, 7)
    expect(await values('pyg', 'map@5')).toBeCloseTo(0.4533333, 7)
    expect(await values('recbole', 'map@5')).toBeCloseTo(0.4533333, 7)
    expect(await values('trec_eval', 'map@5')).toBeCloseTo(0.3238095, 7)
    expect(await values('elliot', 'map@5')).toBeCloseTo(0.6533333, 7)
    expect(await values('gnnrec', 'recall@5')).toBeCloseTo(3 / 7, 12)
    expect(await values('svd-gcn', 'recall@5')).toBeCloseTo(3 / 5, 12)
    expect(await values('implicit', 'precision@5')).toBeCloseTo(3 / 5, 12)
    expect(await values('gnnrec', 'coverage@3')).toBeCloseTo(3 / 30, 12)
    expect(await values('recbole', 'coverage@3')).toBeCloseTo(3 / 31, 12)
    expect(await values('elliot', 'coverage@3')).toBe(3)
  })

  it('look at eleven ranks for svd-gcn at 10, and at no more elsewhere', async () => {
    const { metrics } = await judgeOne([10, 11], 'svd-gcn', ['recall@10', 'ndcg@10', 'recall@11'])
    expect(metrics['recall@10']).toBe(1 / 2)
    expect(metrics['ndcg@10']).toBeCloseTo(1 / Math.log2(12) / (1 + 1 / Math.log2(3)), 12)
    expect(metrics['recall@11']).toBe(1 / 2)
    expect((await judgeOne([11], 'svd-gcn', ['recall@10'])).metrics['recall@10']).toBe(0)
    // There is no eleventh place among ten items.
    expect((await judgeOne([3], 'svd-gcn', ['recall@10'], 10)).metrics['recall@10']).toBe(1)
  })

  it('pair the first 4096 users only for pyg', async () => {
    const userCount = 4100
    const split = splitOf({
      itemCount: 3,
      train: Array.from({ length: userCount }, () => [2]),
      test: Array.from({ length: userCount }, () => [0]),
    })
    // The last four users get another item than all before them.
    const rows = Array.from({ length: userCount }, (_, user) =>
      user < 4096 ? [1, 0, 0] : [0, 1, 0],
    )
    const judge = (flavour: Flavour) =>
      evaluate(new MatrixRanker(rows), {
        split,
        on: 'test',
        flavour,
        metrics: ['personalization@1'],
        perUser: false,
      })
    expect((await judge('pyg')).metrics['personalization@1']).toBe(0)
    expect((await judge('gnnrec')).metrics['personalization@1']).toBeGreaterThan(0)
  })

  it('count training rows for recbole, distinct pairs for us', async () => {
    const split = splitOf({ itemCount: 3, train: [[0, 0, 0], [1]], test: [[2], [0]] })
    const judge = async (flavour: Flavour) =>
      (
        await evaluate(
          new MatrixRanker([
            [1, 3, 2],
            [3, 1, 2],
          ]),
          {
            split,
            on: 'test',
            flavour,
            metrics: ['averagePopularity@1'],
          },
        )
      ).perUser['averagePopularity@1']
    expect([...(await judge('gnnrec'))]).toEqual([1, 1])
    expect([...(await judge('recbole'))]).toEqual([1, 3])
  })

  it('know only what their library has', async () => {
    await expect(judgeOne([1], 'trec_eval', ['coverage@3'])).rejects.toThrow(
      "unknown metric 'coverage@3'; known metrics of 'trec_eval': recall, precision, hit, ndcg, mrr, map.",
    )
    await expect(judgeOne([1], 'lightgcn', ['mrr@3'])).rejects.toThrow("unknown metric 'mrr@3'")
    await expect(judgeOne([1], 'gnnrec', ['map@3'])).rejects.toThrow("'map(min)@3'")
    await expect(judgeOne([1], 'cornac' as never, ['hit@3'])).rejects.toThrow(
      'flavour: got "cornac"',
    )
  })

  it('are never compared with each other', async () => {
    const [a, b] = [await judgeOne([1], 'gnnrec', ['hit@3']), await judgeOne([1], 'pyg', ['hit@3'])]
    expect(a.metrics).toEqual(b.metrics)
    expect(() => compareReports(a, b)).toThrow(ProtocolMismatchError)
  })

  it.each(flavours)('%s names each metric once', (flavour) => {
    const names = flavourMetrics(flavour).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('ranksOfRelevant', () => {
  it('equals the places in a full sort', () => {
    const scores = Float32Array.from({ length: 40 }, (_, item) => (item * 7919) % 6)
    const [relevant, masked] = [
      [2, 9, 17, 25, 39],
      [5, 9, 30],
    ]
    const order = referenceTopK(scores, 40, masked)
    const ranking = { user: 0, masked: Int32Array.from(masked), scores, candidates: undefined }
    const expected = (among: number[]) =>
      relevant
        .map((item) => among.indexOf(item))
        .filter((rank) => rank >= 0)
        .sort((a, b) => a - b)
    expect(ranksOfRelevant(relevant, ranking)).toEqual(expected(order))
    const candidates = Int32Array.from([1, 2, 3, 17, 18, 39])
    expect(ranksOfRelevant(relevant, { ...ranking, candidates })).toEqual(
      expected(order.filter((item) => candidates.includes(item))),
    )
  })
})
