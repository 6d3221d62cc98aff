import { expect, it } from 'vitest'
import * as data from '../src/index.js'

it('exports what the documentation lists', () => {
  expect(Object.keys(data).sort()).toEqual([
    'DatasetMismatchError',
    'DatasetNotFoundError',
    'FileFormatError',
    'FileReadError',
    'describeTable',
    'dropDuplicates',
    'filterMinInteractions',
    'filterRating',
    'leaveLastOut',
    'loadBookCrossing',
    'loadGowalla',
    'loadMovieLens',
    'loadMovieTweetings',
    'randomSplit',
    'readCsv',
    'readLightGcnLines',
    'temporalSplit',
  ])
})
