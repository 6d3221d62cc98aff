import {
  type InteractionLists,
  type RankedRows,
  type Ranker,
  type Split,
  topK,
} from '@gnnrec/graph'

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

/** Finds lists by itself, and counts the users it did so for. */
export class ListRanker extends MatrixRanker {
  ranked = 0
  readonly #scores: readonly ArrayLike<number>[]

  constructor(rows: readonly ArrayLike<number>[]) {
    super(rows)
    this.#scores = rows
  }

  rankUsers(users: Int32Array, k: number, { pointers, items }: InteractionLists): RankedRows {
    this.ranked += users.length
    const lists = Array.from(users, (user) =>
      topK(
        Float32Array.from(this.#scores[user]),
        k,
        items.subarray(pointers[user], pointers[user + 1]),
      ),
    )
    const ranked = {
      k,
      items: new Int32Array(users.length * k),
      scores: new Float32Array(users.length * k),
      lengths: Int32Array.from(lists, (list) => list.items.length),
      tied: Int32Array.from(lists, (list) => list.tied),
    }
    lists.forEach((list, row) => {
      ranked.items.set(list.items, row * k)
      ranked.scores.set(list.scores, row * k)
    })
    return ranked
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
