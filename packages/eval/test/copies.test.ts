import { fromRecords, splitRows } from '@gnnrec/graph'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { EvaluationReport } from '../src/evaluation-report.js'
import * as first from '../src/index.js'
import { graphOf } from './support/graphs.js'

afterEach(() => vi.resetModules())

describe('two copies of the package', () => {
  it('know reports of each other', async () => {
    vi.resetModules()
    const second: typeof first = await import('../src/index.js')
    expect(second.evaluateLists).not.toBe(first.evaluateLists)
    const table = fromRecords([
      { user: 'ann', item: 'Alien' },
      { user: 'ann', item: 'Brazil' },
      { user: 'bob', item: 'Brazil' },
      { user: 'bob', item: 'Alien' },
    ])
    const split = splitRows(
      table,
      { train: [0, 2], validation: [1, 3], test: [] },
      { name: 'given' },
    )
    const lists = [
      { user: 'ann', items: ['Brazil'] },
      { user: 'bob', items: ['Alien'] },
    ]
    const options = { split, on: 'validation', metrics: ['recall@1'] } as const
    const report = second.evaluateLists(lists, options)
    expect(report.constructor).not.toBe(EvaluationReport)
    expect(report).toBeInstanceOf(EvaluationReport)
    expect(report.toJSON()).not.toBeInstanceOf(EvaluationReport)
    expect(first.compareReports(report, report).metrics['recall@1'].difference).toBe(0)

    const tensor = () => ({
      shape: [2, 2],
      data: async () => Float32Array.of(1, 0, 0, 1),
      dispose() {},
    })
    const model = {
      graph: graphOf(2, 2, [
        [0, 0],
        [1, 1],
      ]),
      layerOutputs: () => [{ users: tensor(), items: tensor() }],
    }
    const { depth } = await first.depthAdvice(model, {
      trials: [{ depth: 0, report }],
      metric: 'recall@1',
    })
    expect(depth).toBe(0)
  })
})
