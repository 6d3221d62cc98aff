import { expect, it } from 'vitest'
import { memberAt, metricFamilies, metricName } from '../../src/study/metric-name.js'

it('splits names at their cut-off', () => {
  expect(metricName('map(min)@20')).toEqual({ name: 'map(min)@20', family: 'map(min)', k: 20 })
  expect(metricName('auc')).toEqual({ name: 'auc', family: 'auc', k: undefined })
  expect(metricName('own@best')).toEqual({ name: 'own@best', family: 'own@best', k: undefined })
})

it('groups by definition, cut-offs ascending', () => {
  const families = metricFamilies(['ndcg@20', 'auc', 'ndcg@5', 'ndcg@20'])
  expect([...families.keys()]).toEqual(['ndcg', 'auc'])
  const members = families.get('ndcg')!
  expect(members.map(({ k }) => k)).toEqual([5, 20])
  expect(memberAt(members, 5).name).toBe('ndcg@5')
  expect(memberAt(members, 7).name).toBe('ndcg@20')
})
