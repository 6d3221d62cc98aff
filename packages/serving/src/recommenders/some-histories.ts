import type { InteractionLists } from '@gnnrec/graph'

/** Returns the histories from one place to before another. */
export function someHistories(
  { pointers, items, weights }: InteractionLists,
  first: number,
  last: number,
): InteractionLists {
  const [start, end] = [pointers[first], pointers[last]]
  return {
    pointers: pointers.subarray(first, last + 1).map((pointer) => pointer - start),
    items: items.subarray(start, end),
    ...(weights && { weights: weights.subarray(start, end) }),
  }
}
