import type { TensorInfo } from '@tensorflow/tfjs-core'
import { rowGrain } from '../../kernels.js'
import { type FastPath, isFloat } from './kernel-context.js'

/** Product of two matrices, each possibly transposed: [1, m, k] × [1, k, n]. */
export const batchMatMul: FastPath = ({ backend, inputs, attributes }) => {
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo }
  const { transposeA, transposeB } = attributes as { transposeA: boolean; transposeB: boolean }
  const isMatrix = (x: TensorInfo) => isFloat(x) && x.shape.slice(0, -2).every((size) => size === 1)
  if (!isMatrix(a) || !isMatrix(b) || a.shape.length < 2 || b.shape.length < 2) return undefined
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number]
  const [bRows, bColumns] = b.shape.slice(-2) as [number, number]
  const [rows, inner] = transposeA ? [aColumns, aRows] : [aRows, aColumns]
  const [bInner, columns] = transposeB ? [bColumns, bRows] : [bRows, bColumns]
  // A mismatch gets the inherited kernel's error message.
  if (inner !== bInner || inner === 0) return undefined
  const { runtime } = backend
  const [left, right] = [backend.pointer(a), backend.pointer(b)]
  const panels = Math.ceil(columns / 8)
  const packed = runtime.allocate(panels * 8 * inner * 4)
  try {
    const leading = (a.shape.length > b.shape.length ? a : b).shape.slice(0, -2)
    const out = backend.allocate([...leading, rows, columns])
    const [rowStride, innerStride] = transposeA ? [1, rows] : [inner, 1]
    runtime.run(
      'packPanels',
      panels,
      rowGrain(8 * inner),
      right,
      inner,
      columns,
      transposeB ? 1 : 0,
      packed,
    )
    const target = backend.pointer(out)
    runtime.run(
      ...(['matmulPacked', rows, rowGrain(inner * panels)] as const),
      ...([left, rowStride, innerStride, packed, inner, columns, target] as const),
    )
    return out
  } finally {
    runtime.free(packed)
  }
}
