import type { Batch } from '@gnnrec/graph'
import type { NodeIndices } from '../propagation/node-tables.js'

/** The distinct nodes of a batch; `others` are further items that the loss looks at. */
export interface BatchNodes {
  /** Indices of the nodes, ascending. */
  readonly rows: NodeIndices
  /** Places of the nodes of each sample among the rows. */
  readonly places: Readonly<Record<'users' | 'positives' | 'negatives' | 'others', Int32Array>>
}

/**
 * Collects the distinct nodes of a batch.
 *
 * @param negatives - negatives that the loss looks at
 * @param others - further items that the loss looks at
 */
export function batchNodes(
  { users, positives }: Batch,
  negatives: Int32Array,
  others: Int32Array,
): BatchNodes {
  const ends = [positives.length, positives.length + negatives.length]
  const all = new Int32Array(ends[1] + others.length)
  all.set(positives)
  all.set(negatives, ends[0])
  all.set(others, ends[1])
  const user = distinct(users)
  const item = distinct(all)
  return {
    rows: { users: user.rows, items: item.rows },
    places: {
      users: user.places,
      positives: item.places.slice(0, ends[0]),
      negatives: item.places.slice(ends[0], ends[1]),
      others: item.places.slice(ends[1]),
    },
  }
}

function distinct(indices: Int32Array): { readonly rows: Int32Array; readonly places: Int32Array } {
  const sorted = indices.slice().sort()
  let count = 0
  for (let at = 0; at < sorted.length; at++) {
    if (at === 0 || sorted[at] !== sorted[at - 1]) sorted[count++] = sorted[at]
  }
  const rows = sorted.slice(0, count)
  const placeOf = new Map<number, number>()
  for (let place = 0; place < count; place++) placeOf.set(rows[place], place)
  return { rows, places: indices.map((index) => placeOf.get(index) as number) }
}
