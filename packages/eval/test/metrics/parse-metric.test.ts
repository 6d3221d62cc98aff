import { InvalidOptionsError } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import { parseMetric } from '../../src/index.js'

describe('parseMetric', () => {
  it.each(['recall', 'ndcg', 'precision', 'hit', 'mrr', 'coverage'])('knows %s', (name) => {
    const { metric, k } = parseMetric(`${name}@20`)
    expect(metric.name).toBe(name)
    expect(metric.kind).toBe(name === 'coverage' ? 'lists' : 'user')
    expect(k).toBe(20)
  })

  it('answers an unknown name with the nearest one', () => {
    expect(() => parseMetric('recal@20')).toThrow(InvalidOptionsError)
    expect(() => parseMetric('recal@20')).toThrow("(did you mean 'recall@20'?)")
    expect(() => parseMetric('NDCG@10')).toThrow("(did you mean 'ndcg@10'?)")
    expect(() => parseMetric('somethingElse@5')).toThrow(
      "unknown metric 'somethingElse@5'; known metrics: recall, ndcg, precision, hit, mrr, coverage",
    )
  })

  it.each([
    'recall@0',
    'recall',
    'recall@',
    '@20',
    'recall@-1',
    'recall@2.5',
    'recall@020',
    'recall@20@10',
    'recall@99999999999999999999',
    '',
  ])("rejects '%s'", (text) => {
    expect(() => parseMetric(text)).toThrow(
      `got '${text}'; expected NAME@K with an integer K of at least 1`,
    )
  })
})
