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
      "unknown metric 'somethingElse@5'; known metrics: auc, averagePopularity, coverage, entropy",
    )
  })

  it.each([
    'f1@5',
    'recallCapped@5',
    'map(min)@5',
    'map(rel)@5',
    'pooledRecall@5',
    'gini@5',
    'entropy@5',
    'entropy(nats)@5',
    'entropy(normalized)@5',
    'averagePopularity@5',
    'popularityLift@5',
    'novelty@5',
    'novelty(users)@5',
    'tailShare@5',
    'personalization@5',
    'intraListDiversity@5',
    'serendipity@5',
  ])('knows %s', (text) => {
    const { metric, k } = parseMetric(text)
    expect(`${metric.name}@${k}`).toBe(text)
  })

  it('reads metrics over whole rankings by their names alone', () => {
    for (const name of ['auc', 'gauc']) {
      const { metric, k } = parseMetric(name)
      expect([metric.name, metric.hasCutoff, k]).toEqual([name, false, undefined])
      expect(() => parseMetric(`${name}@10`)).toThrow(`ask for '${name}'`)
    }
  })

  it('asks which definition is meant where there are several', () => {
    expect(() => parseMetric('map@10')).toThrow("ask for 'map(min)@10' or 'map(rel)@10'")
    expect(() => parseMetric('averagepopularity@10')).toThrow(
      "(did you mean 'averagePopularity@10'?)",
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
