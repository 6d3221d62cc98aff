import { describe, expect, it } from 'vitest'
import { type Candidate, candidate } from '../src/trials/candidate.js'
import { grid, runSearch, search } from '../src/trials/search.js'

const start = candidate(
  'light-gcn',
  { layers: 3 },
  { epochs: 1, batchSize: 1, learningRate: 1, sampling: 'user-uniform' },
)

function judgeBy(value: (candidate: Candidate) => number) {
  const judged: Candidate[] = []
  return {
    judged,
    judge: async (each: Candidate) => {
      judged.push(each)
      return { candidate: each, value: value(each) }
    },
  }
}

describe('grid', () => {
  it('combines all values', () => {
    expect(grid({ a: [1, 2], b: ['x', 'y'] })).toEqual([
      { a: 1, b: 'x' },
      { a: 1, b: 'y' },
      { a: 2, b: 'x' },
      { a: 2, b: 'y' },
    ])
  })
})

describe('runSearch', () => {
  it('changes the best so far, stage by stage, and tries nothing twice', async () => {
    const stages = search(
      start,
      grid({ learningRate: [0.1, 0.2], l2Weight: [1, 2] }),
      grid({ layers: [2, 3], l2Weight: [1, 2] }),
    )
    const { judge, judged } = judgeBy(
      ({ options, training }) =>
        training.learningRate * 10 +
        (options['layers'] === 2 ? 5 : 0) +
        Number(options['l2Weight']),
    )
    const { best, tried } = await runSearch(stages, judge)
    expect(best.candidate.options).toEqual({ layers: 2, l2Weight: 2 })
    expect(best.candidate.training).toEqual({ ...start.training, learningRate: 0.2 })
    expect(tried).toBe(6)
    expect(judged.slice(4).map(({ training }) => training.learningRate)).toEqual([0.2, 0.2])
  })

  it('keeps the first of equal candidates', async () => {
    const { judge } = judgeBy(() => 1)
    const { best } = await runSearch(search(start, grid({ layers: [1, 2] })), judge)
    expect(best.candidate.options).toEqual({ layers: 1 })
  })
})
