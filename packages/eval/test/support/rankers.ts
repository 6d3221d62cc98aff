import type { Ranker, Split } from '@gnnrec/graph'

/** Answers with the rows of a score matrix and remembers how many users each call asked for. */
export class MatrixRanker implements Ranker {
  readonly userCount: number
  readonly itemCount: number
  readonly calls: number[] = []
  readonly #rows: readonly ArrayLike<number>[]

  constructor(rows: readonly ArrayLike<number>[]) {
    this.#rows = rows
    this.userCount = rows.length
    this.itemCount = rows[0].length
  }

  scoreUsers(users: Int32Array, out: Float32Array): void {
    this.calls.push(users.length)
    for (let r = 0; r < users.length; r++) out.set(this.#rows[users[r]], r * this.itemCount)
  }
}

/** Scores every item by its number of train interactions, the same for all users. */
export function popularityRanker({ train }: Split): Ranker {
  const counts = new Float32Array(train.items.size)
  for (const item of train.itemIndex) counts[item]++
  return {
    userCount: train.users.size,
    itemCount: train.items.size,
    scoreUsers(users, out) {
      for (let r = 0; r < users.length; r++) out.set(counts, r * counts.length)
    },
  }
}
