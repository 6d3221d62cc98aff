import { createSplit, IdMap, type InteractionTable, Rng, type Split } from '@gnnrec/graph'

/** Item indices per user. */
export type ItemLists = readonly (readonly number[])[]

/** A split whose ids are the indices. */
export function splitOf(parts: {
  itemCount: number
  train: ItemLists
  validation?: ItemLists
  test?: ItemLists
}): Split<number, number> {
  const range = (size: number) => IdMap.from(Array.from({ length: size }, (_, i) => i))
  const users = range(parts.train.length)
  const items = range(parts.itemCount)
  const table = (lists: ItemLists): InteractionTable<number, number> => ({
    users,
    items,
    userIndex: Int32Array.from(lists.flatMap((list, user) => list.map(() => user))),
    itemIndex: Int32Array.from(lists.flat()),
  })
  return createSplit({
    train: table(parts.train),
    validation: table(parts.validation ?? []),
    test: table(parts.test ?? []),
    method: { name: 'given' },
  })
}

/** Users and items in blocks; each user has every item of the block in train. */
export function fullBlocks(blocks: number, size: number): Split<number, number> {
  const train = Array.from({ length: blocks * size }, (_, user) =>
    Array.from({ length: size }, (_, i) => Math.floor(user / size) * size + i),
  )
  return splitOf({ itemCount: blocks * size, train })
}

/**
 * Two blocks of users and items: a user meets items of the own block with a high probability and
 * others with a low one; a quarter of what the user met goes to validation and a quarter to test.
 */
export function plantedBlocks(
  seed: number,
  size = 40,
  { coldUsers = 0 } = {},
): Split<number, number> {
  const rng = Rng.fromSeed(seed)
  const train: number[][] = []
  const validation: number[][] = []
  const test: number[][] = []
  for (let user = 0; user < 2 * size; user++) {
    const parts: number[][] = [[], [], []]
    for (let item = 0; item < 2 * size; item++) {
      const isOwn = user < size === item < size
      if (rng.uniform() < (isOwn ? 0.3 : 0.02)) parts[[0, 0, 1, 2][rng.integer(4)]].push(item)
    }
    train.push(user < coldUsers ? [] : parts[0])
    validation.push(parts[1])
    test.push(parts[2])
  }
  return splitOf({ itemCount: 2 * size, train, validation, test })
}

/** A random graph; each user's last item is for validation. */
export function randomSplit(options: {
  seed: number
  users: number
  items: number
  perUser: number
}): Split<number, number> {
  const { seed, users, items, perUser } = options
  const rng = Rng.fromSeed(seed)
  const lists = Array.from({ length: users }, () => {
    const list = new Set<number>()
    while (list.size <= perUser) list.add(rng.integer(items))
    return [...list]
  })
  return splitOf({
    itemCount: items,
    train: lists.map((list) => list.slice(1)),
    validation: lists.map((list) => list.slice(0, 1)),
  })
}
