import { rowCount } from '@gnnrec/graph'
import { expect, it } from 'vitest'
import { loadMovieData, withValidationInTrain } from '../src/movie-data.js'

it('joins validation to train and leaves the test part as it is', async () => {
  const { split } = await loadMovieData('movietweetings')
  const joined = withValidationInTrain(split)
  const pairs = ({ userIndex, itemIndex }: typeof split.train) =>
    Array.from(userIndex, (user, row) => `${user} ${itemIndex[row]}`)
  expect(pairs(joined.train)).toEqual([...pairs(split.train), ...pairs(split.validation)])
  expect(joined.train.rating).toHaveLength(rowCount(joined.train))
  expect(rowCount(joined.validation)).toBe(0)
  expect(joined.test).toBe(split.test)
  expect(joined.hash).not.toBe(split.hash)
})
