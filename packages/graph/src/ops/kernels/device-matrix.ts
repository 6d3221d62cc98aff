import * as tf from '@tensorflow/tfjs-core'
import type { SparseMatrix } from '../../sparse-matrix.js'
import type { DeviceMatrix } from './kernel-interface.js'
import { activeKernels } from './op-kernels.js'

const cache = new WeakMap<SparseMatrix, Map<string, DeviceMatrix>>()

/**
 * The matrix as tensors of the active backend: made at the first use, kept until the matrix is
 * disposed of.
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
  if (known) return known
  const made: DeviceMatrix = {
    rows: matrix.rows,
    rowPointers: tf.keep(tf.tensor1d(matrix.rowPointers, 'int32')),
    columnIndices: tf.keep(tf.tensor1d(matrix.columnIndices, 'int32')),
    values: tf.keep(tf.tensor1d(matrix.values, 'float32')),
  }
  byBackend.set(backend, made)
  const owner = tf.backend()
  matrix.onDispose(() => {
    kernels.releaseMatrix?.(owner, made)
    tf.dispose([made.rowPointers, made.columnIndices, made.values])
    cache.get(matrix)?.delete(backend)
  })
  return made
}
