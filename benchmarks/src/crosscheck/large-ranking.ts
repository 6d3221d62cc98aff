import { createSplit, IdMap, type InteractionTable, Rng, type Split } from '@gnnrec/graph'

/** A ranking in a form that other libraries can read. */
export interface LargeRanking {
  readonly split: Split<number, number>
  /** Scores of all items, one row a user. */
  readonly scores: Float32Array
  readonly userCount: number
  readonly itemCount: number
  readonly train: number[][]
  readonly relevant: number[][]
}

/**
 * Makes random scores with many ties. Every tenth user has no relevant items; every fifteenth has
 * nearly all items in the training part, so that the list is short.
 */
export function largeRanking(userCount: number, itemCount: number, seed: number): LargeRanking {
  const rng = Rng.fromSeed(seed).fork('crosscheck')
  const train: number[][] = []
  const relevant: number[][] = []
  for (let user = 0; user < userCount; user++) {
    const order = shuffled(itemCount, rng)
    const had = user % 15 === 4 ? itemCount - 4 - rng.integer(20) : 1 + rng.integer(60)
    const wanted = user % 10 === 3 ? 0 : 1 + rng.integer(Math.min(60, itemCount - had - 1))
    train.push(order.slice(0, had))
    relevant.push(order.slice(had, had + wanted))
  }
  const scores = new Float32Array(userCount * itemCount)
  for (let place = 0; place < scores.length; place++) {
    scores[place] = Math.floor(40 * rng.normal()) / 8
  }
  for (let user = 0; user < userCount; user++) {
    for (const item of relevant[user]) scores[user * itemCount + item] += 5
  }
  const ids = (count: number) => IdMap.from(Array.from({ length: count }, (_, id) => id))
  const [users, items] = [ids(userCount), ids(itemCount)]
  const table = (lists: readonly number[][]): InteractionTable<number, number> => ({
    users,
    items,
    userIndex: Int32Array.from(lists.flatMap((own, user) => own.map(() => user))),
    itemIndex: Int32Array.from(lists.flat()),
  })
  const split = createSplit({
    train: table(train),
    validation: table([]),
    test: table(relevant),
    method: { name: 'given' },
  })
  return { split, scores, userCount, itemCount, train, relevant }
}

function shuffled(count: number, rng: Rng): number[] {
  const order = Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const j = rng.integer(i + 1)
    ;[order[i], order[j]] = [order[j], order[i]]
  }
  return order
}
