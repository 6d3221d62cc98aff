import type { InteractionLists } from '@gnnrec/graph'

/** Turns lists of each user's items into lists of each item's users, ascending. */
export function transposedLists(
  { pointers, items }: InteractionLists,
  itemCount: number,
): InteractionLists {
  const itemPointers = new Int32Array(itemCount + 1)
  for (let place = 0; place < items.length; place++) itemPointers[items[place] + 1]++
  for (let item = 0; item < itemCount; item++) itemPointers[item + 1] += itemPointers[item]
  const next = itemPointers.slice(0, itemCount)
  const users = new Int32Array(items.length)
  for (let user = 0; user + 1 < pointers.length; user++) {
    for (let place = pointers[user]; place < pointers[user + 1]; place++) {
      users[next[items[place]]++] = user
    }
  }
  return { pointers: itemPointers, items: users }
}

/** Computes the lengths of lists. */
export function rowLengths({ pointers }: InteractionLists): Int32Array {
  const lengths = new Int32Array(pointers.length - 1)
  for (let row = 0; row < lengths.length; row++) lengths[row] = pointers[row + 1] - pointers[row]
  return lengths
}
