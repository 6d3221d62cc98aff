import { type InteractionTable, rowCount, type Split } from '@gnnrec/graph'

/** The facts about the split of a data set that decide what an experiment can do with it. */
export interface DatasetFacts {
  /** Hash of the split. */
  readonly splitHash: string
  /** Number of users. */
  readonly users: number
  /** Number of items. */
  readonly items: number
  /** Number of rows of each part. */
  readonly rows: Readonly<Record<'train' | 'validation' | 'test', number>>
  /** True when the validation part has the rows of the test part. */
  readonly validatesOnTest: boolean
  /** Warnings of what the training part holds, which the process of the run gives. */
  readonly warnings: readonly string[]
}

/** Returns the facts about a split. */
export function factsOf(split: Split, warnings: readonly string[]): DatasetFacts {
  const { hash, train, validation, test } = split
  return {
    splitHash: hash,
    users: train.users.size,
    items: train.items.size,
    rows: { train: rowCount(train), validation: rowCount(validation), test: rowCount(test) },
    validatesOnTest: isSame(validation, test),
    warnings,
  }
}

function isSame(a: InteractionTable, b: InteractionTable): boolean {
  return (
    rowCount(a) === rowCount(b) &&
    rowCount(a) > 0 &&
    a.userIndex.every(
      (user, row) => user === b.userIndex[row] && a.itemIndex[row] === b.itemIndex[row],
    )
  )
}
