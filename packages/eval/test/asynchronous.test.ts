import { fromRecords, splitRows } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import { evaluate } from '../src/index.js'

const table = fromRecords([
  { user: 'ann', item: 'tea' },
  { user: 'bob', item: 'jam' },
  { user: 'ann', item: 'jam' },
])
const split = splitRows(table, { train: [0, 1], validation: [], test: [2] }, { name: 'shop' })
const ranker = {
  userCount: 2,
  itemCount: 2,
  scoreUsers: (_users: Int32Array, out: Float32Array) => void out.set([1, 2]),
}
const options = { split, on: 'test', metrics: ['recall@1'] } as const
const problem = new Error('The dashboard is away.')
const fail = async () => {
  await new Promise((resolve) => setTimeout(resolve, 1))
  throw problem
}

describe('evaluate', () => {
  it('waits for an asynchronous onProgress, and ends with its error', async () => {
    let isOver = false
    const onProgress = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      isOver = true
    }
    await evaluate(ranker, { ...options, onProgress })
    expect(isOver).toBe(true)
    await expect(evaluate(ranker, { ...options, onProgress: fail })).rejects.toMatchObject({
      code: 'CALLBACK',
      cause: problem,
    })
  })

  it('refuses a ranker or a metric that is asynchronous', async () => {
    const refused = { code: 'INVALID_OPTIONS', message: expect.stringContaining('asynchronous') }
    const slow = { ...ranker, scoreUsers: fail as never }
    await expect(evaluate(slow, options)).rejects.toMatchObject(refused)
    const lists = { ...ranker, rankUsers: fail as never }
    await expect(evaluate(lists, options)).rejects.toMatchObject(refused)
    const traits = { kind: 'user', name: 'own', denominator: 'one' } as const
    for (const create of [() => fail as never, fail as never]) {
      const metrics = [{ metric: { ...traits, create }, k: 1 }]
      await expect(evaluate(ranker, { ...options, metrics })).rejects.toMatchObject(refused)
    }
  })
})
