import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { SimdBackend } from '../simd-backend.js'
import { sizeOf } from './kernel-context.js'

/** Sums rows of `x` [k, ...] into `rows` rows by `indices` [k], in ascending k. */
export function scatterAddRows(
  backend: SimdBackend,
  x: TensorInfo,
  indices: TensorInfo,
  rows: number,
): TensorInfo {
  const count = sizeOf(indices)
  const columns = sizeOf({ ...x, shape: x.shape.slice(1) })
  const [source, segments] = [backend.pointer(x), backend.pointer(indices)]
  const out = backend.allocate([rows, ...x.shape.slice(1)])
  // Each chunk reads all indices, so there are few chunks: about four for each thread.
  const grain = Math.max(256, Math.ceil(rows / (4 * backend.runtime.threads)))
  backend.runtime.run(
    'scatterAddRows',
    rows,
    grain,
    source,
    segments,
    count,
    backend.pointer(out),
    columns,
  )
  backend.noteFilledRows(out, indices)
  return out
}
