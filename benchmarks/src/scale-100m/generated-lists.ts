import type { InteractionLists } from '@gnnrec/graph'

/** What a generated graph has. */
export interface GeneratedSize {
  readonly users: number
  readonly items: number
  readonly perUser: number
}

/**
 * Users with as many distinct items each, ascending, from all over the items, of which the low ones are more
 * popular: the j-th falls on a random place of the j-th of `perUser` parts, whose widths grow.
 */
export function generatedLists(
  { users, items, perUser }: GeneratedSize,
  seed: number,
): InteractionLists {
  const pointers = Int32Array.from({ length: users + 1 }, (_, user) => user * perUser)
  const all = new Int32Array(users * perUser)
  let state = (seed * 2654435761 + 1) >>> 0
  for (let user = 0; user < users; user++) {
    let least = 0
    for (let j = 0; j < perUser; j++) {
      // xorshift32: draws need to be many and cheap here, not good.
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      const place = (j + (state >>> 0) / 2 ** 32) / perUser
      const item = Math.min(Math.max(Math.floor(items * place ** 1.5), least), items - perUser + j)
      all[user * perUser + j] = item
      least = item + 1
    }
  }
  return { pointers, items: all }
}

/** How many users each item has. */
export function itemDegrees({ items }: InteractionLists, count: number): Int32Array {
  const degrees = new Int32Array(count)
  for (let place = 0; place < items.length; place++) degrees[items[place]]++
  return degrees
}
