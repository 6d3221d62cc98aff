import { type Id, type IdMap, InvalidOptionsError } from '@gnnrec/graph'

/**
 * Returns the length of a list: k, or at most 10 when k is not given.
 *
 * @param owner - the method that was called, for the error
 * @param what - `'users'` or `'items'`, for the error
 * @throws InvalidOptionsError when k is not an integer in 1..count
 */
export function listLength(
  owner: string,
  k: number | undefined,
  count: number,
  what: string,
): number {
  if (k === undefined) return Math.min(10, count)
  if (Number.isInteger(k) && k >= 1 && k <= count) return k
  throw new InvalidOptionsError(
    `Invalid options for ${owner}:\n  - k: got ${k}; expected an integer in 1..${count} (the number of ${what}).`,
  )
}

/**
 * Looks up the indices of ids, in their order.
 *
 * @throws UnknownIdError for an unknown id, unless it is to be skipped and has the map's type
 */
export function knownIndices(
  map: IdMap,
  ids: readonly Id[],
  unknownIds: 'error' | 'skip',
): Int32Array {
  const indices = new Int32Array(ids.length)
  let known = 0
  for (const id of ids) {
    const skipped = unknownIds === 'skip' && typeof id === map.type && !map.has(id)
    if (!skipped) indices[known++] = map.indexOf(id)
  }
  return indices.subarray(0, known)
}

/** Returns the distinct indices in ascending order. */
export function ascendingDistinct(indices: Int32Array): Int32Array {
  return Int32Array.from(new Set(indices)).sort()
}

/**
 * Returns the places of two ascending lists of items among the candidates, ascending and distinct.
 * Without candidates an item's place is its index.
 */
export function excludedPositions(
  seen: Int32Array,
  excluded: Int32Array,
  candidates: Int32Array | undefined,
): Int32Array {
  if (excluded.length === 0 && !candidates) return seen
  const all = new Int32Array(seen.length + excluded.length)
  all.set(seen)
  all.set(excluded, seen.length)
  const items = ascendingDistinct(all)
  if (!candidates) return items
  const positions: number[] = []
  let place = 0
  for (const item of items) {
    while (place < candidates.length && candidates[place] < item) place++
    if (candidates[place] === item) positions.push(place)
  }
  return Int32Array.from(positions)
}
