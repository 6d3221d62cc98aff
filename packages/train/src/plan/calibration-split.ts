import { createSplit, IdMap, type InteractionTable, Rng, type Split } from '@gnnrec/graph'

/** How large a graph is. */
export interface GraphCounts {
  /** Number of users, an integer >= 1. */
  readonly users: number
  /** Number of items, an integer >= 2. */
  readonly items: number
  /** Distinct (user, item) pairs, an integer >= 1. */
  readonly edges: number
}

/** Users who have something in the validation part. */
const VALIDATED_USERS = 128

/** A split of about these counts; some items are had more often than others. */
export function calibrationSplit({ users, items, edges }: GraphCounts): Split<number, number> {
  const rng = Rng.fromSeed('plan')
  // The first row of each user; one item is left for the validation part.
  const most = users * (items - 1)
  const firstRow = (user: number) => Math.floor((user * Math.min(edges, most)) / users)
  const validated = Math.min(users, VALIDATED_USERS)
  const maps = { users: indexMap(users), items: indexMap(items) }
  const train = columns(firstRow(users))
  const validation = columns(validated)
  // The last user who drew the item.
  const drawnBy = new Int32Array(items).fill(-1)
  for (let user = 0; user < users; user++) {
    const degree = firstRow(user + 1) - firstRow(user)
    const wanted = degree + (user < validated ? 1 : 0)
    for (let drawn = 0; drawn < wanted; ) {
      const item = Math.floor(items * rng.uniform() ** 1.5)
      if (drawnBy[item] === user) continue
      drawnBy[item] = user
      const isTrain = drawn < degree
      const part = isTrain ? train : validation
      const row = isTrain ? firstRow(user) + drawn : user
      part.userIndex[row] = user
      part.itemIndex[row] = item
      drawn++
    }
  }
  const table = (part: ReturnType<typeof columns>): InteractionTable<number, number> => ({
    ...maps,
    ...part,
  })
  return createSplit({
    ...{ train: table(train), validation: table(validation), test: table(columns(0)) },
    method: { name: 'calibration' },
  })
}

function columns(rows: number) {
  return { userIndex: new Int32Array(rows), itemIndex: new Int32Array(rows) }
}

function indexMap(count: number): IdMap<number> {
  return IdMap.from(Array.from({ length: count }, (_, index) => index))
}
