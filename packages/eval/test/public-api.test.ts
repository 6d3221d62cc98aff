import { expect, it } from 'vitest'
import * as api from '../src/index.js'

it('exports exactly these values', () => {
  expect(Object.keys(api).sort()).toEqual([
    'EmptySplitError',
    'coverageAtK',
    'evaluate',
    'hitAtK',
    'mrrAtK',
    'ndcgAtK',
    'parseMetric',
    'precisionAtK',
    'recallAtK',
  ])
})
