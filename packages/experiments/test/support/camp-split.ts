import { randomSplit } from '@gnnrec/data'
import { fromRecords, Rng, rowCount, type Split, splitRows } from '@gnnrec/graph'

/** Makes a split of users and items in four camps; users mostly meet items of their own camp. */
export function campSplit(): Split<number, string> {
  const rng = Rng.fromSeed(11)
  const records = Array.from({ length: 1500 }, () => {
    const user = rng.integer(60)
    const camp = rng.uniform() < 0.85 ? user % 4 : rng.integer(4)
    return { user, item: `item ${4 * rng.integer(15) + camp}` }
  })
  const distinct = [...new Map(records.map((each) => [`${each.user} ${each.item}`, each])).values()]
  return randomSplit(fromRecords(distinct), { ratios: [0.6, 0.2, 0.2], seed: 3 })
}

/** Makes a split with the same rows for training and validation, and with other rows for the test. */
export function withOtherTest({
  train,
  validation,
  test,
}: typeof campSplitType): Split<number, string> {
  const parts = [train, validation, test]
  const rows = parts.flatMap((part, place) =>
    Array.from(part.userIndex, (user, row) => ({
      user: part.users.idOf(user),
      // The users of the test part meet one item each.
      item: part.items.idOf(place === 2 ? 0 : part.itemIndex[row]),
    })),
  )
  const table = fromRecords(rows)
  const ends = [rowCount(train), rowCount(train) + rowCount(validation), rows.length]
  const range = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) => from + at)
  return splitRows(
    table,
    {
      train: range(0, ends[0]),
      validation: range(ends[0], ends[1]),
      test: range(ends[1], ends[2]),
    },
    { name: 'made up' },
  ) as Split<number, string>
}

declare const campSplitType: ReturnType<typeof campSplit>
