import { fromRecords, rowCount, type Split } from '@gnnrec/graph'
import { expect, it } from 'vitest'
import { temporalSplit, withValidationInTrain } from '../../src/index.js'

it('joins validation to train with all columns and leaves the test part as it is', () => {
  const split = temporalSplit(
    fromRecords(
      Array.from({ length: 40 }, (_, row) => ({
        user: `user ${row % 4}`,
        item: row % 7,
        rating: (row % 5) + 1,
        timestamp: row,
        weight: row + 0.5,
      })),
    ),
  )
  const joined = withValidationInTrain(split)
  const rows = ({ userIndex, itemIndex, rating, timestamp, weight }: Split['train']) =>
    Array.from(userIndex, (user, row) =>
      [user, itemIndex[row], rating?.[row], timestamp?.[row], weight?.[row]].join(' '),
    )
  expect(rows(joined.train)).toEqual([...rows(split.train), ...rows(split.validation)])
  expect(rowCount(joined.train)).toBe(32)
  expect(rowCount(joined.validation)).toBe(0)
  expect(joined.test).toBe(split.test)
  expect(joined.hash).not.toBe(split.hash)
})
