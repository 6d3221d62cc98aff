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

/**
 * Returns the distinct indices in ascending order.
 *
 * @param count - number above all indices
 */
export function ascendingDistinct(indices: Int32Array, count: number): Int32Array {
  // Sorting takes longer than passing over a mark per index, unless there are few.
  if (indices.length * 32 < count) {
    const sorted = indices.slice().sort()
    return sorted.filter((index, place) => place === 0 || sorted[place - 1] !== index)
  }
  const marks = new Uint8Array(count)
  let distinct = 0
  for (let i = 0; i < indices.length; i++) {
    distinct += 1 - marks[indices[i]]
    marks[indices[i]] = 1
  }
  const ascending = new Int32Array(distinct)
  for (let index = 0, place = 0; place < distinct; index++) {
    if (marks[index] === 1) ascending[place++] = index
  }
  return ascending
}

/** Merges two ascending lists of distinct indices into one. */
export function union(a: Int32Array, b: Int32Array): Int32Array {
  const [few, many] = a.length < b.length ? [a, b] : [b, a]
  if (few.length === 0) return many
  const all = new Int32Array(a.length + b.length)
  let [from, size] = [0, 0]
  for (let i = 0; i < few.length; i++) {
    const place = firstNotBelow(many, few[i], from)
    all.set(many.subarray(from, place), size)
    size += place - from
    if (many[place] !== few[i]) all[size++] = few[i]
    from = place
  }
  all.set(many.subarray(from), size)
  return all.subarray(0, size + many.length - from)
}

/** Returns an ascending list without the indices of another one. */
export function without(indices: Int32Array, excluded: Int32Array): Int32Array {
  if (excluded.length === 0) return indices
  let e = 0
  return indices.filter((index) => {
    while (e < excluded.length && excluded[e] < index) e++
    return excluded[e] !== index
  })
}

/** Returns the places in an ascending list of the indices of another ascending list. */
export function placesIn(list: Int32Array, indices: Int32Array): Int32Array {
  const places = new Int32Array(indices.length)
  let [from, size] = [0, 0]
  for (let i = 0; i < indices.length; i++) {
    from = firstNotBelow(list, indices[i], from)
    if (list[from] === indices[i]) places[size++] = from
  }
  return places.subarray(0, size)
}

/** Returns the values at the given indices; `Float32Array.from` would take thirty times as long. */
export function valuesAt(values: Float32Array, indices: Int32Array): Float32Array {
  const picked = new Float32Array(indices.length)
  for (let i = 0; i < indices.length; i++) picked[i] = values[indices[i]]
  return picked
}

/** Returns the place of the first index from `from` on in an ascending list that is not below `index`. */
function firstNotBelow(list: Int32Array, index: number, from: number): number {
  let to = list.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (list[middle] < index) from = middle + 1
    else to = middle
  }
  return from
}
