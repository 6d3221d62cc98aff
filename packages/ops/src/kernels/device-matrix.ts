import type { SparseMatrix } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import { isLive } from '../backends/is-live.js'
import { heldIndices } from './held-indices.js'
import type { DeviceMatrix } from './kernel-interface.js'
import { activeKernels } from './op-kernels.js'

const cache = new WeakMap<SparseMatrix, Map<string, DeviceMatrix>>()

/**
 * Returns the matrix as tensors of the active backend. They are made at the first use and kept until the
 * matrix is disposed of.
 *
 * @throws BackendUnavailableError when the active backend has no graph kernels
 */
export function deviceMatrix(matrix: SparseMatrix): DeviceMatrix {
  const kernels = activeKernels()
  const backend = tf.getBackend()
  let byBackend = cache.get(matrix)
  if (!byBackend) {
    byBackend = new Map()
    cache.set(matrix, byBackend)
  }
  const known = byBackend.get(backend)
  if (known && isLive(known.values)) return known
  const pattern = [heldIndices(matrix.rowPointers), heldIndices(matrix.columnIndices)] as const
  const made: DeviceMatrix = {
    rows: matrix.rows,
    rowPointers: pattern[0].tensor,
    columnIndices: pattern[1].tensor,
    values: tf.keep(tf.tensor1d(matrix.values, 'float32')),
  }
  byBackend.set(backend, made)
  const owner = tf.backend()
  matrix.onDispose(() => {
    kernels.releaseMatrix?.(owner, made)
    for (const held of pattern) held.release()
    made.values.dispose()
    const tensors = cache.get(matrix)
    if (tensors?.get(backend) === made) tensors.delete(backend)
  })
  return made
}
