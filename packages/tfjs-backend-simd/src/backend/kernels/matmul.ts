import { elementGrain, rowGrain } from '@gnnrec/graph/kernels'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { SimdBackend } from '../simd-backend.js'
import { type FastPath, isFloat } from './kernel-context.js'

/** The rows of a block of {@link outerSum}; the same number is in `assembly/matmul.ts`. */
const innerBlock = 2048

/** Multiplies two matrices, each possibly transposed: [1, m, k] × [1, k, n]. */
export const batchMatMul: FastPath = ({ backend, inputs, attributes }) => {
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo }
  const { transposeA, transposeB } = attributes as { transposeA: boolean; transposeB: boolean }
  const isMatrix = (x: TensorInfo) => isFloat(x) && x.shape.slice(0, -2).every((size) => size === 1)
  if (!isMatrix(a) || !isMatrix(b) || a.shape.length < 2 || b.shape.length < 2) return undefined
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number]
  const [bRows, bColumns] = b.shape.slice(-2) as [number, number]
  const [rows, inner] = transposeA ? [aColumns, aRows] : [aRows, aColumns]
  const [bInner, columns] = transposeB ? [bColumns, bRows] : [bRows, bColumns]
  // The inherited kernel has an error message for shapes that do not fit.
  if (inner !== bInner || inner === 0) return undefined
  const leading = (a.shape.length > b.shape.length ? a : b).shape.slice(0, -2)
  if (transposeA && !transposeB && inner > innerBlock) {
    return outerSum(backend, [a, b], [...leading, rows, columns])
  }
  const { runtime } = backend
  const [left, right] = [backend.pointer(a), backend.pointer(b)]
  const panels = Math.ceil(columns / 8)
  const packed = runtime.allocate(panels * 8 * inner * 4)
  // A is transposed first. Read down its columns, it would come from memory once for every panel of B.
  const byRows = transposeA ? runtime.allocate(rows * inner * 4) : undefined
  try {
    const out = backend.allocate([...leading, rows, columns])
    if (byRows !== undefined) {
      runtime.run('transpose', rows, rowGrain(inner), left, rows, inner, byRows)
    }
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
      'matmulPacked',
      rows,
      rowGrain(inner * panels),
      byRows ?? left,
      packed,
      inner,
      columns,
      target,
    )
    return out
  } finally {
    runtime.free(packed)
    if (byRows !== undefined) runtime.free(byRows)
  }
}

/**
 * Computes Aᵀ B of two tall matrices, as in gradients of weights: the sum of the outer products of their
 * rows, in blocks that stay in a cache.
 */
function outerSum(
  backend: SimdBackend,
  [a, b]: readonly [TensorInfo, TensorInfo],
  shape: readonly number[],
): TensorInfo {
  const { runtime } = backend
  const inner = a.shape.at(-2) as number
  const [rows, columns] = shape.slice(-2) as [number, number]
  const [left, right] = [backend.pointer(a), backend.pointer(b)]
  const size = rows * columns
  const blocks = Math.ceil(inner / innerBlock)
  const partials = runtime.allocate(blocks * size * 4)
  try {
    runtime.run('blockOuterSum', blocks, 1, left, right, inner, rows, columns, partials)
    const out = backend.allocate(shape)
    const sum = backend.pointer(out)
    for (let block = 1; block < blocks; block++) {
      const before = block === 1 ? partials : sum
      runtime.run('add', size, elementGrain, before, partials + 4 * block * size, sum)
    }
    return out
  } finally {
    runtime.free(partials)
  }
}
