import { createSplit, IdMap, type InteractionTable, type Split } from '@gnnrec/graph'

/** Item indices per user, in any order and with repetition. */
export type ItemLists = readonly (readonly number[])[]

/** A split whose ids are `u0, u1, ...` and the item indices themselves. */
export function splitOf(parts: {
  itemCount: number
  train: ItemLists
  validation?: ItemLists
  test?: ItemLists
}): Split<string, number> {
  const users = IdMap.from(parts.train.map((_, user) => `u${String(user).padStart(4, '0')}`))
  const items = IdMap.from(Array.from({ length: parts.itemCount }, (_, item) => item))
  const table = (lists: ItemLists): InteractionTable<string, number> => ({
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
