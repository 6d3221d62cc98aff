import type { InteractionLists } from '@gnnrec/graph'

/** Size of a generated graph. */
export interface GeneratedSize {
  readonly users: number
  readonly items: number
  readonly perUser: number
}

/**
 * Generates the same number of distinct items for each user, ascending and spread over all items.
 * Low items are more popular: the items are cut into `perUser` parts of growing width, and the j-th
 * item of a user is drawn from the j-th part.
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
      // xorshift32: many cheap draws matter more here than their quality.
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

/** Counts the users of each item. */
export function itemDegrees({ items }: InteractionLists, count: number): Int32Array {
  const degrees = new Int32Array(count)
  for (let place = 0; place < items.length; place++) degrees[items[place]]++
  return degrees
}
