import { IdMap, type InteractionTable, Rng } from '@gnnrec/graph'

/** Mean degrees of users and items, as in data like MovieLens with many items. */
const edgesPerUser = 60
const edgesPerItem = 80
/** Standard deviation of ln(degree) over users. */
const userDeviation = 1
/** Largest share of all items that one user can have. */
const mostItems = 0.25
/**
 * Exponent and shift of the popularity of items: the item of rank r is drawn in proportion to (r +
 * shift)^-exponent.
 */
const itemExponent = 0.75
const itemShift = 10
/** Number of interactions of a judged user for each one that is held out. */
const heldOutEvery = 5

interface GeneratedInteractions {
  readonly train: InteractionTable<number, number>
  /** Held-out interactions of `judgedUsers` users, who are spread over all users. */
  readonly test: InteractionTable<number, number>
}

/**
 * Generates about `edges` distinct pairs, train and test together. Degrees of users are lognormal;
 * items are drawn by a power law of a rank that is independent of their index. Unless the numbers of
 * nodes are given, they grow in proportion to the edges.
 */
export function generateInteractions(options: {
  readonly edges: number
  readonly users?: number
  readonly items?: number
  readonly judgedUsers: number
  readonly seed: number
}): GeneratedInteractions {
  const { edges, judgedUsers, seed } = options
  const rng = Rng.fromSeed(seed).fork('scale')
  const userCount = options.users ?? Math.ceil(edges / edgesPerUser)
  const itemCount = options.items ?? Math.ceil(edges / edgesPerItem)
  const degrees = userDegrees(edges, userCount, Math.floor(mostItems * itemCount), rng)
  const total = degrees.reduce((sum, degree) => sum + degree, 0)
  const drawItem = itemDraws(itemCount, rng)

  const judgedEvery = Math.max(1, Math.floor(userCount / judgedUsers))
  const columns = { train: new PairColumns(total), test: new PairColumns(total) }
  // The last user who drew each item.
  const drawnBy = new Int32Array(itemCount).fill(-1)
  for (let user = 0; user < userCount; user++) {
    const isJudged = user % judgedEvery === 0 && user / judgedEvery < judgedUsers
    for (let drawn = 0; drawn < degrees[user]; ) {
      const item = drawItem()
      if (drawnBy[item] === user) continue
      drawnBy[item] = user
      drawn++
      columns[isJudged && drawn % heldOutEvery === 0 ? 'test' : 'train'].add(user, item)
    }
  }
  const maps = { users: indexMap(userCount), items: indexMap(itemCount) }
  return {
    train: { ...maps, ...columns.train.filled() },
    test: { ...maps, ...columns.test.filled() },
  }
}

class PairColumns {
  #length = 0
  readonly #users: Int32Array
  readonly #items: Int32Array

  constructor(capacity: number) {
    this.#users = new Int32Array(capacity)
    this.#items = new Int32Array(capacity)
  }

  add(user: number, item: number): void {
    this.#users[this.#length] = user
    this.#items[this.#length] = item
    this.#length++
  }

  filled(): { userIndex: Int32Array; itemIndex: Int32Array } {
    return {
      userIndex: this.#users.slice(0, this.#length),
      itemIndex: this.#items.slice(0, this.#length),
    }
  }
}

function userDegrees(edges: number, userCount: number, most: number, rng: Rng): Int32Array {
  const wishes = Float64Array.from({ length: userCount }, () =>
    Math.exp(userDeviation * rng.normal()),
  )
  const scale = edges / wishes.reduce((sum, wish) => sum + wish, 0)
  return Int32Array.from(wishes, (wish) => Math.max(1, Math.min(most, Math.round(scale * wish))))
}

/** Draws a rank by the inverse of the distribution, as if ranks were continuous. */
function itemDraws(itemCount: number, rng: Rng): () => number {
  const order = Int32Array.from({ length: itemCount }, (_, item) => item)
  for (let last = itemCount - 1; last > 0; last--) {
    const other = rng.integer(last + 1)
    const item = order[last]
    order[last] = order[other]
    order[other] = item
  }
  const power = 1 - itemExponent
  const low = itemShift ** power
  const range = (itemCount + itemShift) ** power - low
  return () => {
    const rank = Math.floor((low + range * rng.uniform()) ** (1 / power) - itemShift)
    return order[Math.min(rank, itemCount - 1)]
  }
}

function indexMap(count: number): IdMap<number> {
  return IdMap.from(Array.from({ length: count }, (_, index) => index))
}
