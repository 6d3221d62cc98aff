import type { KernelBackend, Tensor1D, TensorInfo } from '@tensorflow/tfjs-core'
import { checkIndices } from '../checks.js'
import type { OpKernels } from '../kernels/kernel-interface.js'
import type { Nodes, Scratch } from './bipartite-operator.js'

/** Indices of some users and some items, which may be repeated. */
export interface NodeRows {
  /** Indices of users, int32. */
  readonly users: Tensor1D
  /** Indices of items, int32. */
  readonly items: Tensor1D
}

/** The arguments of a {@link Scratch.step}. */
interface Step {
  readonly x: Nodes
  readonly scale: number
  readonly base: Nodes
  readonly baseScale: number
}

/**
 * Computes rows of one more step, to the same bytes as {@link Scratch.step} and a gather. Each node among
 * the rows is computed once, and no other node is.
 *
 * @throws InvalidOptionsError when an index is out of range
 */
export function stepOfRows(
  scratch: Scratch,
  kernels: OpKernels,
  backend: KernelBackend,
  { x, scale, base, baseScale }: Step,
  rows: Nodes,
): Nodes {
  const { step, track } = scratch
  const side = (indices: TensorInfo, count: number) => {
    const distinct = distinctRows(backend.readSync(indices.dataId) as Int32Array, count)
    return {
      isAll: distinct.rows.length === distinct.places.length,
      rows: track(int32(backend, distinct.rows)),
      places: track(int32(backend, distinct.places)),
    }
  }
  const users = side(rows.users, base.users.shape[0] as number)
  const items = side(rows.items, base.items.shape[0] as number)
  const result = step(x, scale, base, baseScale, { rows: { users: users.rows, items: items.rows } })
  return {
    users: users.isAll
      ? result.users
      : track(kernels.gatherRows(backend, result.users, users.places)),
    items: items.isAll
      ? result.items
      : track(kernels.gatherRows(backend, result.items, items.places)),
  }
}

/** The numbers of users and items. */
export interface NodeCounts {
  readonly users: number
  readonly items: number
}

/** Adds `values` [k, d] to the rows `rows` [k] of tables of zeros: the gradient of a gather. */
export function scatterRows(
  { track }: Scratch,
  kernels: OpKernels,
  backend: KernelBackend,
  values: Nodes,
  { rows, counts }: { readonly rows: Nodes; readonly counts: NodeCounts },
): Nodes {
  const table = (side: keyof Nodes) =>
    track(kernels.scatterAddRows(backend, values[side], rows[side], counts[side]))
  return { users: table('users'), items: table('items') }
}

/** The share of marked rows above which looking at a flag for each entry costs more than it saves. */
const markedShare = 0.25

/** Returns a 1 for each node among the rows and a 0 for others; nothing for a side where it does not pay. */
export function markRows(
  { track }: Scratch,
  backend: KernelBackend,
  rows: Nodes,
  counts: NodeCounts,
): Partial<Nodes> {
  const flags = (side: keyof Nodes) => {
    const marked = new Int32Array(counts[side])
    let count = 0
    for (const index of backend.readSync(rows[side].dataId) as Int32Array) {
      count += 1 - marked[index]
      marked[index] = 1
    }
    return count > markedShare * counts[side] ? {} : { [side]: track(int32(backend, marked)) }
  }
  return { ...flags('users'), ...flags('items') }
}

/** Returns the distinct indices, and for each index its place among them. */
function distinctRows(
  indices: Int32Array,
  count: number,
): { readonly rows: Int32Array; readonly places: Int32Array } {
  checkIndices(indices, count)
  const placeOf = new Int32Array(count).fill(-1)
  const rows = new Int32Array(indices.length)
  const places = new Int32Array(indices.length)
  let found = 0
  for (const [at, index] of indices.entries()) {
    if (placeOf[index] < 0) {
      placeOf[index] = found
      rows[found++] = index
    }
    places[at] = placeOf[index]
  }
  return { rows: rows.slice(0, found), places }
}

function int32(backend: KernelBackend, values: Int32Array): TensorInfo {
  const shape = [values.length]
  return { dataId: backend.write(values, shape, 'int32'), shape, dtype: 'int32' }
}
