import { createSplit, type InteractionTable, Rng, type Split, selectRows } from '@gnnrec/graph'

/** A split without the training rows of some users, and these users. */
export interface WithoutUsers {
  readonly split: Split
  /** Indices of the users, ascending. */
  readonly users: Int32Array
}

/** Takes a share of the users out of training and validation; the ids of the split stay. */
export function withoutUsers(split: Split, share: number, seed: number): WithoutUsers {
  const userCount = split.train.users.size
  const rng = Rng.fromSeed(seed).fork('held-out users')
  const drawn = new Set<number>()
  while (drawn.size < Math.round(share * userCount)) drawn.add(rng.integer(userCount))
  const without = (table: InteractionTable): InteractionTable => {
    const rows = Array.from(table.userIndex.keys())
    return selectRows(
      table,
      rows.filter((row) => !drawn.has(table.userIndex[row])),
    )
  }
  return {
    split: createSplit({
      train: without(split.train),
      validation: without(split.validation),
      test: split.test,
      method: { name: 'without users', settings: { share, seed } },
    }),
    users: Int32Array.from(drawn).sort(),
  }
}
